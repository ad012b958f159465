import { cluster as words } from "../../messages/cluster.ts";
import { nameOf, type Ref } from "../objects/kube-object.ts";
import type { Client } from "../transport/client.ts";
import { collection, type Discovery } from "../transport/discovery.ts";
import type { Applied } from "./applied.ts";
import { isKept, keepReason } from "./inventory.ts";
import { explainRefusal } from "./refusal.ts";

/** What is done with an object of the inventory that is in the manifests no more. */
export type PruneDecision = "delete" | { readonly keep: string } | "gone";

/** Looks at a recorded object in the cluster. */
export async function pruneDecision(
  client: Client,
  path: string | undefined,
  ref: Ref,
  keepData: boolean,
): Promise<{ decision: PruneDecision; uid?: string }> {
  if (path === undefined) return { decision: "gone" }; // its kind is gone, and with it every object
  const live = await client.find(path, nameOf(ref));
  if (!live) return { decision: "gone" };
  if (keepData && isKept(ref)) return { decision: { keep: words.holdsData }, uid: live.metadata.uid };
  const reason = keepReason(live);
  return { decision: reason ? { keep: reason } : "delete", uid: live.metadata.uid };
}

/** Where a recorded object is; undefined when the server does not know its kind any more. */
export async function placeOf(discovery: Discovery, ref: Ref): Promise<string | undefined> {
  const resource = await discovery.find(ref);
  return resource && `${collection(ref, resource)}/${ref.name}`;
}

/** Deletes what left the manifests, one after the other in the order given; what may hold data stays. */
export async function prune(client: Client, discovery: Discovery, left: readonly Ref[]): Promise<Applied[]> {
  const results: Applied[] = [];
  for (const ref of left) {
    const path = await placeOf(discovery, ref);
    const { decision, uid } = await pruneDecision(client, path, ref, true);
    if (decision === "gone") continue;
    if (decision === "delete" && path) results.push(await remove(client, path, ref, uid, "pruned"));
    else if (typeof decision === "object") results.push({ ref, outcome: "kept", message: decision.keep });
  }
  return results;
}

/** Deletes the very object that was looked at, not one that took its name since. */
export async function remove<T extends string>(client: Client, path: string, ref: Ref, uid: string | undefined, done: T) {
  const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background", preconditions: { uid } };
  const answer = await client.send({ method: "DELETE", path, body });
  if (answer.status < 400 || answer.status === 404) return { ref, outcome: done };
  return { ref, ...explainRefusal(answer.status, answer.body, ref, client.connection.context) };
}
