import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { readiness, refusedPods } from "../../../src/cluster/observe/readiness.ts";

const object = (kind: string, spec: object, status: object, generation = 2): KubeObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name: "x", generation },
  spec,
  status,
});
const state = (kind: string, spec: object, status: object) => readiness(object(kind, spec, { observedGeneration: 2, ...status })).state;
const words = (kind: string, spec: object, status: object) => readiness(object(kind, spec, { observedGeneration: 2, ...status })).words;

test("status of the generation before says nothing", () => {
  const old = object("Deployment", { replicas: 1 }, { observedGeneration: 1, updatedReplicas: 1, replicas: 1, availableReplicas: 1 });
  expect(readiness(old)).toMatchObject({ state: "waiting", words: "the controller has not processed the change yet" });
});

test("a Deployment is ready when all pods are new and available, and no old one is left", () => {
  const all = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  expect(state("Deployment", { replicas: 2 }, all)).toBe("ready");
  expect(words("Deployment", { replicas: 2 }, { ...all, replicas: 3 })).toBe("1 old pod is terminating");
  expect(words("Deployment", { replicas: 2 }, { ...all, updatedReplicas: 1 })).toBe("1 of 2 pods have the new version");
  expect(words("Deployment", { replicas: 2 }, { ...all, availableReplicas: 1 })).toBe("1 of 2 pods are available");
  expect(state("Deployment", { replicas: 0 }, {})).toBe("ready");
});

test("a StatefulSet is ready on its new revision alone", () => {
  const up = { readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1, currentRevision: "a", updateRevision: "a" };
  expect(state("StatefulSet", {}, up)).toBe("ready");
  expect(state("StatefulSet", {}, { ...up, updateRevision: "b", updatedReplicas: 0 })).toBe("waiting");
  expect(state("StatefulSet", {}, { ...up, availableReplicas: 0 })).toBe("waiting");
});

test("a DaemonSet counts nodes", () => {
  const up = { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 };
  expect(state("DaemonSet", {}, up)).toBe("ready");
  expect(state("DaemonSet", {}, { ...up, numberAvailable: 1 })).toBe("waiting");
  expect(state("DaemonSet", {}, { ...up, updatedNumberScheduled: 1 })).toBe("waiting");
});

test("a Job is ready when complete, and failed when it gave up", () => {
  expect(state("Job", {}, { succeeded: 1, conditions: [{ type: "Complete", status: "True" }] })).toBe("ready");
  expect(words("Job", {}, { failed: 2 })).toBe("retrying after 2 failures");
  const over = {
    conditions: [
      { type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" },
    ],
  };
  expect(readiness(object("Job", {}, over))).toMatchObject({
    state: "failed",
    words: "failed: Job has reached the specified backoff limit",
  });
});

test("what has no pods is there once it was taken", () => {
  expect(readiness(object("ConfigMap", {}, {})).state).toBe("ready");
});

test("a controller that cannot make pods", () => {
  const conditions = [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "exceeded quota" }];
  expect(refusedPods(object("Deployment", {}, { conditions }))).toBe("exceeded quota");
  expect(refusedPods(object("Deployment", {}, {}))).toBeUndefined();
});
