import fc from "fast-check";
import { takedown } from "../../../src/cluster/apply/down.ts";
import {
  inventoryObject,
  keepReason,
  parseInventory,
  type Recorded,
  removedRefs,
  settled,
  union,
} from "../../../src/cluster/apply/inventory.ts";
import { stageOf, stages } from "../../../src/cluster/apply/order.ts";
import { type KubeObject, keyOf, type Ref, refOf } from "../../../src/cluster/objects/kube-object.ts";
import { fingerprint } from "../../../src/cluster/objects/managed-fields.ts";
import { parseManifests } from "../../../src/cluster/objects/manifests.ts";
import { logSources } from "../../../src/cluster/observe/logs.ts";
import { pickContext } from "../../../src/cluster/transport/connection.ts";
import { retryDelay } from "../../../src/cluster/transport/retry.ts";
import { manifestsOf, synthesiseFile } from "../../manifests.ts";

const KIND: KubeObject[] = manifestsOf(synthesiseFile("environments/kind.yaml"));
const ref = (kind: string, name: string, apiVersion = "v1"): Ref => ({ apiVersion, kind, namespace: "cloudnova", name });

describe("order", () => {
  test("namespaces, configuration, workloads, dependents; within each as the manifests have them, and nothing lost", () => {
    const result = stages(KIND);
    expect(result.map(([first]) => stageOf(first as KubeObject))).toEqual([
      "namespaces",
      "configuration",
      "workloads",
      "workloads",
      "dependents",
    ]);
    for (const stage of result) expect(stage).toEqual(KIND.filter((object) => stage.includes(object)));
    expect(result.flat()).toHaveLength(KIND.length);
  });

  test("whatever a pod refers to is applied in an earlier stage than the pod's workload", () => {
    const stageIndex = new Map(stages(KIND).flatMap((stage, index) => stage.map((object) => [keyOf(refOf(object)), index] as const)));
    for (const workload of KIND.filter((object) => stageOf(object) === "workloads")) {
      const own = stageIndex.get(keyOf(refOf(workload))) ?? 0;
      const text = JSON.stringify(workload);
      for (const [, name = ""] of text.matchAll(/"(?:configMap|persistentVolumeClaim)":\{[^}]*"(?:name|claimName)":"([^"]+)"/g)) {
        const used = KIND.filter(({ kind, metadata }) => metadata.name === name && ["ConfigMap", "PersistentVolumeClaim"].includes(kind));
        expect(used.length).toBeGreaterThan(0);
        for (const object of used) expect(stageIndex.get(keyOf(refOf(object)))).toBeLessThan(own);
      }
    }
  });

  test("the Job that makes the Secrets comes before every workload that needs one", () => {
    const names = stages(KIND).map((stage) =>
      stage.filter((object) => stageOf(object) === "workloads").map(({ metadata }) => metadata.name),
    );
    const [early = [], late = []] = names.filter((list) => list.length > 0);
    expect(early.filter((name) => !name.startsWith("bootstrap")).sort()).toEqual([
      "alertmanager",
      "node-exporter",
      "prometheus",
      "traefik",
    ]);
    expect(early).toContainEqual(expect.stringMatching(/^bootstrap-/));
    expect(late.map((name) => name.replace(/-[0-9a-f]{8}$/, "")).sort()).toEqual(["backup", "backup", "grafana", "mysql", "webapp"]);
  });

  test("down goes the other way: dependents first, the namespaces last", () => {
    const gone = takedown(KIND.map(refOf));
    expect(gone[0]?.kind).toBe("Ingress");
    expect(gone.slice(-2).map(({ kind }) => kind)).toEqual(["Namespace", "Namespace"]);
    expect(new Set(gone.map(keyOf))).toEqual(new Set(KIND.map((object) => keyOf(refOf(object)))));
  });
});

