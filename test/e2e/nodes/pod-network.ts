import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { nodeAddresses } from "../../../src/cluster/objects/node-addresses.ts";
import type { KindCluster } from "../suite/suite-cluster.ts";

/** kind's range of pods, as the default network of the node image has it. */
const PODS = "10.244.0.0/16";
const CONFIGURATION = "/etc/cni/net.d/10-cloudnova.conflist";
/** The pods of a new cluster that have no node's network. */
const OWN = [
  ["kube-system", "k8s-app=kube-dns"],
  ["local-path-storage", "app=local-path-provisioner"],
] as const;

/** A node of the cluster, as the suite finds it. */
export interface Node {
  readonly name: string;
  readonly address: string;
  /** Its pods' range. */
  readonly pods: string;
}

/** The nodes that the API server has. */
export async function nodesOf(cluster: KindCluster): Promise<Node[]> {
  const { items }: { items: readonly KubeObject[] } = JSON.parse(await cluster.kubectl("get", "nodes", "--output", "json"));
  return items.map((node) => {
    const [address] = nodeAddresses(node, "InternalIP");
    if (address === undefined) throw new Error(`the node ${node.metadata.name} reports no internal address`);
    return { name: node.metadata.name, pods: node.spec.podCIDR, address };
  });
}

/** The network of a node's pods: that of the node image (tools/cluster/node/cni.yaml) with addresses of this node alone. */
function configuration({ pods }: Node): string {
  const [first = ""] = pods.split("/");
  const at = (last: number) => first.replace(/\d+$/, String(last));
  // The whole range is the subnet: what goes to another node's pod keeps its address, by which policies judge it.
  const ranges = [[{ subnet: PODS, rangeStart: at(2), rangeEnd: at(254) }]];
  const ipam = { type: "host-local", dataDir: "/run/cni-addresses", ranges, routes: [{ dst: "0.0.0.0/0" }] };
  const plugins = [
    { type: "ptp", ipMasq: true, ipam },
    { type: "portmap", capabilities: { portMappings: true } },
  ];
  return JSON.stringify({ cniVersion: "0.4.0", name: "cloudnova", plugins });
}

/** Gives a node its pods' addresses and the ways to the pods of the others; after a restart of its container, too. */
export async function connectNode(cluster: KindCluster, node: Node, nodes: readonly Node[]): Promise<void> {
  const others = nodes.filter(({ name }) => name !== node.name);
  const ways = others.map(({ pods, address }) => `ip route replace ${pods} via ${address}`);
  await cluster.inNode(["set -e", `cat >${CONFIGURATION}`, ...ways].join("\n"), configuration(node), node.name);
}

/**
 * Joins the pods of all nodes, as kindnet does: a range of addresses for each node, and routes between them. The node image's own network is
 * for one node, and hands out the same addresses on each.
 */
export async function joinNodes(cluster: KindCluster): Promise<Node[]> {
  const nodes = await nodesOf(cluster);
  const router = ["--namespace", "kube-system", "daemonset/kube-router"];
  // Its init container writes the network of one node.
  const without = JSON.stringify([{ op: "remove", path: "/spec/template/spec/initContainers" }]);
  await cluster.kubectl("patch", ...router, "--type=json", "--patch", without);
  await cluster.kubectl("rollout", "status", ...router, "--timeout=180s");
  for (const node of nodes) await connectNode(cluster, node, nodes);
  for (const [namespace, selector] of OWN) {
    await cluster.kubectl("delete", "pods", "--namespace", namespace, "--selector", selector);
    const ready = ["--for=condition=Ready", "pods", "--namespace", namespace, "--selector", selector, "--timeout=180s"];
    await cluster.kubectl("wait", ...ready);
  }
  return nodes;
}
