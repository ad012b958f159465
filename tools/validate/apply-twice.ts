import type { Answer, ApiClient } from "../apiserver/client.ts";
import type { Manifest } from "../common/manifests.ts";
import { type Problem, problemWith, type StepName } from "./validation-report.ts";

/** The name under which CloudNova owns the fields that it sets. */
const FIELD_MANAGER = "cloudnova";

/** Resource versions, by the objects' places in the list; undefined where there is no such object. */
type Versions = readonly (string | undefined)[];

/** What became of the objects. */
export interface Applied {
  readonly versions: Versions;
  readonly problems: readonly Problem[];
}

/** What the server's answer objects to: a refusal, and every warning, since a clean manifest causes none. */
export function objections(answer: Answer): string[] {
  const refusal = answer.status >= 300 ? [answer.body?.message ?? `status ${answer.status}: ${JSON.stringify(answer.body)}`] : [];
  return [...refusal, ...answer.warnings.map((warning) => `warning: ${warning}`)];
}

/**
 * Applies objects one after the other by server-side apply with strict field validation. Goes on after a refusal,
 * so that one run shows all problems.
 *
 * @param dryRun the server does everything but keep the object
 * @param manager under which name the fields are set
 */
export async function applyAll(
  client: ApiClient,
  manifests: readonly Manifest[],
  step: StepName,
  { dryRun = false, manager = FIELD_MANAGER } = {},
): Promise<Applied> {
  const problems: Problem[] = [];
  const versions: (string | undefined)[] = [];
  for (const manifest of manifests) {
    const { apiVersion, kind, metadata } = manifest.object;
    const path = await client.pathOf(apiVersion, kind, metadata.name, metadata.namespace);
    if (!path) {
      problems.push(
        problemWith(step, manifest, `the API server knows no ${kind} in ${apiVersion}; a custom resource needs its definition in crds/`),
      );
      versions.push(undefined);
      continue;
    }
    const query = `fieldManager=${manager}&fieldValidation=Strict${dryRun ? "&dryRun=All" : ""}`;
    const answer = await client.call("PATCH", `${path}?${query}`, manifest.object, "application/apply-patch+yaml");
    for (const message of objections(answer)) problems.push(problemWith(step, manifest, message));
    versions.push(answer.status < 300 ? answer.body.metadata?.resourceVersion : undefined);
  }
  return { versions, problems };
}

/** The objects as the server holds them now, by their places in the list; undefined where there is none. */
export async function objectsHeld(client: ApiClient, manifests: readonly Manifest[]): Promise<unknown[]> {
  const held: unknown[] = [];
  for (const { object } of manifests) {
    const path = await client.pathOf(object.apiVersion, object.kind, object.metadata.name, object.metadata.namespace);
    const answer = path ? await client.call("GET", path) : undefined;
    held.push(answer?.status === 200 ? answer.body : undefined);
  }
  return held;
}

const VERSION = "metadata.resourceVersion"; // the server raises it with every write, so it comes with all other changes

/**
 * Problems with the objects that another apply changed although nothing was to be changed.
 *
 * @param strict a write that changes nothing but the resource version counts too. Not for the first repetition:
 *   kube-apiserver 1.34.2 writes every PersistentVolumeClaim once more then, with the same content, and never again.
 */
export function changedAgain(
  step: StepName,
  manifests: readonly Manifest[],
  before: readonly unknown[],
  after: readonly unknown[],
  strict = false,
): Problem[] {
  return manifests.flatMap((manifest, index) => {
    const [first, second] = [before[index], after[index]];
    if (first === undefined || second === undefined) return [problemWith(step, manifest, "is not there after it was applied")];
    const paths = changedPaths(first, second).filter((path) => strict || path !== VERSION);
    return paths.length === 0 ? [] : [problemWith(step, manifest, `applying it again changed ${paths.join(", ")}`)];
  });
}

/** The paths of the leaves that differ between two JSON values, in the first one's order. */
export function changedPaths(before: unknown, after: unknown, path = ""): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isBranch(before) || !isBranch(after)) return [path];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changedPaths(before[key], after[key], path ? `${path}.${key}` : key));
}

const isBranch = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
