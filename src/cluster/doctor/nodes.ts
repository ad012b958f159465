import { type Budget, budget } from "../../budget.ts";
import { ok, problem } from "../finding.ts";
import { mib, milli } from "../quantity.ts";
import type { Check, Facts } from "./facts.ts";

export const nodes: Check = ({ nodes: all }) => {
  const told = all.map(({ metadata, status }) => {
    const bad = ((status?.conditions ?? []) as { type: string; status: string }[]).filter(
      (one) => (one.type === "Ready") !== (one.status === "True"),
    );
    const { kernelVersion = "?", osImage = "?", kubeletVersion = "?", architecture = "?" } = status?.nodeInfo ?? {};
    return {
      text: `${metadata.name}: ${osImage}, kernel ${kernelVersion}, ${architecture}, kubelet ${kubeletVersion}`,
      bad: bad.map(({ type, status: s }) => `${metadata.name}: ${type} is ${s}`),
    };
  });
  if (told.length === 0) return problem("no nodes", "add one: there is nothing to run on");
  const bad = told.flatMap((one) => one.bad);
  if (bad.length > 0) return problem(bad.join("; "), "look at it: kubectl describe node");
  return ok(told.map(({ text }) => text).join("; "));
};

/** What the nodes offer to pods, less what others' pods have asked for. Memory in MiB, CPU in millicores. */
export function room({ nodes: all, pods, config }: Pick<Facts, "nodes" | "pods" | "config">): { memory: number; cpu: number } {
  const offered = all.filter(({ spec }) => !spec?.unschedulable).map(({ status }) => status?.allocatable ?? {});
  const total = {
    memory: offered.reduce((sum, one) => sum + mib(one.memory), 0),
    cpu: offered.reduce((sum, one) => sum + milli(one.cpu), 0),
  };
  const ours = new Set([config.namespace, `${config.namespace}-host`]);
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

/** The manifests' own consumption; the machine that they are held against is the real nodes, not the environment's. */
const needs = (manifests: Facts["manifests"]): Budget => budget(manifests, { memory: 0, cpu: 0, disk: 0, system: { memory: 0, cpu: 0 } });

export const size: Check = (facts) => {
  if (facts.nodes.length === 0) return problem("no nodes", "add one");
  const { total, transient } = needs(facts.manifests);
  const free = room(facts);
  const [memory, cpu] = [total.memory + transient.memory, total.cpu + transient.cpu];
  const saw = `${memory} MiB and ${cpu} m asked for, with one update under way; ${free.memory} MiB and ${free.cpu} m left for it on ${facts.nodes.length} node(s)`;
  const lack = [
    memory > free.memory ? `${memory - free.memory} MiB of memory` : "",
    cpu > free.cpu ? `${cpu - free.cpu} m of CPU` : "",
  ].filter(Boolean);
  return lack.length === 0
    ? ok(saw)
    : problem(`${saw}: ${lack.join(" and ")} too little`, "use a larger machine, fewer replicas, or smaller resources");
};
