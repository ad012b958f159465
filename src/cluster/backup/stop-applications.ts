import { backup as words } from "../../messages/backup.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { BACKUP_MANAGER, REPLICAS_MANAGER } from "../objects/managers.ts";
import type { Client } from "../transport/client.ts";
import { pathOfScalable, setReplicas } from "../transport/replicas.ts";
import { until } from "../transport/until.ts";
import type { Stoppable, Unit } from "./units.ts";

async function podsOf(client: Client, namespace: string, name: string): Promise<KubeObject[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(`app.kubernetes.io/name=${name}`)}`;
  const pods: KubeObject[] = client.expect(await client.send({ path }), words.podsOf(name)).body.items ?? [];
  return pods.filter(({ status }) => !["Succeeded", "Failed"].includes(status?.phase));
}

const POLL_MS = 500;
/** Beside the time that a pod may take to end, ms. */
const MORE_MS = 60_000;
/** How long an application may take until it is ready again, ms: no longer is waited for, and the message says so. */
const READY_MS = 300_000;

/**
 * Stops the applications of a unit: no pod of theirs is left when this is done.
 *
 * @param stopped is filled with what has to be started again, also when this fails halfway
 * @throws ClusterError when a pod does not end, Interrupted
 */
export async function stopApplications(client: Client, { name: namespace, applications }: Unit, stopped: Stoppable[]): Promise<void> {
  for (const { kind, name, replicas } of applications) {
    const found = await client.find(pathOfScalable({ kind, namespace, name }), `${kind} ${name}`);
    if (!found) continue;
    // None: a restore that was cut off has stopped it, so the manifests say how many it has.
    stopped.push({ kind, name, replicas: found.spec.replicas || replicas });
    await setReplicas(client, { kind, namespace, name }, 0, BACKUP_MANAGER);
    const seconds = found.spec.template.spec.terminationGracePeriodSeconds ?? 30;
    await until(async () => ((await podsOf(client, namespace, name)).length === 0 ? true : undefined), {
      limitMs: seconds * 1000 + MORE_MS,
      everyMs: POLL_MS,
      signal: client.signal,
      late: () => {
        throw new ClusterError(words.podsStay(name), words.seeStatus());
      },
    });
  }
}

/** Starts them again, also after Ctrl-C. @returns the name of one that is not ready */
export async function startApplications(
  client: Client,
  { name: namespace }: Pick<Unit, "name">,
  stopped: readonly Stoppable[],
): Promise<string | undefined> {
  const quiet = client.withoutSignal();
  // Under another name than they were stopped: Argo CD must not leave their replicas alone any longer.
  for (const { kind, name, replicas } of stopped) await setReplicas(quiet, { kind, namespace, name }, replicas, REPLICAS_MANAGER);
  const ready = async ({ kind, name, replicas }: Stoppable) => {
    if (replicas === 0) return true; // it runs on demand
    const found = await quiet.find(pathOfScalable({ kind, namespace, name }), `${kind} ${name}`);
    return (found?.status?.availableReplicas ?? 0) > 0 ? true : undefined;
  };
  for (const one of stopped) {
    if (!(await until(() => ready(one), { limitMs: READY_MS, everyMs: POLL_MS, late: () => false }))) return one.name;
  }
  return undefined;
}
