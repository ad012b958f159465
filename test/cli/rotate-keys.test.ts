import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { run } from "../../src/cli/run.ts";
import { FORMER } from "../../src/cluster/rotate/backup-key.ts";
import { printFor } from "../../src/printed.ts";
import { FakeApi } from "../cluster/transport/api.ts";
import { synthesiseText } from "../manifests.ts";
import { temporaryFolder } from "../temporary.ts";

// The keys that one value alone can be valid of, as users type the commands, against an API server in memory. Old and new backups:
// test/real/backup.test.ts; pods: the end-to-end suite.
const folder = temporaryFolder("rotate-keys");
const ENVIRONMENT = `cluster: kind
machine: { memory: 8Gi, cpu: '4', disk: 60Gi }
applications:
  webapp: { sample: {} }
  shop:
    image: s:1
    ingress: { path: /s }
    secrets: { SECRET_KEY: { generate: true }, SALT: { generate: true }, STRIPE: { from: own } }
  plain: { image: p:1, database: false, ingress: { path: /p } }
`;
const synthesis = synthesiseText(ENVIRONMENT, "trial");
const dist = join(folder, "dist");
const OWN = "/api/v1/namespaces/cloudnova";
const SHOP = "/api/v1/namespaces/cloudnova-shop";
let api: FakeApi;
let kubeconfig: string;

beforeAll(() => {
  mkdirSync(join(dist, "trial"), { recursive: true });
  for (const [file, text] of synthesis.files) writeFileSync(join(dist, "trial", file), text);
});

function putSecret(collection: string, name: string, values: Record<string, string>, by = "cloudnova-bootstrap"): void {
  const data = Object.fromEntries(Object.entries(values).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
  api.put(`${collection}/secrets`, { kind: "Secret", metadata: { name, labels: { "app.kubernetes.io/managed-by": by } }, data });
}

function valuesOf(collection: string, name: string): Record<string, string> {
  const data = api.objects.get(`${collection}/secrets/${name}`)?.data ?? {};
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(String(value), "base64").toString()]));
}

beforeEach(async () => {
  api = await FakeApi.start();
  kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, api.kubeconfig("mine"));
  putSecret(OWN, "grafana-key", { "secret-key": "old-grafana" });
  putSecret(OWN, "backup-key", { identity: "AGE-SECRET-KEY-1OLD\n" });
  putSecret(SHOP, "backup-key", { identity: "AGE-SECRET-KEY-1SHOP", [FORMER]: "AGE-SECRET-KEY-1OLDER" });
  putSecret(SHOP, "shop-secrets", { SECRET_KEY: "old-key", SALT: "old-salt" });
  const status = { observedGeneration: 1, updatedReplicas: 2, replicas: 2, availableReplicas: 2 };
  api.put("/apis/apps/v1/namespaces/cloudnova-shop/deployments", { kind: "Deployment", metadata: { name: "shop" }, status });
});
afterEach(() => {
  api.stop();
  printFor("", []);
});

async function rotate(what: string, ...args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const where = ["--dist", dist, "--context", "mine", "--kubeconfig", kubeconfig, "--output", "json"];
  const code = await run(["rotate", what, "trial", ...args, ...where], { stdin: new PassThrough(), stdout, stderr, env: {} });
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}
const changed = () => api.writes.filter((write) => !write.includes("/leases"));

describe("backup-key", () => {
  test("each namespace has another key, and keeps those before in their order", async () => {
    const { code, stdout, stderr } = await rotate("backup-key", "--yes");
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("cloudnova-shop: new backups are encrypted to") });
    expect(JSON.parse(stdout)).toMatchObject({ changed: ["cloudnova", "cloudnova-shop"], restarted: [] });
    const [own, shop] = [valuesOf(OWN, "backup-key"), valuesOf(SHOP, "backup-key")];
    expect(own[FORMER]).toBe("AGE-SECRET-KEY-1OLD");
    expect(shop[FORMER]).toBe("AGE-SECRET-KEY-1SHOP\nAGE-SECRET-KEY-1OLDER");
    for (const { identity } of [own, shop]) expect(identity).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/);
    expect(own.identity).not.toBe(shop.identity);
    expect(stdout + stderr).not.toContain("AGE-SECRET");
  });

  test("of one application alone", async () => {
    expect((await rotate("backup-key", "shop", "--yes")).code).toBe(0);
    expect(valuesOf(OWN, "backup-key")).toEqual({ identity: "AGE-SECRET-KEY-1OLD\n" });
    expect(changed()).toEqual(["PATCH /api/v1/namespaces/cloudnova-shop/secrets/backup-key"]);
  });
});

