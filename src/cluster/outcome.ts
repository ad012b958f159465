import { createHash } from "node:crypto";
import type { KubeObject, ManagedFields } from "./objects.ts";

/** The name under which we own fields. */
export const MANAGER = "cloudnova";
/** The name under which a drill owns what it changes; whatever has an owner of that name is to be restored. */
export const DRILL_MANAGER = "cloudnova-drill";

/** Our entry in the server's book-keeping. */
export function ownEntry({ metadata }: Pick<KubeObject, "metadata">): ManagedFields | undefined {
  return metadata.managedFields?.find(
    ({ manager, operation, subresource }) => manager === MANAGER && operation === "Apply" && !subresource,
  );
}

/** The server's times have whole seconds, so two changes within one cannot be told apart by them. */
const RESOLUTION_MS = 2000;

/**
 * Whether an apply changed an object. Its resource version alone does not tell: controllers write status in between.
 * The server renews the time of our entry only when our apply changed something.
 *
 * @param now the server's clock, when it answered
 */
export function changed(before: KubeObject, after: KubeObject, now: Date): boolean {
  if (before.metadata.resourceVersion === after.metadata.resourceVersion) return false;
  if (before.metadata.uid !== after.metadata.uid) return true;
  const [then, entry] = [ownEntry(before), ownEntry(after)];
  if (!then || !entry || then.time !== entry.time) return true;
  if (JSON.stringify(then.fieldsV1) !== JSON.stringify(entry.fieldsV1)) return true;
  return now.getTime() - Date.parse(entry.time ?? "") < RESOLUTION_MS;
}

/**
 * Stands for what we own of an object. The server takes a field out of our entry as soon as anybody else changes or removes it,
 * by whatever way: an unchanged entry proves that every field that we set still has the value that we gave it.
 * Undefined when we own nothing of it.
 */
export function fingerprint(live: Pick<KubeObject, "metadata">): string | undefined {
  const entry = ownEntry(live);
  if (!entry || live.metadata.deletionTimestamp) return undefined;
  const proof = JSON.stringify([live.metadata.uid, entry.time, entry.fieldsV1]);
  return createHash("sha256").update(proof).digest("base64url").slice(0, 22);
}
