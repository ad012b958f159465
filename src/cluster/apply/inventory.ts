import { cluster as words } from "../../messages/cluster.ts";
import { CLOUDNOVA_VERSION } from "../../versions.ts";
import { ClusterError } from "../cluster-error.ts";
import { type KubeObject, keyOf, type Ref } from "../objects/kube-object.ts";
import { fingerprint, ownEntry } from "../objects/managed-fields.ts";
import { originOf } from "../objects/managers.ts";

/**
 * The record, in the cluster, of what was applied for an environment. Labels alone would not do: two environments in one
 * cluster carry the same ones, and anyone can copy them. What is not in here is never deleted.
 */
export interface Inventory {
  readonly environment: string;
  /** Of the manifests that were applied last, in full; empty while an apply is under way. */
  readonly digest: string;
  readonly objects: readonly Recorded[];
}

/** An object that was applied. */
export interface Recorded extends Ref {
  /** What we owned of it then (`fingerprint`). */
  readonly proof?: string;
  /** It left the manifests, and stays because it may hold data. */
  readonly kept?: true;
}

/** Name of the ConfigMap that holds it, in the environment's namespace. */
export const INVENTORY = "cloudnova-inventory";

/** What is never deleted because it left the manifests: what holds data, and what holds everything else. */
const KEPT = new Set(["PersistentVolumeClaim", "Namespace"]);
export const isKept = ({ kind }: Pick<Ref, "kind">): boolean => KEPT.has(kind);

/** The inventory as the object that is stored; one reference a line, so that it reads well in `kubectl describe`. */
export function inventoryObject(namespace: string, { environment, digest, objects }: Inventory): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: INVENTORY,
      namespace,
      labels: {
        "app.kubernetes.io/name": INVENTORY,
        "app.kubernetes.io/part-of": "cloudnova",
        "app.kubernetes.io/managed-by": "cloudnova",
        "app.kubernetes.io/version": CLOUDNOVA_VERSION,
      },
    },
    data: { environment, digest, objects: objects.map((ref) => JSON.stringify(ref)).join("\n") },
  };
}

/** Reads it back. @throws ClusterError when its content was changed by hand */
export function parseInventory(object: KubeObject): Inventory {
  try {
    const lines = String(object.data.objects).split("\n").filter(Boolean);
    const objects = lines.map((line) => JSON.parse(line) as Recorded);
    const { environment, digest } = object.data;
    const broken = objects.some(({ kind, name, apiVersion }) => !kind || !name || !apiVersion);
    if (typeof environment !== "string" || broken) throw new Error("not as it was written");
    return { environment, digest: String(digest ?? ""), objects };
  } catch {
    const { namespace, name } = object.metadata;
    throw new ClusterError(words.brokenInventory(`${namespace}/${name}`), words.restoreInventory);
  }
}

/** The objects of both lists, each once; those of the first list first. */
export function union<T extends Ref>(one: readonly T[], other: readonly T[]): T[] {
  return [...new Map([...one, ...other].map((ref) => [keyOf(ref), ref])).values()];
}

/** The recorded objects that are not wanted any more, in the order in which they go: last applied first. */
export function removedRefs(recorded: readonly Recorded[], wanted: readonly Ref[]): Recorded[] {
  const keys = new Set(wanted.map(keyOf));
  return recorded.filter((ref) => !keys.has(keyOf(ref))).reverse();
}

/**
 * The recorded objects that are in the cluster exactly as they were applied: to apply them again would change nothing.
 * @param live what is there, by key
 */
export function settled(recorded: readonly Recorded[], live: ReadonlyMap<string, KubeObject>): Recorded[] {
  return recorded.filter((ref) => {
    const object = live.get(keyOf(ref));
    return ref.proof !== undefined && object !== undefined && fingerprint(object) === ref.proof;
  });
}

/** Whether `kubectl apply` brought an object of ours, with or without --server-side. */
const isApplied = (live: KubeObject): boolean => originOf(live) === "kubectl";

/** Why a recorded object must not be deleted after all; undefined when it may go. */
export function keepReason(live: KubeObject): string | undefined {
  if (!ownEntry(live) && !isApplied(live)) return words.madeAnew;
  if (live.metadata.ownerReferences?.length) return words.owned;
  return undefined;
}
