import { commands as words } from "../../messages/commands.ts";
import { ClusterError } from "../cluster-error.ts";
import { OPEN_MANAGER, REPLICAS_MANAGER } from "../objects/managers.ts";
import type { Client } from "../transport/client.ts";
import { pathOfScalable, type Scalable, setReplicas } from "../transport/replicas.ts";

/** A StatefulSet that has no pod until someone asks for one. */
export interface OnDemand {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Starts a pod that runs on demand, unless it runs.
 *
 * @returns what stops it again; nothing to stop where it was running before: whoever started it may still use it
 * @throws ClusterError when there is no such StatefulSet
 */
export async function startOnDemand(client: Client, target: OnDemand): Promise<() => Promise<void>> {
  const workload: Scalable = { kind: "StatefulSet", ...target };
  const set = await client.find(pathOfScalable(workload), target.name);
  if (!set) throw new ClusterError(words.notApplied(target.name, target.namespace), words.applyFirst);
  if ((set.spec.replicas ?? 1) > 0) return async () => undefined;
  await setReplicas(client, workload, 1, OPEN_MANAGER);
  // After Ctrl-C, so without the signal. Under another name: Argo CD must not leave it alone any longer.
  return () => setReplicas(client.withoutSignal(), workload, 0, REPLICAS_MANAGER);
}
