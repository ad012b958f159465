import { setTimeout as sleep } from "node:timers/promises";
import { addressesOf } from "../../../src/addresses.ts";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { nodeAddresses } from "../../../src/cluster/objects/node-addresses.ts";
import type { Config } from "../../../src/config/resolve.ts";
import { flows, networkSettings, POLICY_SECONDS } from "../../../src/network.ts";
import { PORTS } from "../../../src/ports.ts";
import { namespacesOf, type PodAt, type Table } from "./expected.ts";
import { attempts, judge, type Result, type Verdict } from "./matrix.ts";
import clear from "./node/clear.sh";
import inspect from "./node/inspect.sh";
import listen from "./node/listen.sh";
import probe from "./node/probe.sh";
import { dnsTargets, nodeTargets, outsideTargets, podsAt, podTargets, serviceTargets } from "./policy-targets.ts";
import { LABEL, STRANGERS, strangers } from "./strangers.ts";

/** What the checks act through: kubectl, and a shell in the node's container as root. */
export interface Hands {
  kubectl(...args: readonly string[]): Promise<string>;
  inNode(script: string, input?: string): Promise<string>;
}

/** What the environment's table of flows means in its cluster. */
export const tableOf = (config: Config): Table => ({
  flows: flows(networkSettings(config)),
  addresses: addressesOf(config),
  namespace: config.namespace,
  applicationNamespaces: config.applications.map(({ namespace }) => namespace),
  traefikNamespace: config.facts.ingressController === "own" ? config.namespace : "kube-system",
});

/** How long a new pod's policies may take, ms. */
export const WINDOW_MS = POLICY_SECONDS * 1000;

/**
 * Addresses beyond the node: one of the Internet (RFC 5737, for documentation), the cloud's metadata, and another machine of a private
 * network. All of them are in a network namespace beside the node's, which leads nowhere.
 */
export const OUTSIDE = "198.51.100.1";
const METADATA = "169.254.169.254";
const NEIGHBOUR = "10.200.0.1";
/** Web, mail, DNS over TCP, and the ports that the table opens on nodes. */
const OUTSIDE_PORTS = [443, 25, 587, 53, PORTS["api-server"], PORTS["node-exporter"], PORTS.kubelet, PORTS.mysql];

/** Objects of a kind in all namespaces. */
const objects = async (hands: Hands, kind: string): Promise<KubeObject[]> =>
  JSON.parse(await hands.kubectl("get", kind, "--all-namespaces", "--output", "json")).items;

/** What runs and listens in the node. */
interface Seen {
  readonly engines: readonly string[];
  readonly addresses: readonly string[];
  readonly node: readonly { readonly address: string; readonly port: number }[];
  /** Of each pod by its uid: a process in its network namespace, and the ports at which it listens. */
  readonly pods: ReadonlyMap<string, { readonly pid: string; readonly ports: number[] }>;
}

/** Reads what inspect.sh prints. */
export function seen(text: string): Seen {
  const lines = text.split("\n").map((line) => line.split(" "));
  const of = (what: string) => lines.filter(([first]) => first === what).map(([, ...rest]) => rest);
  const pods = new Map(of("pod").map(([uid = "", pid = ""]) => [uid, { pid, ports: [] as number[] }]));
  for (const [uid = "", port] of of("listens")) pods.get(uid)?.ports.push(Number(port));
  return {
    engines: of("engine").flat(),
    addresses: of("address").flat(),
    node: of("node").map(([address = "", port]) => ({ address, port: Number(port) })),
    pods,
  };
}

async function makeStrangers(hands: Hands, table: Table): Promise<void> {
  const image = (
    await hands.inNode("crictl images --output json | jq --raw-output '.images[].repoTags[]' | grep /pause: | head -1")
  ).trim();
  const all = strangers(table, podsAt(await objects(hands, "pods")), image);
  const apply = "kubectl --kubeconfig /etc/kubernetes/admin.conf apply --filename -";
  await hands.inNode(apply, JSON.stringify({ apiVersion: "v1", kind: "List", items: all }));
  for (const namespace of [STRANGERS, ...namespacesOf(table)]) {
    await hands.kubectl("wait", "pods", "--selector", LABEL, "--namespace", namespace, "--for=condition=Ready", "--timeout=60s");
  }
}

/** Removes what the checks made in the cluster and in the node. */
async function removeStrangers(hands: Hands, table: Table): Promise<void> {
  const pods = (namespace: string) => hands.kubectl("delete", "pods", "--selector", LABEL, "--namespace", namespace, "--ignore-not-found");
  await Promise.all([
    hands.inNode(clear),
    hands.kubectl("delete", "namespace", STRANGERS, "--ignore-not-found"),
    ...namespacesOf(table).map(pods),
  ]);
}