describe("inventory", () => {
  const recorded: Recorded[] = [
    { ...ref("ConfigMap", "a"), proof: "p" },
    ref("Deployment", "b", "apps/v1"),
    { ...ref("PersistentVolumeClaim", "c"), kept: true },
  ];

  test("what is written is what is read", () => {
    const inventory = { environment: "kind", digest: "d", objects: recorded };
    expect(parseInventory(inventoryObject("cloudnova", inventory))).toEqual(inventory);
  });

  test.each([
    ["no list", { environment: "kind" }],
    ["no JSON", { environment: "kind", objects: "ConfigMap a" }],
    ["no reference", { environment: "kind", objects: "{}" }],
    ["no environment", { objects: "" }],
  ])("one with %s prunes nothing, and says so", (_, data) => {
    const object = { ...inventoryObject("cloudnova", { environment: "kind", digest: "", objects: [] }), data };
    expect(() => parseInventory(object)).toThrow(/changed after 'apply' wrote it, so objects cannot be pruned safely/);
  });

  test("what departed is what was recorded and is not wanted; a new API version is no departure", () => {
    const wanted = [ref("ConfigMap", "a"), ref("Deployment", "b", "apps/v2")];
    expect(removedRefs(recorded, wanted).map(({ name }) => name)).toEqual(["c"]);
    expect(removedRefs([], wanted)).toEqual([]);
  });

  test("nothing ever departs that was not recorded", () => {
    const refs = fc.array(
      fc.record({ apiVersion: fc.constantFrom("v1", "apps/v1"), kind: fc.constantFrom("A", "B"), name: fc.constantFrom("x", "y", "z") }),
    );
    fc.assert(
      fc.property(refs, refs, (before, wanted) => {
        const [known, kept] = [new Set(before.map(keyOf)), new Set(wanted.map(keyOf))];
        for (const gone of removedRefs(before, wanted)) {
          expect(known).toContain(keyOf(gone));
          expect(kept).not.toContain(keyOf(gone));
        }
        expect(new Set(union(before, wanted).map(keyOf))).toEqual(new Set([...known, ...kept]));
      }),
    );
  });

  const live = (more: object = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "a",
      namespace: "cloudnova",
      uid: "u1",
      resourceVersion: "7",
      managedFields: [{ manager: "cloudnova", operation: "Apply", time: "2026-01-01T00:00:00Z", fieldsV1: { "f:data": {} } }],
      ...more,
    },
  });

  test("settled is only what is there, is ours as it was, and is not on its way out", () => {
    const proof = fingerprint(live());
    const record = [{ ...ref("ConfigMap", "a"), proof }];
    const at = (object: KubeObject | undefined) => settled(record, new Map(object ? [[keyOf(refOf(object)), object]] : [])).length;
    expect(at(live({ resourceVersion: "8" }))).toBe(1); // somebody wrote what is not ours
    expect(at(undefined)).toBe(0);
    expect(at(live({ uid: "u2" }))).toBe(0);
    expect(at(live({ deletionTimestamp: "2026-01-01T00:00:00Z" }))).toBe(0);
    expect(at(live({ managedFields: [] }))).toBe(0);
    expect(at(live({ managedFields: [{ manager: "cloudnova", operation: "Apply", time: "2026-01-01T00:00:00Z", fieldsV1: {} }] }))).toBe(0);
    expect(settled([ref("ConfigMap", "a")], new Map([[keyOf(record[0] as Ref), live()]]))).toEqual([]);
  });

  test("what somebody made anew, or another object owns, is never deleted", () => {
    expect(keepReason(live())).toBeUndefined();
    expect(keepReason(live({ managedFields: [{ manager: "kubectl", operation: "Update" }] }))).toMatch(/another program/);
    expect(keepReason(live({ ownerReferences: [{ kind: "X", name: "x", uid: "1" }] }))).toMatch(/owns it/);
  });
});

