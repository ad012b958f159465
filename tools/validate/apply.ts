import type { ApiClient, Answer } from '../apiserver/client.ts';
import type { Manifest } from '../common/manifests.ts';
import { type Problem, problemWith, type StepName } from './report.ts';

/** The name under which CloudNova owns the fields that it sets. */
export const FIELD_MANAGER = 'cloudnova';

/** Resource versions, by the objects' places in the list; undefined where there is no such object. */
export type Versions = readonly (string | undefined)[];

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
 */
export async function applyAll(client: ApiClient, manifests: readonly Manifest[], step: StepName, { dryRun = false } = {}): Promise<Applied> {
  const problems: Problem[] = [];
  const versions: (string | undefined)[] = [];
  for (const manifest of manifests) {
    const { apiVersion, kind, metadata } = manifest.object;
    const path = await client.pathOf(apiVersion, kind, metadata.name, metadata.namespace);
    if (!path) {
      problems.push(problemWith(step, manifest, `the API server knows no ${kind} in ${apiVersion}; a custom resource needs its definition in crds/`));
      versions.push(undefined);
      continue;
    }
    const query = `fieldManager=${FIELD_MANAGER}&fieldValidation=Strict${dryRun ? '&dryRun=All' : ''}`;
    const answer = await client.call('PATCH', `${path}?${query}`, manifest.object, 'application/apply-patch+yaml');
    for (const message of objections(answer)) problems.push(problemWith(step, manifest, message));
    versions.push(answer.status < 300 ? answer.body.metadata?.resourceVersion : undefined);
  }
  return { versions, problems };
}

/** The resource versions that the server holds now. */
export async function versionsOf(client: ApiClient, manifests: readonly Manifest[]): Promise<Versions> {
  const versions: (string | undefined)[] = [];
  for (const { object } of manifests) {
    const path = await client.pathOf(object.apiVersion, object.kind, object.metadata.name, object.metadata.namespace);
    versions.push(path && (await client.call('GET', path)).body?.metadata?.resourceVersion);
  }
  return versions;
}

/** Problems with the objects that a second apply changed although nothing was to be changed. */
export function changedAgain(step: StepName, manifests: readonly Manifest[], before: Versions, after: Versions): Problem[] {
  return manifests.flatMap((manifest, index) => {
    const [first, second] = [before[index], after[index]];
    if (first === undefined || second === undefined) return [problemWith(step, manifest, 'is not there after it was applied')];
    return first === second ? [] : [problemWith(step, manifest, `a second apply changed it: resourceVersion ${first} became ${second}`)];
  });
}
