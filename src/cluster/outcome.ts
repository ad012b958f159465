import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { KubeObject, ManagedFields } from "./objects.ts";
import { ownedPart } from "./owned.ts";

/** The name under which we own fields. */
export const MANAGER = "cloudnova";
/** The name under which a drill owns what it changes; whatever has an owner of that name is to be restored. */
export const DRILL_MANAGER = "cloudnova-drill";
/** The field manager of `open` while it runs what runs on demand. An apply takes the field back. */
export const OPEN_MANAGER = "cloudnova-open";

/** Our entry in the server's book-keeping. */
export function ownEntry({ metadata }: Pick<KubeObject, "metadata">): ManagedFields | undefined {
  return metadata.managedFields?.find(
    ({ manager, operation, subresource }) => manager === MANAGER && operation === "Apply" && !subresource,
  );
}

/**
 * Whether an apply changed an object. Its resource version does not tell: controllers write status in between, and of some kinds
 * (volume claims) the server writes a new version at each apply. What tells are the fields that are ours, and their values.
 *
 * @param before the whole object as it was read before  @param after as the server answered
 */
export function changed(before: KubeObject, after: KubeObject): boolean {
  if (before.metadata.resourceVersion === after.metadata.resourceVersion) return false;
  if (before.metadata.uid !== after.metadata.uid) return true;
  const [then, fields] = [ownEntry(before)?.fieldsV1, ownEntry(after)?.fieldsV1];
  return !isDeepStrictEqual(then, fields) || !isDeepStrictEqual(ownedPart(before, fields), ownedPart(after, fields));
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
