import { isBackground } from "../../constructs/background.ts";
import { readiness as words } from "../../messages/readiness.ts";
import type { KubeObject } from "../objects/kube-object.ts";

/** How far a workload has come. */
export interface Readiness {
  readonly state: "ready" | "waiting" | "failed";
  /** Pods that do their work, of those that are wanted; for a Job: completions. */
  readonly ready: number;
  readonly wanted: number;
  /** What is being waited for. */
  readonly words: string;
}

type Reader = (object: KubeObject) => Readiness;

const of = (state: Readiness["state"], ready: number, wanted: number, text: string): Readiness => ({ state, ready, wanted, words: text });
/** Controllers write status after the fact: until they have seen this generation, it is that of the one before. */
const unseen = ({ metadata, status }: KubeObject) => (status?.observedGeneration ?? 0) < (metadata.generation ?? 1);
const condition = ({ status }: KubeObject, type: string) =>
  (status?.conditions as { type: string; status: string; reason?: string; message?: string }[] | undefined)?.find(
    (one) => one.type === type,
  );

const deployment: Reader = (object) => {
  const { spec, status = {} } = object;
  const wanted = spec.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status;
  if (unseen(object)) return of("waiting", 0, wanted, words.unseen);
  // Kubernetes itself only notes that the deadline is over; the roll-out goes on once its cause is gone.
  if (updatedReplicas < wanted) return of("waiting", availableReplicas, wanted, words.updated(updatedReplicas, wanted));
  if (replicas > updatedReplicas) return of("waiting", availableReplicas, wanted, words.ending(replicas - updatedReplicas));
  if (availableReplicas < wanted) return of("waiting", availableReplicas, wanted, words.available(availableReplicas, wanted));
  return of("ready", availableReplicas, wanted, "");
};

const statefulSet: Reader = (object) => {
  const { spec, status = {} } = object;
  const wanted = spec.replicas ?? 1;
  const { readyReplicas = 0, availableReplicas = readyReplicas, updatedReplicas = 0, currentRevision, updateRevision } = status;
  if (unseen(object)) return of("waiting", 0, wanted, words.unseen);
  if (currentRevision !== updateRevision && updatedReplicas < wanted) {
    return of("waiting", availableReplicas, wanted, words.updated(updatedReplicas, wanted));
  }
  if (availableReplicas < wanted) return of("waiting", availableReplicas, wanted, words.available(availableReplicas, wanted));
  return of("ready", availableReplicas, wanted, "");
};

const daemonSet: Reader = (object) => {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = object.status ?? {};
  if (unseen(object)) return of("waiting", 0, wanted, words.unseen);
  if (updatedNumberScheduled < wanted) return of("waiting", numberAvailable, wanted, words.updated(updatedNumberScheduled, wanted));
  if (numberAvailable < wanted) return of("waiting", numberAvailable, wanted, words.available(numberAvailable, wanted));
  return of("ready", numberAvailable, wanted, "");
};

const job: Reader = (object) => {
  const wanted = object.spec.completions ?? 1;
  const { succeeded = 0, failed = 0 } = object.status ?? {};
  const end = condition(object, "Failed");
  if (end?.status === "True") return of("failed", succeeded, wanted, words.gaveUp(end.message ?? end.reason ?? ""));
  if (condition(object, "Complete")?.status === "True") return of("ready", succeeded, wanted, "");
  // Nothing waits for it, and none of its pods has to be ready.
  if (isBackground(object)) return of("ready", 0, 0, "");
  return of("waiting", succeeded, wanted, failed > 0 ? words.again(failed) : words.runs);
};

const READERS: Readonly<Record<string, Reader>> = { Deployment: deployment, StatefulSet: statefulSet, DaemonSet: daemonSet, Job: job };

/** Whether a kind comes up over time; everything else is there once it was taken. */
export const takesTime = ({ kind }: Pick<KubeObject, "kind">): boolean => kind in READERS;

/** How far an object has come. */
export function readiness(object: KubeObject): Readiness {
  return READERS[object.kind]?.(object) ?? of("ready", 1, 1, "");
}

/** Why a controller makes no pods: a quota, Pod Security, an account that is missing. */
export function refusedPods(object: KubeObject): string | undefined {
  const failure = condition(object, "ReplicaFailure");
  return failure?.status === "True" ? failure.message : undefined;
}
