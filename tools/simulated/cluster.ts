import { join } from "node:path";
import { type ApiServer, startApiServer } from "../apiserver/server.ts";
import { type Daemon, startDaemon } from "../common/daemon.ts";
import { ensure } from "../toolchain/ensure.ts";

export const ZONES = ["zone-a", "zone-b", "zone-c"] as const;
export const ZONE_LABEL = "topology.kubernetes.io/zone";

/** A real control plane whose nodes are simulated: KWOK says that they live and that their pods run. */
export interface SimulatedCluster {
  readonly server: ApiServer;
  stop(): Promise<void>;
}

/** Starts API server, scheduler and controller manager, and KWOK beside them. @param folder for their logs */
export async function startSimulated(folder: string): Promise<SimulatedCluster> {
  const bin = await ensure("kubernetes", ["kube-apiserver", "kubectl", "kube-controller-manager", "kube-scheduler"]);
  const kwok = await ensure("kwok");
  const server = await startApiServer();
  const start = (path: string, args: readonly string[], log: string): Daemon => startDaemon(path, args, join(folder, log));
  const common = ["--kubeconfig", server.kubeconfig, "--authentication-kubeconfig", server.kubeconfig];
  const known = [...common, "--authorization-kubeconfig", server.kubeconfig, "--leader-elect=false", "--secure-port=0"];
  const limits = ["--kube-api-qps=200", "--kube-api-burst=400"];
  const daemons = [
    start(join(bin, "kube-controller-manager"), [...known, ...limits, `--controllers=${CONTROLLERS.join(",")}`], "controllers.log"),
    start(join(bin, "kube-scheduler"), [...known, ...limits], "scheduler.log"),
    start(join(kwok, "kwok"), ["--kubeconfig", server.kubeconfig, "--manage-all-nodes=true", "--server-address="], "kwok.log"),
  ];
  const died = Promise.race(daemons.map((one) => one.died));
  died.catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  return {
    server,
    async stop() {
      await Promise.all(daemons.map((one) => one.stop()));
      await server.stop();
    },
  };
}

const CONTROLLERS = [
  ...["deployment-controller", "replicaset-controller", "disruption-controller", "serviceaccount-controller", "namespace-controller"],
  ...["node-lifecycle-controller", "taint-eviction-controller", "pod-garbage-collector-controller", "garbage-collector-controller"],
];

/** Makes nodes of one size, in turn in each zone. */
export async function makeNodes(
  { client }: ApiServer,
  count: number,
  size: { readonly cpu: string; readonly memory: string },
): Promise<void> {
  for (let index = 0; index < count; index++) {
    const name = `node-${String(index).padStart(3, "0")}`;
    const labels = { [ZONE_LABEL]: ZONES[index % ZONES.length], "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" };
    const resources = { ...size, pods: "17", "ephemeral-storage": "20Gi" };
    const { status, body } = await client.call("POST", "/api/v1/nodes", {
      metadata: { name, labels, annotations: { "kwok.x-k8s.io/node": "fake" } },
      status: { allocatable: resources, capacity: resources },
    });
    if (status !== 201) throw new Error(`node ${name}: ${body?.message ?? status}`);
  }
}
