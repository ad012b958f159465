import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import { type KubeObject, keyOf, type Ref, refOf } from "../objects/kube-object.ts";
import type { Source } from "../objects/manifests.ts";
import type { Client } from "../transport/client.ts";
import type { Discovery } from "../transport/discovery.ts";
import { readLive } from "../transport/live-objects.ts";
import { type Inventory, type Recorded, removedRefs, settled } from "./inventory.ts";
import { otherEnvironment, readInventory } from "./inventory-store.ts";

/** The plan of an apply. */
export interface Plan {
  readonly inventory?: Inventory;
  /** What is in the cluster of all that is to be applied, by key. */
  readonly live: ReadonlyMap<string, KubeObject>;
  /** Proved to be as the manifests say. */
  readonly settled: readonly Recorded[];
  /** To be applied, in the manifests' order. */
  readonly pending: readonly KubeObject[];
  /** Recorded, and not in the manifests any more; what was kept before is not among them. */
  readonly removed: readonly Recorded[];
  /** Left the manifests earlier, and stays for its data. */
  readonly kept: readonly Recorded[];
}

export interface PlanOptions {
  readonly environment: string;
  /** Replace another environment in the same namespace. */
  readonly adopt: boolean;
  /** Send every object, also those that the inventory proves unchanged. */
  readonly full: boolean;
}

/**
 * Compares manifests, record and cluster. Where the manifests are those that were applied last, the record proves what needs
 * no request; that is nearly always nearly everything.
 */
export async function plan(client: Client, discovery: Discovery, source: Source, options: PlanOptions): Promise<Plan> {
  const inventory = await readInventory(client, source.namespace);
  const other = otherEnvironment(inventory, options.environment);
  if (other && !options.adopt) {
    throw new ClusterError(words.otherEnvironment(source.namespace, other, options.environment), words.adopt(other));
  }
  const recorded = inventory?.objects ?? [];
  if (inventory && inventory.digest === source.digest && inventory.environment === options.environment && !options.full) {
    const wanted = recorded.filter(({ kept }) => !kept);
    const good = settled(wanted, await readLive(client, discovery, wanted, "metadata"));
    const proved = new Set(good.map(keyOf));
    const pending = good.length === wanted.length ? [] : source.objects().filter((object) => !proved.has(keyOf(refOf(object))));
    const live = await readLive(client, discovery, pending.map(refOf), "full");
    return { inventory, live, settled: good, pending, removed: [], kept: recorded.filter(({ kept }) => kept) };
  }
  const pending = source.objects();
  const wanted: readonly Ref[] = pending.map(refOf);
  const gone = removedRefs(recorded, wanted);
  return {
    inventory,
    live: await readLive(client, discovery, wanted, "full"),
    settled: [],
    pending,
    removed: gone.filter(({ kept }) => !kept),
    kept: gone.filter(({ kept }) => kept),
  };
}

/** Whether the cluster is as the manifests say. */
export const isIdle = ({ pending, removed: gone }: Plan): boolean => pending.length === 0 && gone.length === 0;