describe("grafana-key", () => {
  const pods = "/api/v1/namespaces/cloudnova/pods";
  const sets = "/apis/apps/v1/namespaces/cloudnova/statefulsets";

  test("where Grafana does not run, the next pod starts with the new key", async () => {
    const { code, stdout, stderr } = await rotate("grafana-key", "--yes");
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("a data source that you added in Grafana") });
    expect(JSON.parse(stdout)).toMatchObject({ changed: ["secret-key"], restarted: [] });
    expect(valuesOf(OWN, "grafana-key")["secret-key"]).toMatch(/^[\w-]{43}$/);
    expect(changed().every((write) => write.endsWith("/secrets/grafana-key"))).toBe(true);
  });

  test("a run that was cut off before the restart is finished by the next one, with the same key", async () => {
    const labels = { "app.kubernetes.io/name": "grafana", "app.kubernetes.io/part-of": "cloudnova" };
    api.put(pods, { kind: "Pod", metadata: { name: "grafana-0", labels }, status: { phase: "Running" } });
    const status = { observedGeneration: 1, updatedReplicas: 1, replicas: 1, readyReplicas: 1, availableReplicas: 1 };
    api.put(sets, { kind: "StatefulSet", metadata: { name: "grafana" }, spec: { replicas: 1 }, status });
    const isRestart = (url = "", method = "") => method === "PATCH" && url.includes("/statefulsets/");
    api.intercept = (request, response) => {
      if (!isRestart(request.url, request.method)) return false;
      response.writeHead(403, { "content-type": "application/json" }).end('{"message":"no"}');
      return true;
    };
    expect((await rotate("grafana-key", "--yes")).code).toBe(1);
    const key = valuesOf(OWN, "grafana-key")["secret-key"];
    // The restart replaces the pod.
    api.intercept = (request) => {
      if (isRestart(request.url, request.method)) {
        api.objects.delete(`${pods}/grafana-0`);
        api.put(pods, { kind: "Pod", metadata: { name: "grafana-0", uid: "another", labels } });
      }
      return false;
    };
    const { code, stderr } = await rotate("grafana-key", "--yes");
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("an earlier run has begun") });
    expect(valuesOf(OWN, "grafana-key")["secret-key"]).toBe(key);
    expect(key).not.toBe("old-grafana");
  });
});

describe("application", () => {
  test("one value of an application, and says what may be lost", async () => {
    const { code, stdout, stderr } = await rotate("application", "shop/SECRET_KEY", "--yes");
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("data that it encrypted cannot be read any more") });
    expect(JSON.parse(stdout)).toMatchObject({ changed: ["shop/SECRET_KEY"], restarted: ["shop"] });
    expect(valuesOf(SHOP, "shop-secrets")).toEqual({ SECRET_KEY: expect.stringMatching(/^[\w-]{43}$/), SALT: "old-salt" });
    expect(changed()).toContain("PATCH /apis/apps/v1/namespaces/cloudnova-shop/deployments/shop");
    expect(stdout + stderr).not.toContain(valuesOf(SHOP, "shop-secrets").SECRET_KEY);
  });

  test("a run that was cut off before the restart is finished by the next one, which changes the rest", async () => {
    api.intercept = (request, response) => {
      const isRestart = request.method === "PATCH" && (request.url ?? "").includes("/deployments/");
      if (isRestart) response.writeHead(403, { "content-type": "application/json" }).end('{"message":"no"}');
      return isRestart;
    };
    expect((await rotate("application", "shop/SECRET_KEY", "--yes")).code).toBe(1);
    const { SECRET_KEY } = valuesOf(SHOP, "shop-secrets");
    api.intercept = () => false;
    const { stderr } = await rotate("application", "shop", "--yes");
    expect(stderr).toContain("shop/SECRET_KEY: changed; no pod has the one before");
    expect(stderr).toContain("shop/SALT: changed");
    const now = valuesOf(SHOP, "shop-secrets");
    expect(now).toEqual({ SECRET_KEY, SALT: expect.stringMatching(/^[\w-]{43}$/) });
    expect(SECRET_KEY).not.toBe("old-key");
  });
});

test.each<[string, readonly string[], () => void, RegExp]>([
  ["application", [], () => {}, /name what is to change.*\n.*shop, shop\/SECRET_KEY, shop\/SALT/],
  ["application", ["plain"], () => {}, /'plain' is nothing.*\n.*shop, shop\/SECRET_KEY, shop\/SALT/],
  ["application", ["shop/STRIPE"], () => {}, /'shop\/STRIPE' is nothing/],
  ["application", ["shop"], () => putSecret(SHOP, "shop-secrets", { SECRET_KEY: "x" }), /Secret shop-secrets has no key SALT/],
  ["backup-key", ["none"], () => {}, /none/],
  ["backup-key", [], () => putSecret(SHOP, "backup-key", { identity: "x" }, "me"), /Secret backup-key is your own/],
  ["grafana-key", [], () => api.objects.delete(`${OWN}/secrets/grafana-key`), /Secret grafana-key has no key secret-key/],
])("rotate %s %p is refused, and changes nothing", async (what, names, prepare, message) => {
  prepare();
  const { code, stderr } = await rotate(what, ...names, "--yes");
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  expect(changed()).toEqual([]);
});