/** Runs something while the pods of strangers are there. @param ports at which strangers listen */
export async function withStrangers<T>(hands: Hands, table: Table, work: () => Promise<T>): Promise<T> {
  await removeStrangers(hands, table); // of a run that was ended
  try {
    await makeStrangers(hands, table);
    return await work();
  } finally {
    await removeStrangers(hands, table);
  }
}

/** Lets the addresses beyond the node listen. */
export function openOutside(hands: Hands): Promise<string> {
  const lines = [OUTSIDE, NEIGHBOUR].map((address) => `outside ${address} ${OUTSIDE_PORTS.join(" ")}`);
  return hands.inNode(listen, `${[...lines, `outside ${METADATA} 80`].join("\n")}\n`);
}

/** What the matrix found, and what it was made of. */
export interface Examined extends Verdict {
  readonly engine: string;
  readonly sources: number;
  readonly targets: number;
}

/** Tries every pod's connections to every target. @throws Error when the pods change meanwhile, or when no engine runs */
export async function examine(hands: Hands, table: Table): Promise<Examined> {
  const pods = podsAt(await objects(hands, "pods"));
  await sleep(WINDOW_MS);
  const listening = seen(await hands.inNode(inspect));
  await hands.inNode(listen, listeners(table, pods, listening));
  await openOutside(hands);
  const { engines, addresses, node, pods: sandboxes } = seen(await hands.inNode(inspect));
  const [engine] = engines;
  if (!engine || engines.length > 1)
    throw new Error(`programs that enforce NetworkPolicies: ${engines.join(", ") || "none"}; one is needed`);
  const sandbox = (pod: PodAt) => {
    const found = sandboxes.get(pod.uid);
    if (!found) throw new Error(`pod ${pod.namespace}/${pod.name} has no sandbox in the node: is it on another one?`);
    return found;
  };
  const [services = [], slices = [], nodes = []] = await Promise.all(
    ["services", "endpointslices", "nodes"].map((kind) => objects(hands, kind)),
  );
  const [nodeAddress = ""] = nodes.flatMap((one) => nodeAddresses(one, "InternalIP"));
  const targets = [
    ...pods.flatMap((pod) => podTargets(pod, sandbox(pod).ports)),
    ...dnsTargets(pods),
    ...serviceTargets(services, slices, pods, nodeAddress),
    ...nodeTargets(node, addresses),
    ...outsideTargets([OUTSIDE, NEIGHBOUR].flatMap((address) => OUTSIDE_PORTS.map((port) => ({ address, port })))),
    ...outsideTargets([{ address: METADATA, port: 80 }]),
  ];
  const all = attempts(pods, targets);
  const lines = all.map(({ source, target: { protocol, address, port } }, index) =>
    [index, source === "node" ? 1 : sandbox(source).pid, protocol, address, port].join(" "),
  );
  const results = resultsOf(await hands.inNode(probe, `${lines.join("\n")}\n`), all.length);
  const now = podsAt(await objects(hands, "pods"));
  const names = (list: readonly PodAt[]) =>
    list
      .map(({ uid }) => uid)
      .sort()
      .join();
  if (names(now) !== names(pods)) throw new Error("pods came or went while connections were tried: let the cluster settle");
  return { ...judge(table, all, results), engine, sources: pods.length, targets: targets.length };
}

/** Lines for listen.sh: pods of strangers listen at every port of the table, ours at what they declare and do not open, such as the ballast in Grafana's place. */
function listeners(table: Table, pods: readonly PodAt[], { pods: sandboxes }: Seen): string {
  const all = [...new Set([...table.flows.flatMap(({ ports }) => ports), 443])];
  return pods
    .map((pod) => {
      const { pid, ports: open } = sandboxes.get(pod.uid) ?? { pid: "", ports: [] };
      const wanted = (pod.labels[LABEL] ? all : pod.declared).filter((port) => !open.includes(port));
      return pid && wanted.length > 0 ? `${pid} ${wanted.join(" ")}\n` : "";
    })
    .join("");
}

/** Reads what probe.sh prints, in any order. */
export function resultsOf(text: string, count: number): Result[] {
  const results = new Array<Result>(count).fill("failed: no result");
  for (const [, index, result] of text.matchAll(/^(\d+) (.+)$/gm)) results[Number(index)] = result as Result;
  return results;
}
