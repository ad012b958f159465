import { type Samples, spread } from "../../../tools/bench/measure.ts";
import { noOpRatios } from "../../../tools/bench/no-op.ts";
import { elapsed } from "../../../tools/common/progress.ts";
import { MEMORY_MIB, type Memory, type NodeMemory } from "./suite-cluster.ts";
import { provenance } from "./suite-report.ts";

/** Sums in MiB of working set, both without the ballast in Grafana's place. */
export interface Footprint {
  /** Our pods. */
  readonly ours: number;
  /** The whole node: our pods, the control plane, kubelet and containerd. */
  readonly node: number;
}

interface Measured extends Footprint {
  /** From `up` to verify all green, in ms. */
  readonly green: number;
  readonly minutes: number;
  readonly sent: number;
  readonly failed: number;
  /** The node's share of the machine's processors, in %. */
  readonly share: number;
  /** Prometheus after a longer time of the same requests. */
  readonly later: { readonly minutes: number; readonly prometheus: Memory };
  /** Times of `apply` and `diff` with nothing to do, ours and kubectl's. */
  readonly noOp: { readonly runs: number; readonly samples: ReadonlyMap<string, Samples> };
}

const GOALS = { green: 75_000, ours: 480, node: 1000 };
const OURS = /^cloudnova(-host)?\//;
const CONTROL_PLANE = /^kube-system\/(kube-apiserver|etcd|kube-scheduler|kube-controller-manager)-/;
const GRAFANA = /^cloudnova\/grafana-/;

/** Adds up the pods of a running node. */
export function footprint({ pods, node }: NodeMemory): Footprint {
  const sum = (wanted: (name: string) => boolean) =>
    Object.entries(pods).reduce((total, [name, { workingSet }]) => total + (wanted(name) ? workingSet : 0), 0);
  return {
    ours: sum((name) => OURS.test(name) && !GRAFANA.test(name)),
    node: node.workingSet - sum((name) => GRAFANA.test(name)),
  };
}

/** The page that a run writes. */
export async function page(memory: NodeMemory, measured: Measured): Promise<string> {
  const { green, ours, node, minutes, sent, failed, share, later, noOp } = measured;
  const met = (is: boolean) => (is ? "met" : "**missed**");
  const rest = (key: keyof Memory) => memory.node[key] - Object.values(memory.pods).reduce((sum, pod) => sum + pod[key], 0);
  const kubeadm = Object.entries(memory.pods).reduce((sum, [name, pod]) => sum + (CONTROL_PLANE.test(name) ? pod.workingSet : 0), 0);
  const pods = Object.entries(memory.pods).map(([name, pod]) => `| ${name} | ${pod.workingSet} | ${pod.anonymous} |`);
  return [
    "# What it weighs, and how long it takes",
    "",
    "Written by `npm run bench:footprint`; do not edit.",
    "",
    await provenance(),
    "",
    "| | measured | goal | |",
    "|---|---|---|---|",
    `| \`cloudnova up\` until \`verify\` is green, images present | ${elapsed(green)} | ${elapsed(GOALS.green)} | ${met(green <= GOALS.green)} |`,
    `| our pods, without Grafana's | ${ours} MiB | ${GOALS.ours} MiB | ${met(ours <= GOALS.ours)} |`,
    `| the whole node, without Grafana's pod | ${node} MiB | ${GOALS.node} MiB | ${met(node <= GOALS.node)} |`,
    ...noOpRatios(noOp.samples).map(
      ({ name, ratio, most }) =>
        `| \`${name}\` with nothing to do, of kubectl's time | ${ratio.toFixed(2)} | ${most} | ${met(ratio <= most)} |`,
    ),
    "",
    `Working sets after ${minutes} minutes with ${sent} requests (${failed} failed), in a node limited to ${MEMORY_MIB} MiB; it used`,
    `${share.toFixed(0)} % of the machine's processors. Grafana does not run here: a ballast with its request stands in its place.`,
    "",
    "| MiB | working set | of it anonymous |",
    "|---|---|---|",
    ...pods,
    `| kubelet, containerd and its shims, systemd | ${rest("workingSet")} | ${rest("anonymous")} |`,
    `| the whole node | ${memory.node.workingSet} | ${memory.node.anonymous} |`,
    "",
    `Of it, ${kubeadm} MiB are kubeadm's control plane (API server, etcd, scheduler, controller manager); k3s has these in one process.`,
    "",
    `After ${later.minutes} minutes Prometheus has a working set of ${later.prometheus.workingSet} MiB, of it ${later.prometheus.anonymous} anonymous.`,
    "",
    `On this cluster, with nothing to do: median of ${noOp.runs} runs (least to most), each a process of its own, in turn.`,
    "",
    "| command | time |",
    "|---|---|",
    // Without the environment's name they are no commands to type, so not written as such.
    ...[...noOp.samples].map(([name, list]) => `| ${name} | ${spread(list)} |`),
    "",
  ].join("\n");
}
