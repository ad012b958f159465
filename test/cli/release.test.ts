import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { run } from "../../src/cli/run.ts";
import { inventoryObject } from "../../src/cluster/apply/inventory.ts";
import { setLocale } from "../../src/language.ts";
import { printFor } from "../../src/printed.ts";
import { FakeApi } from "../cluster/transport/api.ts";
import { manifestsOf, synthesiseText } from "../manifests.ts";
import { temporaryFolder } from "../temporary.ts";

// The command as users type it, against an API server in memory: what is refused before anything changes. Releases themselves are in test/e2e.
const folder = temporaryFolder("release");
const file = join(folder, "trial.yaml");
const TEXT = `cluster: kind
machine: { memory: 8Gi, cpu: '4', disk: 60Gi }
applications:
  webapp: { sample: {} }
  shop: { image: 's:1', ingress: { path: /s } }
`;
const synthesis = synthesiseText(TEXT, "trial");
const dist = join(folder, "dist");
const manifests = manifestsOf(synthesis);
let api: FakeApi;
let kubeconfig: string;

beforeAll(() => {
  mkdirSync(join(dist, "trial"), { recursive: true });
  writeFileSync(file, TEXT);
  for (const [file, text] of synthesis.files) writeFileSync(join(dist, "trial", file), text);
});

/** Has an application run with an image. @param image undefined: the manifests' */
function running(name: string, image?: string): void {
  const { spec, metadata } = manifests.find((one) => one.kind === "Deployment" && one.metadata.name === name);
  const [first, ...rest] = spec.template.spec.containers;
  const containers = [{ ...first, ...(image && { image }) }, ...rest];
  const live = { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } };
  api.put(`/apis/apps/v1/namespaces/${metadata.namespace}/deployments`, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: live,
  });
}
const underway = {
  id: "0a",
  application: "webapp",
  namespace: "cloudnova",
  phase: "canary",
  weight: "10",
  digest: "d",
  since: "2026-01-02 03:04:05 UTC",
};
const begin = () =>
  api.put("/api/v1/namespaces/cloudnova/configmaps", { kind: "ConfigMap", metadata: { name: "cloudnova-release" }, data: underway });

beforeEach(async () => {
  api = await FakeApi.start();
  // A dry run changes nothing, and there are no events.
  api.intercept = (request, response) => {
    const isEvents = /\/events(\?|$)/.test(request.url ?? "");
    if (isEvents) response.writeHead(200, { "content-type": "application/json" }).end('{"items":[]}');
    if (!request.url?.includes("dryRun=All")) return isEvents;
    let text = "";
    request
      .on("data", (chunk) => (text += chunk))
      .on("end", () => response.writeHead(200, { "content-type": "application/json" }).end(text));
    return true;
  };
  kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, api.kubeconfig("mine"));
  running("webapp");
  running("shop");
  api.put("/api/v1/namespaces/cloudnova/configmaps", inventoryObject("cloudnova", { environment: "trial", digest: "older", objects: [] }));
});
afterEach(() => {
  api.stop();
  printFor("", []);
});

async function type(...args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const where = ["--dist", dist, "--context", "mine", "--kubeconfig", kubeconfig];
  const code = await run([...args, ...where], { stdin: new PassThrough(), stdout, stderr, env: {} });
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}
const changed = () => api.writes.filter((write) => !write.includes("/leases"));

test("without a new version nothing changes, and it says what is for everything else", async () => {
  const { code, stderr } = await type("release", file);
  expect(code).toBe(0);
  expect(stderr).toMatch(/no new version: the pods of .*webapp.*npx cloudnova apply/);
  expect(changed()).toEqual([]);
});

test.each<[string, readonly string[], () => void, RegExp]>([
  [
    "two new versions at once",
    [],
    () => [running("webapp", "w:0"), running("shop", "s:0")],
    /more than one application: shop, webapp\n.*one at a time/,
  ],
  ["another application than the one that has a new version", ["shop"], () => running("webapp", "w:0"), /shop, webapp/],
  ["an application that is none", ["shpo"], () => {}, /'shpo' is no application.*shop, webapp/],
  [
    "an application that does not run",
    [],
    () => api.objects.delete("/apis/apps/v1/namespaces/cloudnova/deployments/webapp"),
    /webapp does not run yet/,
  ],
  ["a share of more than half", ["--weight", "80"], () => {}, /--weight: a share from 1 to 50/],
  ["no Prometheus to judge by", [], () => running("webapp", "w:0"), /Prometheus does not answer.*nothing was changed/],
])("refuses %s, and changes nothing", async (_, args, prepare, message) => {
  prepare();
  const { code, stderr } = await type("release", file, ...args);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
  expect(changed()).toEqual([]);
});

describe("during a release", () => {
  beforeEach(() => void begin());

  test.each([[["apply", file]], [["rotate", "database", file, "--yes"]]])("%j is refused", async (args) => {
    api.put("/api/v1/namespaces/cloudnova/pods", {
      kind: "Pod",
      metadata: { name: "mysql-0", labels: { "app.kubernetes.io/name": "mysql" } },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    });
    const { code, stderr } = await type(...args);
    expect(stderr).toMatch(/a release of webapp is in progress since 2026-01-02 03:04:05 UTC\n.*npx cloudnova release .*--undo/);
    expect(code).toBe(1);
    expect(changed()).toEqual([]);
  });

  test("status tells, for people and for programs, in both languages", async () => {
    expect((await type("status", file)).stdout).toContain(
      "A release of webapp is in progress since 2026-01-02 03:04:05 UTC: its new version gets 10 %",
    );
    expect(JSON.parse((await type("status", file, "--output", "json")).stdout).release).toEqual({ ...underway, weight: 10 });
    try {
      expect((await type("status", file, "--language", "es")).stdout).toContain("Hay una publicación de webapp en curso");
    } finally {
      setLocale("en");
    }
  });
});
