import type { KubeObject } from "../objects/kube-object.ts";

const WORKLOADS = new Set(["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]);
/** Kinds that depend on a running workload. */
const DEPENDENT_KINDS = new Set(["Ingress", "HorizontalPodAutoscaler"]);

/** The stages of an apply. Each depends on the stages before it; objects of one stage are independent of each other. */
export const STAGES = ["namespaces", "configuration", "workloads", "dependents"] as const;
export type Stage = (typeof STAGES)[number];

/** The stage of an object. */
export function stageOf({ kind }: Pick<KubeObject, "kind">): Stage {
  if (kind === "Namespace") return "namespaces";
  if (WORKLOADS.has(kind)) return "workloads";
  return DEPENDENT_KINDS.has(kind) ? "dependents" : "configuration";
}

/** Any way in which a pod refers to a Secret. */
const SECRET = /"secret(Name|KeyRef|Ref)?":/;

/** Whether an object's pods cannot start without a Secret. No Secret is in the manifests: a Job makes them in the cluster. */
const needsSecret = (object: object): boolean => SECRET.test(JSON.stringify(object));

/**
 * The objects in the order in which they are applied: by stage and, within one, as the manifests have them. Workloads come in
 * two: those that need no Secret, among them the Job that makes the Secrets, and then the others.
 * A stage may be sent in parallel: the API server checks that an object's namespace exists, and nothing else that is ours.
 */
export function stages<T extends Pick<KubeObject, "kind">>(objects: readonly T[]): T[][] {
  const of = (stage: Stage) => objects.filter((object) => stageOf(object) === stage);
  const workloads = [false, true].map((later) => of("workloads").filter((object) => needsSecret(object) === later));
  return STAGES.flatMap((stage) => (stage === "workloads" ? workloads : [of(stage)])).filter((list) => list.length > 0);
}
