import { PORTS } from "../ports.ts";
import type { Machine } from "./machines.ts";

/** Pods that a cluster runs for itself. Memory in MiB, CPU in millicores; a limit of 0 means that it sets none. */
export interface ClusterPods {
  readonly pods: number;
  readonly memory: number;
  readonly memoryLimit: number;
  readonly cpu: number;
  readonly cpuLimit: number;
  /** Whether that is what each node runs of it. @default false */
  readonly everyNode?: boolean;
}

/** How one kind of cluster differs from the others; knowledge as a table, so that no chart branches on a name. */
export interface Cluster {
  /** Who runs Traefik: CloudNova's own chart, or the cluster (k3s ships it and CloudNova configures it). */
  readonly ingressController: "own" | "bundled";
  /** The ports at which a browser reaches the application, unless the environment names others. */
  readonly publicPorts: { readonly http: number; readonly https: number };
  /** Whether `ingress.ports` may name other ones. */
  readonly choosesPorts: boolean;
  /** Other ports that the cluster has on the machine where it runs. */
  readonly hostPorts: readonly number[];
  /** Defaults of `network.pods` and `network.services`. */
  readonly ranges: { readonly pods: readonly string[]; readonly services: readonly string[] };
  /** Percent of the node's disk: with less room the kubelet evicts pods (`--eviction-hard`, nodefs.available). 0: never. */
  readonly evictsBelow: number;
  /** Whether a node keeps its address for as long as it lives. */
  readonly fixedAddress: boolean;
  /** Whether volumes are folders on the machine's disk; otherwise they come from a storage of the cluster's. */
  readonly localVolumes: boolean;
  /** Whether a load balancer leads to Traefik where the environment names none. */
  readonly loadBalancer: boolean;
  /** Ports at which pods reach the API server, as policies see them. */
  readonly apiPorts: readonly number[];
  /**
   * Whether policies may judge a connection before its Service's address is replaced by an endpoint's: EKS' own agent does, at the pod's end
   * of its network.
   */
  readonly seesServices: boolean;
  /** Default of `machine.system`: kernel, operating system, control plane, kubelet and container runtime; no pod that has a request. */
  readonly system: Machine;
  /** The cluster's own pods by name, with their requests: each counted here and not in `system`. */
  readonly pods: Readonly<Record<string, ClusterPods>>;
  /** metrics-server, which only an autoscaler needs; so it counts only there. */
  readonly metricsServer: ClusterPods;
  /** Default of `applications.webapp.sample.writeAccess`. */
  readonly writeAccess: "open" | "login";
}

const own = (pods: number, memory: number, memoryLimit: number, cpu: number, cpuLimit = 0): ClusterPods => ({
  pods,
  memory: pods * memory,
  memoryLimit: pods * memoryLimit,
  cpu: pods * cpu,
  cpuLimit: pods * cpuLimit,
});

const everyNode = (...one: Parameters<typeof own>): ClusterPods => ({ ...own(...one), everyNode: true });

/** CoreDNS' request and limit are the same in k3s' manifests/coredns.yaml and in kubeadm's manifest. */
const coreDns = (pods: number) => own(pods, 70, 170, 100);
/** It has no request: 18 MiB of working set were measured (docs/footprint.md). */
const LOCAL_PATH = own(1, 20, 0, 0);
/** k3s' manifests/metrics-server/metrics-server-deployment.yaml. */
const METRICS_SERVER = own(1, 70, 0, 100);

/**
 * Kernel and Ubuntu on a machine of 2 GiB, MiB: about 130 that a t3.small's kernel never shows, and 218 for systemd, journald, snapd,
 * the SSM agent and their page cache. Assumed, not measured by us.
 */
const LINUX = 348;

