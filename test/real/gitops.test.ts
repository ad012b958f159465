import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseAllDocuments } from "yaml";
import { isKept } from "../../src/cluster/apply/inventory.ts";
import { NEVER_PRUNED } from "../../src/constructs/index.ts";
import { type ApiServer, startApiServer } from "../../tools/apiserver/server.ts";
import { installCrds } from "../../tools/validate/crds.ts";
import { kubectl } from "../cli/bundled-program.ts";
import type { Manifest } from "../manifests.ts";

// The manifests of gitops/ against the part of the engines' own definitions that they use, on a real API server. No engine runs here.
jest.setTimeout(240_000);

let api: ApiServer;
const admin = (...args: readonly string[]) => kubectl(api.bin, api.kubeconfig, ...args);
const documents = (text: string): Manifest[] => parseAllDocuments(text).map((one) => one.toJS());
const environments = readdirSync("dist").sort();
const objectsOf = (environment: string) =>
  readdirSync(`dist/${environment}`)
    .filter((file) => file.endsWith(".k8s.yaml"))
    .flatMap((file) => documents(readFileSync(`dist/${environment}/${file}`, "utf8")));
const keyOf = ({ apiVersion, kind, metadata }: Manifest) => [apiVersion, kind, metadata.namespace, metadata.name].join("/");
const byKey = (objects: readonly Manifest[]) => [...objects].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));

beforeAll(async () => {
  api = await startApiServer();
  await installCrds(api.client, "crds");
  for (const namespace of ["argocd", "flux-system"]) await admin("create", "namespace", namespace);
});
afterAll(() => api?.stop());

test("each committed environment has manifests for both engines, and no other has", () => {
  const files = environments.map((name) => `${name}.yaml`);
  expect([readdirSync("gitops/argo-cd").sort(), readdirSync("gitops/flux").sort()]).toEqual([files, files]);
});

test.each(environments.flatMap((name) => [`gitops/argo-cd/${name}.yaml`, `gitops/flux/${name}.yaml`]))(
  "%s is accepted whole",
  async (file) => {
    await admin("apply", "--server-side", "--validate=strict", "-f", file);
    for (const { kind, apiVersion, metadata, spec } of documents(readFileSync(file, "utf8"))) {
      const type = `${kind}.${apiVersion.replace(/^(.*)\/(.*)$/, "$2.$1")}`;
      const live = JSON.parse(await admin("-n", metadata.namespace, "get", type, metadata.name, "-o", "json"));
      expect(live.spec).toEqual(expect.objectContaining(spec));
    }
  },
);

test.each([
  ["gitops/argo-cd/kind.yaml", "selfHeal", "selfHeel"],
  ["gitops/flux/kind.yaml", "Orphan", "Forget"],
])("the definitions refuse a wrong word in %s", async (file, right, wrong) => {
  const { apiVersion, kind, metadata, spec } = JSON.parse(
    JSON.stringify(documents(readFileSync(file, "utf8")).at(-1)).replace(right, wrong),
  );
  const collection = dirname((await api.client.pathOf(apiVersion, kind, "wrong", metadata.namespace)) ?? "");
  const path = `${collection}?fieldValidation=Strict`;
  const { status, body } = await api.client.call("POST", path, { apiVersion, kind, metadata: { ...metadata, name: "wrong" }, spec });
  expect(body.message).toContain(wrong);
  expect(status).toBeGreaterThanOrEqual(400);
});

test.each(environments)("kustomize's build of dist/%s is the objects of its files", async (name) => {
  const built = documents(await admin("kustomize", `dist/${name}`));
  expect(built.length).toBeGreaterThan(50);
  expect(byKey(built)).toEqual(byKey(objectsOf(name)));
});

test.each(environments)("neither engine prunes what holds data in dist/%s, and no password is in git", (name) => {
  const objects = objectsOf(name);
  const kept = objects.filter(({ kind }) => isKept({ kind }));
  expect(kept.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["Namespace", "PersistentVolumeClaim"]));
  for (const { metadata } of kept)
    expect([metadata.name, metadata.annotations]).toEqual([metadata.name, expect.objectContaining(NEVER_PRUNED)]);
  expect(objects.filter(({ kind }) => kind === "Secret")).toEqual([]);
});
