import { spawn } from "node:child_process";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import type { Stage } from "../suite/stage.ts";
import { until } from "../suite/wait.ts";
import { SPACE } from "./trial.ts";

/** The Deployments that answer visitors, each with a PodDisruptionBudget. */
export const SERVING = ["webapp", "traefik"] as const;

/** Our pods that are not about to end. */
export const livePods = async (stage: Stage): Promise<KubeObject[]> =>
  (await stage.objects("pods")).filter(({ metadata }) => metadata.deletionTimestamp === undefined);

export const componentOf = ({ metadata }: KubeObject): string => metadata.labels?.["app.kubernetes.io/name"] ?? "";

/** Nodes of a component's pods, one for each pod, sorted. */
export async function nodesWith(stage: Stage, component: string): Promise<string[]> {
  const own = (await livePods(stage)).filter((pod) => componentOf(pod) === component);
  return own.map(({ spec }) => String(spec.nodeName)).sort();
}

/** A Deployment's replicas: wanted, and available. */
export interface Replicas {
  readonly wanted: number;
  readonly available: number;
}

/** How many replicas each serving Deployment wants and has. */
export async function replicas(stage: Stage): Promise<Record<string, Replicas>> {
  const all = await stage.objects("deployments");
  const own = all.filter(({ metadata }) => (SERVING as readonly string[]).includes(metadata.name));
  return Object.fromEntries(
    own.map(({ metadata, spec, status }) => [metadata.name, { wanted: spec.replicas, available: status?.availableReplicas ?? 0 }]),
  );
}

/** Whether each serving Deployment has as many replicas as it wants. */
export const whole = (all: Readonly<Record<string, Replicas>>): boolean =>
  Object.values(all).every(({ wanted, available }) => available >= wanted);

/** Waits until the serving Deployments have all of their replicas. */
export const allReplicas = (stage: Stage, limit: number) =>
  until("every replica is there", limit, async () => {
    const now = await replicas(stage);
    if (!whole(now)) throw new Error(JSON.stringify(now));
    return now;
  });

/** Follows the Deployments from now on. The function that is returned ends that, and tells the fewest replicas that were available. */
export function followFewest({ cluster }: Stage): () => Record<string, number> {
  const fewest: Record<string, number> = {};
  const columns = "--output=jsonpath={.metadata.name} {.status.availableReplicas}{'\\n'}";
  const args = ["--kubeconfig", cluster.env.KUBECONFIG ?? "", "get", "deployments", "--namespace", SPACE, "--watch", columns];
  const child = spawn(cluster.kubectlProgram, args, { stdio: ["ignore", "pipe", "inherit"] });
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [name = "", count = ""] = line.split(" ");
      fewest[name] = Math.min(fewest[name] ?? Number.POSITIVE_INFINITY, Number(count));
    }
  });
  return () => {
    child.kill();
    return fewest;
  };
}