describe("retries", () => {
  const delays = (failure: Parameters<typeof retryDelay>[1]) =>
    Array.from({ length: 10 }, (_, index) => retryDelay(index + 1, failure, 0.5));

  test("grow, are bounded in length and number, and are spread", () => {
    const list = delays({ status: 503 });
    expect(list).toEqual([100, 200, 400, 800, 1600, 3200, 4000, undefined, undefined, undefined]);
    expect(retryDelay(1, { status: 503 }, 0)).toBe(75);
    expect(retryDelay(1, { status: 503 }, 0.99)).toBeCloseTo(124.5);
  });
  test.each([429, 500, 502, 503, 504])("%i passes by", (status) => expect(delays({ status })[0]).toBeDefined());
  test("403 passes by after a connection broke: a server that has just started has not read who may what", () => {
    expect(delays({ status: 403, restarted: true })[0]).toBeDefined();
    expect(delays({ status: 401, restarted: true })[0]).toBeUndefined();
  });
  test.each([400, 401, 403, 404, 422, 501])("%i does not", (status) => expect(delays({ status })[0]).toBeUndefined());
  test("the server's own Retry-After goes first, unless it is longer than anybody waits", () => {
    expect(retryDelay(1, { status: 429, retryAfter: 1000 }, 0)).toBe(1000);
    expect(retryDelay(1, { status: 429, retryAfter: 3_600_000 }, 0)).toBeUndefined();
  });
  test("an update that crossed another is sent again; a conflict that lasts is not", () => {
    expect(retryDelay(1, { status: 409, reason: "Conflict" }, 0)).toBeDefined();
    expect(retryDelay(1, { status: 409, reason: "Conflict", lastingConflict: true }, 0)).toBeUndefined();
    expect(retryDelay(1, { status: 409, reason: "AlreadyExists" }, 0)).toBeUndefined();
  });
  test("a broken connection passes by; a wrong name or certificate does not", () => {
    expect(retryDelay(1, { code: "ECONNRESET" }, 0)).toBeDefined();
    expect(retryDelay(1, { code: "ENOTFOUND" }, 0)).toBeUndefined();
    expect(retryDelay(1, { code: "CERT_HAS_EXPIRED" }, 0)).toBeUndefined();
  });
});

describe("which context", () => {
  test("the named one, or the only one of a named file; never the current one by itself", () => {
    expect(pickContext(["a", "b"], { context: "b" }, "f")).toBe("b");
    expect(pickContext(["a"], { kubeconfig: "f" }, "f")).toBe("a");
    expect(() => pickContext(["a"], {}, "f")).toThrow("no context was given (f; available: a)");
    expect(() => pickContext(["a", "b"], { kubeconfig: "f" }, "f")).toThrow("no context was given");
    expect(() => pickContext(["kind-cloudnova"], { context: "kind-cloudnva" }, "f")).toThrow("did you mean kind-cloudnova?");
  });
});

describe("manifests", () => {
  test("places are named", () => {
    expect(() => parseManifests("a: 1\nb: [", "f.yaml")).toThrow(/^f\.yaml:\d+:\d+: /);
    expect(() => parseManifests("kind: X\nmetadata: {}", "f.yaml")).toThrow(
      "f.yaml: document 1 is not a Kubernetes object: it lacks apiVersion, metadata.name",
    );
  });
  test("empty documents are passed over", () => expect(parseManifests("---\n---\n", "f.yaml")).toEqual([]));
});

test("logs of a component: all containers of its pods, init containers first; a wrong name tells the right ones", () => {
  const pod = (name: string, component: string) =>
    ({
      metadata: { name, namespace: "n", labels: { "app.kubernetes.io/name": component } },
      spec: { initContainers: [{ name: "init" }], containers: [{ name: "main" }] },
    }) as unknown as KubeObject;
  const pods = [pod("webapp-1", "webapp"), pod("mysql-0", "mysql")];
  expect(logSources(pods, "webapp").map(({ pod: name, container }) => `${name}/${container}`)).toEqual(["webapp-1/init", "webapp-1/main"]);
  expect(logSources(pods, undefined)).toHaveLength(4);
  expect(logSources(pods, "mysql-0")).toHaveLength(2);
  expect(logSources(pods, "init").map(({ pod: name }) => name)).toEqual(["webapp-1", "mysql-0"]);
  expect(() => logSources(pods, "webap")).toThrow("no pods of a component 'webap'; did you mean webapp?");
  expect(() => logSources([], "webapp")).toThrow("no pods");
});
