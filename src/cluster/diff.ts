import { createHash } from "node:crypto";
import { dump } from "js-yaml";
import { cluster as words } from "../messages/cluster.ts";
import { patchOf } from "./apply.ts";
import type { Client } from "./client.ts";
import { concurrently } from "./concurrently.ts";
import { WIDTH } from "./connection.ts";
import type { Discovery } from "./discovery.ts";
import { isKept } from "./inventory.ts";
import type { Source } from "./manifests.ts";
import { type KubeObject, keyOf, nameOf, type Ref, refOf } from "./objects.ts";
import { plan } from "./plan.ts";
import { fateOf, placeOf } from "./prune.ts";
import { explainRefusal } from "./refusal.ts";
import { compareLines, hunks } from "./text-diff.ts";

/** What an apply would do to one object. */
export interface Difference {
  readonly ref: Ref;
  readonly outcome: "created" | "changed" | "pruned" | "kept" | "conflict" | "refused";
  /** The lines that differ, as `diff -u` writes them. */
  readonly lines: readonly string[];
  readonly message?: string;
  readonly advice?: string;
}

/** Whether an apply would do something about it, or fail to. */
export const isDifference = ({ outcome }: Difference): boolean => outcome !== "kept";

export interface DiffOptions {
  readonly environment: string;
  readonly force: boolean;
  readonly adopt: boolean;
  readonly full: boolean;
}

/** Asks the server what an apply would change, without changing it. Objects that stay as they are, are not among the answers. */
export async function diff(client: Client, discovery: Discovery, source: Source, options: DiffOptions): Promise<Difference[]> {
  const { live, pending, departed, kept } = await plan(client, discovery, source, options);
  const ours = new Set(pending.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name));
  const found = await concurrently(pending, WIDTH, (object) => compare(client, discovery, object, live, ours, options.force));
  for (const ref of departed) {
    const { fate } = await fateOf(client, await placeOf(discovery, ref), ref, true);
    if (fate === "delete") found.push({ ref, outcome: "pruned", lines: [] });
    else if (fate !== "gone") found.push({ ref, outcome: "kept", lines: [], message: fate.keep });
  }
  found.push(...kept.filter(isKept).map((ref): Difference => ({ ref, outcome: "kept", lines: [], message: words.holdsData })));
  return found.filter((one) => one !== undefined);
}

async function compare(
  client: Client,
  discovery: Discovery,
  object: KubeObject,
  live: ReadonlyMap<string, KubeObject>,
  namespaces: ReadonlySet<string>,
  force: boolean,
): Promise<Difference | undefined> {
  const ref = refOf(object);
  const request = await patchOf(discovery, object, { force, dryRun: true });
  const { status, body } = await client.send(request);
  // A dry run creates no namespace, so nothing can be tried in one that is not there yet.
  const missing = status === 404 && body?.details?.kind === "namespaces" && namespaces.has(ref.namespace ?? "");
  if (missing || status === 201) return { ref, outcome: "created", lines: render([], object) };
  if (status === 401) client.expect({ status, body, warnings: [] }, nameOf(ref));
  if (status >= 400) return { ref, lines: [], ...explainRefusal(status, body, ref, client.connection.context) };
  const before = live.get(keyOf(ref)) ?? (await client.find(request.path.split("?")[0] ?? "", nameOf(ref)));
  const lines = before ? render(yamlLines(before), body) : render([], body);
  return lines.length > 0 ? { ref, outcome: "changed", lines } : undefined;
}

/** The server's own book-keeping, which differs by every request and says nothing about what is wanted. */
const NOISE = ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/** An object as it is compared: without the server's book-keeping, and without anything that is secret. */
export function comparable({ status: _, ...object }: KubeObject): object {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !NOISE.includes(key)));
  const { apiVersion, kind, ...rest } = object;
  const plain = { apiVersion, kind, ...rest, metadata };
  return kind === "Secret" ? { ...plain, ...masked(object, "data"), ...masked(object, "stringData") } : plain;
}

/** A change of a secret value can be seen, the value cannot. */
function masked(object: Omit<KubeObject, "status">, field: "data" | "stringData"): object {
  const values = object[field] as Record<string, string> | undefined;
  if (!values) return {};
  const hide = (text: string) => `(hidden, ${createHash("sha256").update(text).digest("hex").slice(0, 8)})`;
  return { [field]: Object.fromEntries(Object.entries(values).map(([key, text]) => [key, hide(text)])) };
}

/** An object as lines of YAML; keys sorted, for the server and a manifest order them differently. */
function yamlLines(object: KubeObject): string[] {
  return dump(comparable(object), { sortKeys: true, lineWidth: -1, noRefs: true }).trimEnd().split("\n");
}

function render(before: readonly string[], after: KubeObject): string[] {
  const lines = yamlLines(after);
  return before.join("\n") === lines.join("\n") ? [] : hunks(compareLines(before, lines));
}