/** The clusters by name. */
export const CLUSTERS = {
  kind: {
    ingressController: "own",
    // kind.yaml maps the NodePorts to these ports of the loopback address (source S2's https://localhost:8443).
    publicPorts: { http: 8080, https: 8443 },
    choosesPorts: true,
    hostPorts: [], // Docker chooses a free one for the API server
    // kind's defaults for IPv4 (pkg/internal/apis/config/default.go).
    ranges: { pods: ["10.244.0.0/16"], services: ["10.96.0.0/16"] },
    evictsBelow: 0, // kind's kubeadm configuration (pkg/cluster/internal/kubeadm/config.go)
    localVolumes: true,
    loadBalancer: false,
    // Its Service's port 443 is not among them: kindnet and kube-router judge a connection after kube-proxy has replaced the address.
    apiPorts: [PORTS["api-server"]],
    seesServices: false,
    fixedAddress: false, // after a restart Docker gives the container the next free one
    // kubeadm's control plane with kubelet, kube-proxy and containerd took 521 MiB of working set (docs/footprint.md); plus kind's own.
    system: { memory: 700, cpu: 400 },
    pods: { coredns: coreDns(2), kindnet: everyNode(1, 50, 50, 100, 100), "local-path-provisioner": LOCAL_PATH },
    metricsServer: METRICS_SERVER,
    writeAccess: "open",
  },
  k3s: {
    ingressController: "bundled",
    publicPorts: { http: 80, https: 443 },
    choosesPorts: false, // ServiceLB opens the ports of Traefik's Service on the machine
    // API server and kubelet (k3s' documentation, "Inbound Rules for K3s Nodes"), and our node-exporter, which has the host's network.
    hostPorts: [PORTS["api-server"], PORTS.kubelet, PORTS["node-exporter"]],
    // The defaults of --cluster-cidr and --service-cidr (k3s' documentation, "k3s server").
    ranges: { pods: ["10.42.0.0/16"], services: ["10.43.0.0/16"] },
    evictsBelow: 5, // k3s' own defaults for the kubelet (pkg/daemons/agent/agent_linux.go)
    localVolumes: true,
    loadBalancer: false,
    apiPorts: [PORTS["api-server"]], // k3s embeds kube-router
    seesServices: false,
    fixedAddress: true, // k3s' nodes must not change theirs
    // k3s never ran here. 600 MiB for its server and containerd: the same parts took 521 MiB on our kubeadm node (docs/footprint.md:
    // API server 176, kubelet with containerd and shims 185, controller manager 60, etcd 40, scheduler 31, kube-proxy 29), and users
    // report 535 to 565 MiB (k3s-io/k3s#3536, #1123). docs/decisions/0010-what-2-gib-hold.md weighs the sources.
    system: { memory: LINUX + 600, cpu: 300 },
    // svclb-traefik (two containers that sleep) has no request; 4 MiB are assumed.
    pods: { coredns: coreDns(1), "local-path-provisioner": LOCAL_PATH, "svclb-traefik": everyNode(1, 4, 0, 0) },
    metricsServer: METRICS_SERVER,
    writeAccess: "login",
  },
  // Any cluster that is there already. The figures are of EKS, where CloudNova never ran: its documentation is what they follow.
  kubernetes: {
    ingressController: "own",
    publicPorts: { http: 80, https: 443 }, // a load balancer's
    choosesPorts: false,
    hostPorts: [],
    // EKS gives pods addresses of the nodes' own network (Amazon VPC CNI), so that no range is theirs alone; Services have one of these two.
    ranges: { pods: [], services: ["10.100.0.0/16", "172.20.0.0/16"] },
    evictsBelow: 10, // the kubelet's own default for nodefs.available on Linux
    localVolumes: false,
    loadBalancer: true,
    apiPorts: [443, PORTS["api-server"]], // EKS' API server answers at 443
    seesServices: true,
    fixedAddress: false, // machines come and go
    // kubeReserved of EKS' AMI for 17 pods (255 MiB + 11 MiB each), its eviction threshold of 100 MiB, and what the kernel keeps.
    system: { memory: 255 + 17 * 11 + 100 + 130, cpu: 110 },
    // Requests of EKS' add-ons: aws-node and kube-proxy on every node, two of CoreDNS.
    pods: { coredns: coreDns(2), "aws-node": everyNode(1, 40, 0, 50), "kube-proxy": everyNode(1, 30, 0, 100) },
    metricsServer: METRICS_SERVER,
    writeAccess: "login",
  },
} as const satisfies Record<string, Cluster>;
