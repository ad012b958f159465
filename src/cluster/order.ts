import type { KubeObject } from "./objects.ts";

const WORKLOADS = new Set(["Deployment", "StatefulSet", "DaemonSet", "CronJob"]);
/** What only makes sense once something runs behind it. */
const ENTRANCES = new Set(["Ingress", "HorizontalPodAutoscaler"]);

/** Parts of a deployment, each of which needs those before it and nothing else of its own part. */
export const STAGES = ["namespaces", "configuration", "jobs", "workloads", "entrances"] as const;
export type Stage = (typeof STAGES)[number];

/** The stage of an object. */
export function stageOf({ kind }: Pick<KubeObject, "kind">): Stage {
  if (kind === "Namespace") return "namespaces";
  if (kind === "Job") return "jobs"; // they make what the workloads need, such as secrets
  if (WORKLOADS.has(kind)) return "workloads";
  return ENTRANCES.has(kind) ? "entrances" : "configuration";
}

/**
 * The objects in the order in which they are applied: by stage and, within one, as the manifests have them.
 * A stage may be sent in parallel: the API server checks that an object's namespace exists, and nothing else that is ours.
 */
export function stages<T extends Pick<KubeObject, "kind">>(objects: readonly T[]): T[][] {
  return STAGES.map((stage) => objects.filter((object) => stageOf(object) === stage)).filter((list) => list.length > 0);
}
