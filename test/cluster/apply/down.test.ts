import { down, type Removed } from "../../../src/cluster/apply/down.ts";
import { nameOf, type Ref } from "../../../src/cluster/objects/kube-object.ts";
import { Discovery } from "../../../src/cluster/transport/discovery.ts";
import { FakeApi } from "../transport/api.ts";

const SHOP = "/api/v1/namespaces/shop";
const HOST = "/api/v1/namespaces/shop-host";
const PLACES = {
  Namespace: "/api/v1/namespaces",
  PersistentVolumeClaim: `${SHOP}/persistentvolumeclaims`,
  ConfigMap: `${SHOP}/configmaps`,
  Deployment: "/apis/apps/v1/namespaces/shop/deployments",
} as const;
const OURS = { managedFields: [{ manager: "cloudnova", operation: "Apply" }] };
const generated = { "app.kubernetes.io/managed-by": "cloudnova-bootstrap" };

const WANTED: Ref[] = [
  { apiVersion: "v1", kind: "Namespace", name: "shop" },
  { apiVersion: "v1", kind: "Namespace", name: "shop-host" },
  { apiVersion: "v1", kind: "PersistentVolumeClaim", name: "mysql-data", namespace: "shop" },
  { apiVersion: "v1", kind: "ConfigMap", name: "settings", namespace: "shop" },
  { apiVersion: "apps/v1", kind: "Deployment", name: "webapp", namespace: "shop" },
];

let api: FakeApi;
let notes: string[];
beforeEach(async () => {
  api = await FakeApi.start();
  const recorded: Ref[] = [];
  const apply = (kind: keyof typeof PLACES, name: string) => {
    const apiVersion = kind === "Deployment" ? "apps/v1" : "v1";
    recorded.push({ apiVersion, kind, name, ...(kind !== "Namespace" && { namespace: "shop" }) });
    api.put(PLACES[kind], { apiVersion, kind, metadata: { name, ...OURS } });
  };
  apply("Namespace", "shop");
  apply("Namespace", "shop-host");
  apply("PersistentVolumeClaim", "mysql-data");
  apply("ConfigMap", "settings");
  apply("Deployment", "webapp");
  const objects = recorded.map((ref) => JSON.stringify(ref)).join("\n");
  api.put(PLACES.ConfigMap, { metadata: { name: "cloudnova-inventory" }, data: { environment: "shop", digest: "d", objects } });
  api.put(`${SHOP}/secrets`, { metadata: { name: "mysql", labels: generated } });
});
afterEach(() => api.stop());

async function takeDown(deleteData: boolean, environment = "shop"): Promise<Record<string, string> | undefined> {
  const client = api.client();
  notes = [];
  const events = { removed: () => undefined, note: (text: string) => void notes.push(text) };
  const options = { environment, namespace: "shop", wanted: WANTED, deleteData, timeoutMs: 1000 };
  const results = await down(client, new Discovery(client), options, events);
  const told = ({ ref, outcome, message }: Removed) => [nameOf(ref), message ? `${outcome}: ${message}` : outcome] as const;
  return results && Object.fromEntries(results.map(told));
}
const there = () => [...api.objects.keys()].sort();

/** What down does to the objects of the tests when the data stays. */
const DATA_KEPT = {
  "Deployment shop/webapp": "deleted",
  "ConfigMap shop/settings": "deleted",
  "PersistentVolumeClaim shop/mysql-data": "kept: it may contain data",
  "Namespace shop": "kept: it contains the data",
  "Namespace shop-host": "kept: it contains no data; --delete-data deletes it too",
};

test("volumes, the secrets generated in the cluster and the namespaces stay; only what holds data is said to", async () => {
  expect(await takeDown(false)).toEqual(DATA_KEPT);
  expect(there()).toEqual(
    [SHOP, HOST, `${SHOP}/configmaps/cloudnova-inventory`, `${SHOP}/persistentvolumeclaims/mysql-data`, `${SHOP}/secrets/mysql`].sort(),
  );
});

test("what stayed is in the record, so that --delete-data finds it later", async () => {
  await takeDown(false);
  expect(await takeDown(true)).toEqual({
    "PersistentVolumeClaim shop/mysql-data": "deleted",
    "Namespace shop": "deleted",
    "Namespace shop-host": "deleted",
  });
  expect(there()).toEqual([]);
});

test("--delete-data deletes all that was applied, and the secrets generated in the cluster", async () => {
  expect(Object.values((await takeDown(true)) ?? {})).toEqual(Array(5).fill("deleted"));
  expect(there()).toEqual([]);
  expect(await takeDown(true)).toBeUndefined();
});

test("--delete-data deletes the secrets that were generated for an application in its own namespace", async () => {
  api.put(`${HOST}/secrets`, { metadata: { name: "shop-database", labels: { "app.kubernetes.io/managed-by": "cloudnova-bootstrap" } } });
  expect(await takeDown(true)).toMatchObject({ "Namespace shop-host": "deleted" });
  expect(there()).toEqual([]);
});

test("another environment's record is not touched", async () => {
  const before = there();
  await expect(takeDown(true, "other")).rejects.toThrow("namespace shop contains the environment 'shop', not 'other'");
  expect(there()).toEqual(before);
});

test("--delete-data spares what somebody has made anew, and what another object owns, with their namespace", async () => {
  api.put(PLACES.ConfigMap, { metadata: { name: "settings" } });
  const owner = { kind: "Chart", name: "web", uid: "1" };
  api.put(PLACES.Deployment, { metadata: { name: "webapp", ...OURS, ownerReferences: [owner] } });
  expect(await takeDown(true)).toMatchObject({
    "ConfigMap shop/settings": "kept: another program has created it again since",
    "Deployment shop/webapp": "kept: another object owns it (ownerReferences)",
    "PersistentVolumeClaim shop/mysql-data": "deleted",
    "Namespace shop":
      "kept: it also contains objects that are not part of this environment: Deployment shop/webapp, ConfigMap shop/settings",
    "Namespace shop-host": "deleted",
  });
  expect(there()).toEqual(expect.arrayContaining([`${PLACES.ConfigMap}/settings`, `${PLACES.Deployment}/webapp`]));
});

