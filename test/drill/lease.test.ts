import { LeaseLost } from "../../src/cluster/apply/lease.ts";
import type { KubeObject } from "../../src/cluster/objects/kube-object.ts";
import { CATALOGUE } from "../../src/drill/catalogue.ts";
import type { DrillContext } from "../../src/drill/context.ts";
import { drill } from "../../src/drill/run-drills.ts";
import { FakeApi } from "../cluster/transport/api.ts";

// A drill that another run takes the lease from, over a server that keeps leases and records.
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/shop/leases";
const CONFIGMAPS = "/api/v1/namespaces/shop/configmaps";
const PARTS = `${CONFIGMAPS}/broken`;
let api: FakeApi;
let notes: string[];
beforeEach(async () => {
  jest.useFakeTimers({
    doNotFake: ["nextTick", "queueMicrotask", "setImmediate", "setTimeout", "clearTimeout", "Date", "performance", "hrtime"],
  });
  api = await FakeApi.start();
  notes = [];
  applied("first");
});
afterEach(() => {
  jest.useRealTimers();
  api.stop();
});

const applied = (digest: string) =>
  api.put(CONFIGMAPS, { metadata: { name: "cloudnova-inventory" }, data: { environment: "shop", digest, objects: "" } });
const take = (holderIdentity: string) =>
  api.put(LEASES, {
    metadata: { name: "cloudnova-apply" },
    spec: { holderIdentity, leaseDurationSeconds: 30, acquireTime: "2026-01-01T00:00:00Z" },
  });
const release = () => void api.objects.delete(`${LEASES}/cloudnova-apply`);

/** A context whose drill breaks one thing, which repairing deletes; `meanwhile` happens before the run looks up again. */
function stageOf(client = api.client(), meanwhile: () => Promise<void> = async () => undefined): DrillContext {
  const broken = () => [...api.objects].filter(([path]) => path === PARTS).map(([, { metadata }]) => ({ ...metadata, kind: "ConfigMap" }));
  return {
    client,
    source: { namespace: "shop", digest: "first", objects: () => [] },
    inside: { close: async () => undefined },
    changes: { made: async () => broken(), touched: async () => [] },
    prepare: async () => {
      await client.send({ method: "POST", path: CONFIGMAPS, body: { metadata: { name: "broken" } } });
      await meanwhile();
      await client.send({ path: PARTS });
    },
    repair: async () => void (await client.send({ method: "DELETE", path: PARTS })),
    afterwards: (other = client.withoutSignal()) => stageOf(other),
  } as unknown as DrillContext;
}

/** Another run takes the lease, which ours sees at its next renewal. */
async function takenOver(): Promise<void> {
  take("eva@elsewhere");
  const before = api.writes.length;
  jest.advanceTimersByTime(5000);
  while (api.writes.length === before) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 100));
}

function run(context: DrillContext, drills = CATALOGUE.slice(0, 1)) {
  const events = { note: (text: string) => void notes.push(text), begins: () => undefined, step: () => undefined, ended: () => undefined };
  return drill(context, "shop", drills, events);
}

test("a drill that keeps its lease restores under it", async () => {
  const context = stageOf(undefined, () => Promise.reject(new Error("the drill failed")));
  await expect(run(context)).rejects.toThrow("the drill failed");
  expect(api.objects.has(PARTS)).toBe(false);
  expect(api.writes.slice(-2)).toEqual([`DELETE ${PARTS}`, `DELETE ${LEASES}/cloudnova-apply`]);
});

test("an environment that Flux applied is not applied by us after a drill: that would be refused", async () => {
  const labels = { "app.kubernetes.io/managed-by": "cloudnova", "app.kubernetes.io/part-of": "cloudnova" };
  const wanted = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "rules", namespace: "shop", labels } };
  api.objects.delete(`${CONFIGMAPS}/cloudnova-inventory`);
  const fieldsV1 = { "f:metadata": { "f:labels": { "f:app.kubernetes.io/managed-by": {} } } };
  const managedFields = [{ manager: "kustomize-controller", operation: "Apply", fieldsV1 }];
  api.put(CONFIGMAPS, { ...wanted, metadata: { ...wanted.metadata, managedFields } } as KubeObject);
  const source = { namespace: "shop", digest: "first", objects: () => [wanted] };
  await expect(run({ ...stageOf(), source } as unknown as DrillContext, [])).resolves.toEqual({ drills: [], left: [] });
});

test("a lost lease: nothing is touched while the other run works; after it, what is still broken is restored under the lease", async () => {
  let meanwhile: string[] = [];
  const context = stageOf(undefined, async () => {
    await takenOver();
    setTimeout(() => {
      meanwhile = [...api.writes];
      release();
    }, 1500);
  });
  await expect(run(context)).rejects.toThrow(LeaseLost);
  expect(meanwhile).not.toContain(`DELETE ${PARTS}`);
  expect(api.writes.slice(-2)).toEqual([`DELETE ${PARTS}`, `DELETE ${LEASES}/cloudnova-apply`]);
  expect(notes[0]).toMatch(/^another run has taken the lease/);
  expect(notes[1]).toMatch(/^waiting: eva@elsewhere is changing this environment/);
  expect(notes.at(-1)).toBe("no change of a drill remains");
});

test("what another run has applied since is not overwritten: it is told how to repair", async () => {
  const context = stageOf(undefined, async () => {
    await takenOver();
    applied("second");
    release();
  });
  await expect(run(context)).rejects.toThrow(LeaseLost);
  expect(api.objects.has(PARTS)).toBe(true);
  expect(notes.at(-1)).toContain("run 'npx cloudnova drill --repair'");
});
