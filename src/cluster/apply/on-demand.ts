import { commands as words } from "../../messages/commands.ts";
import { ClusterError } from "../cluster-error.ts";
import { OPEN_MANAGER } from "../objects/managers.ts";
import type { Client } from "../transport/client.ts";

/** A StatefulSet that has no pod until someone asks for one. */
export interface OnDemand {
  readonly namespace: string;
  readonly name: string;
}

/** Sets how many pods a StatefulSet has, through its scale sub-resource and under a manager of its own, which an apply overrules. */
async function scale(client: Client, { namespace, name }: OnDemand, replicas: 0 | 1): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}/scale?fieldManager=${OPEN_MANAGER}`;
  const answer = await client.send({
    method: "PATCH",
    path,
    body: { spec: { replicas } },
    contentType: "application/merge-patch+json",
  });
  client.expect(answer, `StatefulSet ${name}`);
}

/**
 * Starts a pod that runs on demand, unless it runs.
 *
 * @returns what stops it again; nothing to stop where it was running before: whoever started it may still use it
 * @throws ClusterError when there is no such StatefulSet
 */
export async function startOnDemand(client: Client, target: OnDemand): Promise<() => Promise<void>> {
  const set = await client.find(`/apis/apps/v1/namespaces/${target.namespace}/statefulsets/${target.name}`, target.name);
  if (!set) throw new ClusterError(words.notApplied(target.name, target.namespace), words.applyFirst);
  if ((set.spec.replicas ?? 1) > 0) return async () => undefined;
  await scale(client, target, 1);
  // After Ctrl-C, so without the signal.
  return () => scale(client.withoutSignal(), target, 0);
}
