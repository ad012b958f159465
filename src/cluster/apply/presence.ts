import { keyOf, type Ref, refOf } from "../objects/kube-object.ts";
import { type Origin, originOf } from "../objects/managers.ts";
import type { Client } from "../transport/client.ts";
import type { Discovery } from "../transport/discovery.ts";
import { readLive } from "../transport/live-objects.ts";
import { INVENTORY } from "./inventory.ts";

/** An object of an environment that is in the cluster, whatever brought it there. */
export interface Found {
  readonly ref: Ref;
  readonly origin: Origin;
}

/** What carries the project's labels in an environment's namespaces. */
export interface Presence {
  /** What the manifests name. */
  readonly objects: readonly Found[];
  /** What they do not name: of another version of the manifests, or copied labels. */
  readonly others: readonly Found[];
}

/**
 * Looks in the cluster for the objects of the manifests, by their labels: also those that no run of this program applied.
 *
 * @param wanted the manifests' objects
 */
export async function presence(client: Client, discovery: Discovery, wanted: readonly Ref[]): Promise<Presence> {
  const live = await readLive(client, discovery, wanted, "metadata");
  // What another object owns goes with that one.
  const found = [...live.values()]
    .filter(({ metadata }) => !metadata.ownerReferences?.length)
    .map((object): Found => ({ ref: refOf(object), origin: originOf(object) }));
  const keys = new Set(wanted.map(keyOf));
  const own = new Set(wanted.filter(({ kind }) => kind === "Namespace").map(({ name }) => name));
  return {
    objects: found.filter(({ ref }) => keys.has(keyOf(ref))),
    others: found.filter(({ ref }) => !keys.has(keyOf(ref)) && own.has(ref.namespace ?? "") && ref.name !== INVENTORY),
  };
}

/** How many objects came by each way, without those that this program applied. */
export function countsOf(objects: readonly Found[]): Map<Exclude<Origin, "cloudnova">, number> {
  const counts = new Map<Exclude<Origin, "cloudnova">, number>();
  for (const { origin } of objects) if (origin !== "cloudnova") counts.set(origin, (counts.get(origin) ?? 0) + 1);
  return counts;
}
