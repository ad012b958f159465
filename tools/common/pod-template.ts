import type { KubeObject } from "./manifests.ts";

/** What a pod is made from: its metadata and its spec. */
export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

// Where each kind keeps its pod.
const PLACES: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ["template"],
  ReplicationController: ["spec", "template"],
  Deployment: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** The pod that an object makes, or undefined for a kind that makes none. */
export function podTemplateOf(object: KubeObject): PodTemplate | undefined {
  const path = PLACES[object.kind];
  // biome-ignore lint/suspicious/noExplicitAny: walking an object of a kind known only at run time
  return path?.reduce((value: any, key) => value?.[key], object) as PodTemplate | undefined;
}
