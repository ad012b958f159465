import { machine as say } from "../../messages/machine.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Client } from "../transport/client.ts";
import { until } from "../transport/until.ts";

/** The objects by which we see whether the API server's view of the cluster is current. */
export interface Held {
  readonly nodes: readonly KubeObject[];
  /** The nodes' Leases: each kubelet renews its own every ten seconds. */
  readonly leases: readonly KubeObject[];
  /** CoreDNS' pods and those of the environment. */
  readonly pods: readonly KubeObject[];
}

/**
 * What the API server still holds from before the nodes were started, in words; undefined when all of it is of now. After a stop of
 * the machine every object says what it said before: nodes Ready, pods running.
 *
 * @param since when the nodes were started, ms since 1970
 */
export function staleSince({ nodes, leases, pods }: Held, since: number): string | undefined {
  const fresh = (time: string | undefined) => time !== undefined && Date.parse(time) >= Math.floor(since / 1000) * 1000; // the API's times are whole seconds
  const silent = nodes.find(({ metadata: { name } }) => !fresh(leases.find((one) => one.metadata.name === name)?.spec?.renewTime));
  if (nodes.length === 0 || silent) return say.kubeletSilent(silent?.metadata.name ?? "");
  const ready = nodes.map(({ status }) => (status?.conditions as Condition[] | undefined)?.find(({ type }) => type === "Ready"));
  // Of several nodes only one may have been started, and a kubelet that goes on reports its state every five minutes.
  if (!ready.some((one) => fresh(one?.lastHeartbeatTime))) return say.kubeletSilent(nodes[0]?.metadata.name ?? "");
  const late = ready.findIndex((one) => one?.status !== "True");
  if (late >= 0) return say.nodeNotReady(nodes[late]?.metadata.name ?? "", ready[late]?.message ?? "");
  // Pods of nodes that were not stopped are older, and run.
  const old = nodes.length === 1 ? pods.find((pod) => startsOf(pod).some((time) => !fresh(time))) : undefined;
  return old && say.podFromBefore(old.metadata.name);
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
  readonly lastHeartbeatTime?: string;
}

/** When the containers that are said to run were started. */
const startsOf = ({ status }: KubeObject): string[] =>
  ((status?.containerStatuses ?? []) as { state?: { running?: { startedAt?: string } } }[]).flatMap(
    ({ state }) => state?.running?.startedAt ?? [],
  );

/** A kubelet reports within seconds of its start, and starts its pods within a minute; a small machine takes its time. */
const PATIENCE_MS = 180_000;
const POLL_MS = 1000;

/**
 * Waits until the API server holds nothing from before the nodes were started; at once where they run for long.
 *
 * @param since when the nodes were started, ms since 1970
 * @param namespaces of the environment
 * @param onWait called with what is waited for, whenever that changes
 * @throws ClusterError when no kubelet reports, or the node is not Ready; pods that do not start are left to those who look at them
 */
export async function waitUntilFresh(
  client: Client,
  since: number,
  namespaces: readonly string[],
  onWait: (words: string) => void,
): Promise<void> {
  let missing: string | undefined;
  let withoutPods: string | undefined;
  const fresh = async () => {
    const held = await hold(client, namespaces);
    const now = staleSince(held, since);
    if (now === undefined) return true;
    if (now !== missing) onWait(now);
    missing = now;
    withoutPods = staleSince({ ...held, pods: [] }, since);
    return undefined;
  };
  await until<boolean>(fresh, {
    limitMs: PATIENCE_MS,
    everyMs: POLL_MS,
    signal: client.signal,
    late: () => {
      if (withoutPods === undefined) return true;
      throw new ClusterError(missing ?? "", say.kubeletLogs);
    },
  });
}

async function hold(client: Client, namespaces: readonly string[]): Promise<Held> {
  const list = async (path: string, what: string): Promise<KubeObject[]> =>
    client.expect(await client.send({ path }), what).body.items ?? [];
  const [nodes, leases, ...pods] = await Promise.all([
    list("/api/v1/nodes", "nodes"),
    list("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", "leases"),
    list("/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns", "pods"),
    ...namespaces.map((namespace) => list(`/api/v1/namespaces/${namespace}/pods`, "pods")),
  ]);
  return { nodes, leases, pods: pods.flat().filter(({ metadata }) => !metadata.deletionTimestamp) };
}
