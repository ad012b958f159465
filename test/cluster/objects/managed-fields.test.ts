import type { KubeObject, ManagedFields } from "../../../src/cluster/objects/kube-object.ts";
import { changed } from "../../../src/cluster/objects/managed-fields.ts";

// A volume claim as a server of 1.34 had it at its creation, and after scheduler and controllers had written into it.
const OURS: ManagedFields = {
  manager: "cloudnova",
  operation: "Apply",
  time: "2026-11-23T01:40:36Z",
  fieldsV1: {
    "f:metadata": { "f:labels": { "f:app.kubernetes.io/name": {} } },
    "f:spec": { "f:accessModes": {}, "f:resources": { "f:requests": { "f:storage": {} } } },
  },
};
const theirs = (manager: string, fieldsV1: object): ManagedFields => ({ manager, operation: "Update", time: OURS.time, fieldsV1 });
const claim = (resourceVersion: string, { storage = "4Gi", volume = "", managedFields = [OURS] as ManagedFields[], uid = "u" } = {}) =>
  ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "mysql-data", uid, resourceVersion, labels: { "app.kubernetes.io/name": "mysql" }, managedFields },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage } },
      volumeMode: "Filesystem",
      ...(volume ? { volumeName: volume } : {}),
    },
    status: volume ? { phase: "Bound", capacity: { storage } } : { phase: "Pending" },
  }) as KubeObject;

const fresh = claim("1");

test("the same version is no change; another object of that name is one", () => {
  expect(changed(fresh, claim("1"))).toBe(false);
  expect(changed(fresh, claim("2", { uid: "other" }))).toBe(true);
});

test("a new version that says the same is none, however soon it comes and whatever the time of our entry", () => {
  expect(changed(fresh, claim("2"))).toBe(false);
  expect(changed(fresh, claim("2", { managedFields: [{ ...OURS, time: "2026-11-23T01:40:37Z" }] }))).toBe(false);
});

test("what scheduler and controllers write in between is none of ours", () => {
  const bound = claim("9", {
    volume: "pvc-c03945be",
    managedFields: [OURS, theirs("kube-controller-manager", { "f:spec": { "f:volumeName": {} } })],
  });
  expect(changed(fresh, bound)).toBe(false);
});

test("a value of ours that is another is a change, and so is a field more or less", () => {
  expect(changed(fresh, claim("2", { storage: "8Gi" }))).toBe(true);
  const less = { ...OURS, fieldsV1: { "f:spec": { "f:accessModes": {} } } };
  expect(changed(fresh, claim("2", { managedFields: [less] }))).toBe(true);
  expect(changed(claim("1", { managedFields: [less] }), claim("2"))).toBe(true);
});

test("what was not ours before is a change even if it says the same", () => {
  expect(changed(claim("1", { managedFields: [theirs("kubectl", {})] }), claim("2"))).toBe(true);
});

describe("in lists", () => {
  // A Service's ports are told apart by port and protocol, finalizers by themselves; the server adds what nobody set.
  const fields = {
    "f:metadata": { "f:finalizers": { 'v:"ours"': {} } },
    "f:spec": { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:name": {}, "f:port": {}, "f:targetPort": {} } } },
  };
  const service = (resourceVersion: string, ports: readonly object[], finalizers: readonly string[] = ["ours"]) =>
    ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "webapp", uid: "u", resourceVersion, finalizers, managedFields: [{ ...OURS, fieldsV1: fields }] },
      spec: { ports },
    }) as unknown as KubeObject;
  const http = { name: "http", port: 80, protocol: "TCP", targetPort: 8000 };
  const before = service("1", [http]);

  test.each([
    ["somebody else's item beside ours", [{ name: "other", port: 81, protocol: "TCP" }, http], ["theirs", "ours"], false],
    ["a field of our item that others set", [{ ...http, nodePort: 30_000 }], ["ours"], false],
    ["another value in our item", [{ ...http, targetPort: 9000 }], ["ours"], true],
    ["our item gone", [{ ...http, port: 81 }], ["ours"], true],
    ["our value gone", [http], [], true],
  ] as const)("%s", (_, ports, finalizers, expected) => {
    expect(changed(before, service("2", ports, finalizers))).toBe(expected);
  });
});
