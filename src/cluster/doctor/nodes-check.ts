import { type Budget, budget, extra } from "../../budget.ts";
import { doctor as words } from "../../messages/doctor.ts";
import { minorOf } from "../../versions.ts";
import { ok, problem, warning } from "../finding.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { namespacesIn } from "../objects/manifests.ts";
import { mib, milli } from "../objects/quantity.ts";
import type { Check, ClusterFacts } from "./facts.ts";

/** The oldest kernel that kubeadm's own check of a node lets pass (k8s.io/system-validators). */
const OLDEST_KERNEL = [4, 19] as const;
/** How many minor versions a kubelet may be behind its API server; it may not be ahead (Kubernetes' version skew policy). */
const MOST_BEHIND = 3;

function oldKernel(kernel: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  if (major === undefined) return false;
  return Number(major) < OLDEST_KERNEL[0] || (Number(major) === OLDEST_KERNEL[0] && Number(minor) < OLDEST_KERNEL[1]);
}

/** What is wrong with a node at once, what will be, and what it is. */
function look({ metadata: { name }, status }: KubeObject, server: string) {
  const { kernelVersion = "?", osImage = "?", kubeletVersion = "?", architecture = "?" } = status?.nodeInfo ?? {};
  const conditions = (status?.conditions ?? []) as { type: string; status: string }[];
  const behind = minorOf(server) - minorOf(kubeletVersion);
  return {
    text: words.node(name, osImage, kernelVersion, architecture, kubeletVersion),
    bad: conditions
      .filter((one) => (one.type === "Ready") !== (one.status === "True"))
      .map(({ type, status: is }) => words.condition(name, type, is)),
    doubtful: [
      ...(oldKernel(kernelVersion) ? [words.oldKernel(name, kernelVersion, OLDEST_KERNEL.join("."))] : []),
      ...(behind < 0 || behind > MOST_BEHIND ? [words.kubeletSkew(name, kubeletVersion, server)] : []),
    ],
  };
}

export const nodes: Check = ({ nodes: all, version }) => {
  const results = all.map((one) => look(one, version));
  if (results.length === 0) return problem(words.noNodes, words.addNode);
  const [bad, doubtful] = [results.flatMap((one) => one.bad), results.flatMap((one) => one.doubtful)];
  if (bad.length > 0) return problem(bad.join("; "), words.describe);
  return doubtful.length > 0 ? warning(doubtful.join("; "), words.renewNode) : ok(results.map(({ text }) => text).join("; "));
};

/** What the nodes offer to pods, less what others' pods have asked for. Memory in MiB, CPU in millicores. */
export function room({ nodes: all, pods, manifests }: Pick<ClusterFacts, "nodes" | "pods" | "manifests">): { memory: number; cpu: number } {
  const offered = all.filter(({ spec }) => !spec?.unschedulable).map(({ status }) => status?.allocatable ?? {});
  const total = {
    memory: offered.reduce((sum, one) => sum + mib(one.memory), 0),
    cpu: offered.reduce((sum, one) => sum + milli(one.cpu), 0),
  };
  const ours = new Set(namespacesIn(manifests));
  const active = pods.filter(
    ({ metadata, status }) => !ours.has(metadata.namespace ?? "") && !["Succeeded", "Failed"].includes(status?.phase),
  );
  const requests = active.flatMap(({ spec }) =>
    (spec.containers as { resources?: { requests?: Record<string, string> } }[]).map((one) => one.resources?.requests ?? {}),
  );
  return {
    memory: Math.floor(total.memory - requests.reduce((sum, one) => sum + mib(one.memory), 0)),
    cpu: Math.floor(total.cpu - requests.reduce((sum, one) => sum + milli(one.cpu), 0)),
  };
}

/** The manifests' own consumption; the machine that they are held against is the real nodes, all of them, not the environment's. */
const needs = ({ manifests, nodes }: Pick<ClusterFacts, "manifests" | "nodes">): Budget =>
  budget(manifests, { memory: 0, cpu: 0, disk: 0, system: { memory: 0, cpu: 0 }, nodes: nodes.length + 1 });

export const size: Check = (facts) => {
  if (facts.nodes.length === 0) return problem(words.noNodes, words.addNode);
  const asked = needs(facts);
  const [{ total }, more] = [asked, extra(asked)];
  const free = room(facts);
  const [memory, cpu] = [total.memory + more.memory, total.cpu + more.cpu];
  const saw = words.asked(memory, cpu, free.memory, free.cpu, facts.nodes.length);
  const lack = { memory: Math.max(0, memory - free.memory), cpu: Math.max(0, cpu - free.cpu) };
  if (lack.memory + lack.cpu > 0) return problem(words.tooLittle(saw, lack.memory, lack.cpu), words.smaller);
  const { facts: cluster, webapp } = facts.config;
  const uncounted = cluster.ingressController === "bundled" && !webapp.autoscaling && facts.pods.some(isMetricsServer);
  return uncounted ? warning(`${saw}; ${words.metricsServer(cluster.metricsServer.memory)}`, words.disableMetricsServer) : ok(saw);
};

/** k3s runs metrics-server unless it is installed without. */
const isMetricsServer = ({ metadata: { namespace, labels } }: KubeObject): boolean =>
  namespace === "kube-system" && labels?.["k8s-app"] === "metrics-server";