describe("a namespace, which would take everything in it along", () => {
  const release = (name: string, revision: number) =>
    api.put(`${HOST}/secrets`, { type: "helm.sh/release.v1", metadata: { name: `sh.helm.release.v1.${name}.v${revision}` } });

  test("stays for what is not ours, which is named", async () => {
    api.put(`${HOST}/persistentvolumeclaims`, { metadata: { name: "theirs" } });
    api.put(`${HOST}/secrets`, { type: "Opaque", metadata: { name: "token" } });
    const result = await takeDown(true);
    expect(result?.["Namespace shop-host"]).toBe(
      "kept: it also contains objects that are not part of this environment: PersistentVolumeClaim shop-host/theirs, Secret shop-host/token",
    );
    expect(result?.["Namespace shop"]).toBe("deleted");
    expect(there()).toEqual([HOST, `${HOST}/persistentvolumeclaims/theirs`, `${HOST}/secrets/token`].sort());
  });

  test("stays for a Helm release, which is named once and not by each of its revisions", async () => {
    for (const revision of [1, 2, 3]) release("redis.cache", revision);
    release("nats", 1);
    const result = await takeDown(true);
    expect(result?.["Namespace shop-host"]).toBe(
      "kept: it also contains objects that are not part of this environment: Helm release redis.cache, Helm release nats",
    );
    expect(there()).toContain(`${HOST}/secrets/sh.helm.release.v1.redis.cache.v3`);
  });

  test("goes with what Kubernetes itself put there, and with what belongs to other objects", async () => {
    api.put(`${HOST}/configmaps`, { metadata: { name: "kube-root-ca.crt" } });
    const account = { "kubernetes.io/service-account.name": "default" };
    api.put(`${HOST}/secrets`, { metadata: { name: "default-token", annotations: account } });
    const owner = { kind: "ReplicaSet", name: "web", uid: "1" };
    api.put(`${HOST}/pods`, { metadata: { name: "web-1", ownerReferences: [owner] } });
    expect((await takeDown(true))?.["Namespace shop-host"]).toBe("deleted");
  });
});

describe("what applied by other ways than this program", () => {
  const labels = { "app.kubernetes.io/part-of": "cloudnova", "app.kubernetes.io/managed-by": "cloudnova" };
  const entry = (manager: string, operation: string) => ({
    manager,
    operation,
    fieldsV1: { "f:metadata": { "f:labels": { "f:app.kubernetes.io/managed-by": {} } } },
  });
  /** Has all of it be there, without a record. */
  function deploy(manager: string, operation = "Update", annotations: Record<string, string> = {}): void {
    api.objects.delete(`${PLACES.ConfigMap}/cloudnova-inventory`);
    for (const { kind, name } of WANTED) {
      const at = PLACES[kind as keyof typeof PLACES];
      const managedFields = [entry(manager, operation)];
      api.put(at, {
        apiVersion: kind === "Deployment" ? "apps/v1" : "v1",
        kind,
        metadata: { name, namespace: kind === "Namespace" ? undefined : "shop", labels, annotations, managedFields },
      });
    }
  }

  test.each([
    ["kubectl-client-side-apply", "Update"],
    ["kubectl", "Apply"],
  ])("%s: it is deleted as if this program had applied it, volumes stay, and the way is said", async (manager, operation) => {
    deploy(manager, operation);
    expect(await takeDown(false)).toEqual(DATA_KEPT);
    expect(notes).toContain("5 objects applied by kubectl apply");
    expect(Object.values((await takeDown(true)) ?? {})).toEqual(["deleted", "deleted", "deleted"]);
    expect(there()).toEqual([]);
  });

  test.each([
    ["argocd-controller", {}, "Argo CD", "argocd app delete"],
    ["kubectl-client-side-apply", { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/webapp" }, "Argo CD", "argocd app delete"],
    ["kustomize-controller", {}, "Flux", "Kustomization"],
    ["helm", {}, "Helm", "helm uninstall"],
    ["deploy@server-1", { "objectset.rio.cattle.io/id": "" }, "k3s' manifests folder", "/var/lib/rancher/k3s/server/manifests"],
  ])("%s %j: refused, because %s would bring it back", async (manager, annotations, name, advice) => {
    deploy(manager, "Update", annotations as Record<string, string>);
    const before = there();
    await expect(takeDown(true)).rejects.toMatchObject({
      message: `${name} applied 5 objects of this environment and would create them again after a deletion; nothing was deleted`,
      advice: expect.stringContaining(advice),
    });
    expect(there()).toEqual(before);
  });

  test("objects that run beside a record which lists only what stayed are found", async () => {
    await takeDown(false);
    api.put(PLACES.Deployment, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "webapp", namespace: "shop", labels, managedFields: [entry("kubectl-client-side-apply", "Update")] },
    });
    expect(await takeDown(false)).toMatchObject({ "Deployment shop/webapp": "deleted" });
  });

  test("what carries the labels but is not in the manifests stays, and is named: never 'nothing is there'", async () => {
    api.objects.clear();
    api.put(PLACES.Deployment, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "older", namespace: "shop", labels } });
    expect(await takeDown(true)).toEqual({
      "Deployment shop/older": "kept: it has this project's labels, but neither the manifests nor the inventory list it",
    });
  });
});
