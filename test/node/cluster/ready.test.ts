import { type NodeObject, type PodObject, stillMissing } from "../../../node/cluster/ready.ts";

const START = Date.parse("2026-11-22T20:00:10.700Z");
const AFTER = "2026-11-22T20:00:20Z";
const BEFORE = "2026-11-22T20:00:09Z";

const node = (status: string, lastHeartbeatTime: string): NodeObject => ({
  status: { conditions: [{ type: "Ready", status, lastHeartbeatTime, message: "container runtime network not ready" }] },
});
const pod = (startedAt: string, ready = "True"): PodObject => ({
  metadata: { name: "coredns-1" },
  status: { conditions: [{ type: "Ready", status: ready }], containerStatuses: [{ state: { running: { startedAt } } }] },
});
const waiting: PodObject = {
  metadata: { name: "coredns-1" },
  status: { containerStatuses: [{ state: { waiting: { reason: "ErrImageNeverPull", message: "no such image" } } }] },
};

describe("stillMissing", () => {
  test("is nothing when the node and every CoreDNS report since the start", () => {
    expect(stillMissing(node("True", AFTER), [pod(AFTER), pod(AFTER)], START)).toBeUndefined();
  });

  test("takes a report of the very second of the start: the API has whole seconds", () => {
    expect(stillMissing(node("True", "2026-11-22T20:00:10Z"), [pod(AFTER)], START)).toBeUndefined();
  });

  test.each([
    ["a Ready of before the restart", node("True", BEFORE), [pod(AFTER)], /kubelet has not reported/],
    ["no condition at all", {}, [pod(AFTER)], /kubelet has not reported/],
    ["a node that is not Ready", node("False", AFTER), [pod(AFTER)], /not Ready: container runtime network/],
    ["no pod of CoreDNS", node("True", AFTER), [], /no pod yet/],
    ["a pod of before the restart", node("True", AFTER), [pod(AFTER), pod(BEFORE)], /coredns-1 has not started again/],
    ["a pod that is not ready", node("True", AFTER), [pod(AFTER, "False")], /coredns-1 is not ready/],
    ["a pod that waits", node("True", AFTER), [waiting], /ErrImageNeverPull no such image/],
  ])("tells %s", (_, object, pods, words) => {
    expect(stillMissing(object, pods, START)).toMatch(words);
  });
});
