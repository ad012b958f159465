import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { run } from "../../src/cli/run.ts";
import { ROTATABLE } from "../../src/cluster/rotate/rotatable.ts";
import { printFor } from "../../src/printed.ts";
import { FakeApi } from "../cluster/transport/api.ts";
import { serveExec } from "../cluster/transport/stub-exec.ts";
import { manifestsOf, synthesiseText } from "../manifests.ts";
import { temporaryFolder } from "../temporary.ts";

// The command as users type it, against an API server in memory. MySQL itself is in test/real/rotate.test.ts.
const folder = temporaryFolder("rotate");
const synthesis = synthesiseText(
  "cluster: kind\nmachine: { memory: 8Gi, cpu: '4', disk: 60Gi }\napplications:\n  webapp: { sample: {} }\n  shop: { image: s:1, ingress: { path: /s } }\n",
  "trial",
);
const dist = join(folder, "dist");
const PASSWORDS = { root: "old-root", webapp: "old-webapp", migrator: "old-migrator", exporter: "old-exporter" };
const NAMES = ["root", "webapp", "migrator", "exporter", "backup", "shop"];
const SECRETS = "/api/v1/namespaces/cloudnova/secrets";
let api: FakeApi;
let kubeconfig: string;
/** The commands that ran in MySQL's container. */
let commands: (readonly string[])[];
let mysql: string;

beforeAll(() => {
  mkdirSync(join(dist, "trial"), { recursive: true });
  for (const [file, text] of synthesis.files) writeFileSync(join(dist, "trial", file), text);
});

function putSecret(name: string, values: Record<string, string>, by?: string, secrets = SECRETS): void {
  const data = Object.fromEntries(Object.entries(values).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
  api.put(secrets, { kind: "Secret", metadata: { name, labels: by ? { "app.kubernetes.io/managed-by": by } : {} }, data });
}

beforeEach(async () => {
  api = await FakeApi.start();
  commands = [];
  mysql = "cat > /dev/null";
  api.upgrade = serveExec((_, command) => {
    commands.push(command);
    return ["bash", "-c", mysql];
  });
  kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, api.kubeconfig("mine"));
  putSecret("mysql-accounts", PASSWORDS, "cloudnova-bootstrap");
  putSecret("backup-database", { password: "old-backup" }, "cloudnova-bootstrap");
  putSecret("mysql-applications", { shop: "old-shop" }, "cloudnova-bootstrap");
  putSecret("shop-database", { password: "old-shop" }, "cloudnova-bootstrap", "/api/v1/namespaces/cloudnova-shop/secrets");
  const status = { conditions: [{ type: "Ready", status: "True" }] };
  const labels = { "app.kubernetes.io/name": "mysql" };
  api.put("/api/v1/namespaces/cloudnova/pods", { kind: "Pod", metadata: { name: "mysql-0", labels }, status });
  const webapp = manifestsOf(synthesis).find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "webapp");
  const replaced = { observedGeneration: 1, updatedReplicas: 2, replicas: 2, availableReplicas: 2 };
  api.put("/apis/apps/v1/namespaces/cloudnova/deployments", { ...webapp, metadata: { name: "webapp" }, status: replaced });
});
afterEach(() => {
  api.stop();
  printFor("", []);
});

const rotate = (...args: readonly string[]) => rotateThe("database", ...args);
async function rotateThe(what: string, ...args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const where = ["--dist", dist, "--context", "mine", "--kubeconfig", kubeconfig];
  const code = await run(["rotate", what, "trial", ...args, ...where], { stdin: new PassThrough(), stdout, stderr, env: {} });
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}
const password = (key: string) => Buffer.from(api.objects.get(`${SECRETS}/mysql-accounts`)?.data[key], "base64").toString();
const changed = () => api.writes.filter((write) => !write.includes("/leases"));

test("changes the passwords, restarts who reads them, and shows none", async () => {
  const { code, stdout, stderr } = await rotate("--yes", "--output", "json");
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("webapp: changed; the one before is refused") });
  expect(JSON.parse(stdout)).toEqual({ environment: "trial", changed: NAMES, restarted: ["webapp", "shop"] });
  for (const key of Object.keys(PASSWORDS)) expect(password(key)).toMatch(/^[\w-]{43}$/);
  expect(commands.map((command) => command[4])).toEqual([...NAMES.map(() => "begin"), ...NAMES.map(() => "end")]);
  expect(commands[0]?.slice(5)).toEqual(["'root'@'localhost'", "9104", ""]);
  const seen = [stdout, stderr, ...commands.flat()].join("\n");
  for (const key of Object.keys(PASSWORDS)) expect(seen).not.toContain(password(key));
  expect(seen).not.toContain("old-");
});

test("goes on where an earlier run was cut off", async () => {
  mysql = 'cat > /dev/null; [ "$STOP" ]';
  expect((await rotate("webapp", "--yes")).code).toBe(1);
  mysql = "cat > /dev/null";
  api.intercept = (request, response) => {
    const isRestart = request.method === "PATCH" && (request.url ?? "").includes("/deployments/");
    if (isRestart) response.writeHead(403, { "content-type": "application/json" }).end('{"message":"no"}');
    return isRestart;
  };
  expect((await rotate("webapp", "--yes")).code).toBe(1);
  const set = password("webapp");
  api.intercept = () => false;
  const { code, stderr } = await rotate("webapp", "--yes");
  expect(code).toBe(0);
  expect(stderr).toContain("an earlier run has begun");
  expect(password("webapp")).toBe(set);
  expect(commands.map((command) => command[4])).toEqual(["begin", "begin", "resume", "end"]);
});

test("a backup that began with the password before ends before that is refused", async () => {
  const [ownerReferences, volumes] = [[{ kind: "Job", name: "backup", uid: "j" }], [{ secret: { secretName: "backup-database" } }]];
  const pods = "/api/v1/namespaces/cloudnova/pods";
  const metadata = { name: "backup-1", namespace: "cloudnova", ownerReferences };
  api.put(pods, { kind: "Pod", metadata, spec: { volumes }, status: { phase: "Running" } });
  let ended = 0;
  setTimeout(() => {
    ended = commands.length;
    api.objects.delete(`${pods}/backup-1`);
  }, 4000);
  const { code, stderr } = await rotate("backup", "--yes");
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("the password before: backup-1") });
  expect({ ended, commands: commands.map((command) => command[4]) }).toEqual({ ended: 1, commands: ["begin", "end"] });
});

test.each<[string, readonly string[], () => void, RegExp]>([
  ["no answer at a terminal", [], () => {}, /--yes/],
  [
    "an account that is none",
    ["wepapp", "--yes"],
    () => {},
    /'wepapp' is nothing that.*\n.*root, webapp, migrator, exporter, backup, shop/,
  ],
  ["a Secret of the user's own", ["--yes"], () => putSecret("mysql-accounts", PASSWORDS), /Secret mysql-accounts is your own/],
  ["a Secret that is not there", ["--yes"], () => api.objects.delete(`${SECRETS}/mysql-accounts`), /Secret mysql-accounts has no key root/],
  ["a server that does not run", ["--yes"], () => api.objects.delete("/api/v1/namespaces/cloudnova/pods/mysql-0"), /mysql/],
  [
    "a server that refuses",
    ["--yes"],
    () => {
      mysql = "cat > /dev/null; echo ERROR 1045: Access denied >&2; exit 1";
    },
    /MySQL did not change the password of root: ERROR 1045: Access denied[\s\S]*nobody is locked out/,
  ],
])("refuses %s, and changes no Secret", async (_, args, prepare, message) => {
  prepare();
  const { code, stderr } = await rotate(...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
  expect(changed()).toEqual([]);
});

/** A pod of Grafana that is ready. */
function startGrafana(): void {
  const status = { conditions: [{ type: "Ready", status: "True" }] };
  const metadata = { name: "grafana-0", labels: { "app.kubernetes.io/name": "grafana" } };
  api.put("/api/v1/namespaces/cloudnova/pods", { kind: "Pod", metadata, status });
}

describe("rotate grafana", () => {
  const inSecret = () => Buffer.from(api.objects.get(`${SECRETS}/grafana`)?.data["admin-password"], "base64").toString();
  beforeEach(() => putSecret("grafana", { "admin-password": "old-admin" }, "cloudnova-bootstrap"));

  test("changes the password in Grafana's database, then the Secret, and shows none", async () => {
    startGrafana();
    // A stand-in: Grafana itself does not run here. It refuses what is no password of one line.
    mysql = `IFS= read -r line && [[ $line =~ ^[A-Za-z0-9_-]{43}$ ]] && printf %s "$line" > ${folder}/grafana`;
    const { code, stdout, stderr } = await rotateThe("grafana", "--yes", "--output", "json");
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("admin-password: changed") });
    expect(commands).toEqual([["grafana", "cli", "admin", "reset-admin-password", "--password-from-stdin"]]);
    expect(readFileSync(join(folder, "grafana"), "utf8")).toBe(inSecret());
    expect(inSecret()).not.toBe("old-admin");
    expect(JSON.parse(stdout)).toEqual({ environment: "trial", changed: ["admin-password"], restarted: [] });
    expect(stdout + stderr).not.toContain(inSecret());
  });

  test.each([
    ["it does not run", () => {}, /open grafana/],
    [
      "it refuses",
      () => {
        startGrafana();
        mysql = "cat > /dev/null; echo too short >&2; exit 1";
      },
      /Grafana did not change the password: too short/,
    ],
  ])("where %s the Secret stays", async (_, prepare, message) => {
    prepare();
    const { code, stderr } = await rotateThe("grafana", "--yes");
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
    expect(inSecret()).toBe("old-admin");
  });
});

test.each([
  ["webapp", ["session-key"], /'session-key' is nothing.*\n.*secret-key, admin-password, fault-token/],
  ["webapp", [], /Secret webapp has no key secret-key/],
  ["certificate", [], /has no key tls.crt/],
])("rotate %s %p is refused, and changes nothing", async (what, names, message) => {
  const { code, stderr } = await rotateThe(what, ...names, "--yes");
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  expect(changed()).toEqual([]);
});

test("the guide has a row for each command", () => {
  for (const page of ["docs/secrets.md", "docs/secrets.es.md"]) {
    const rows = [...readFileSync(page, "utf8").matchAll(/^\| `rotate ([\w-]+)` \|/gm)].map(([, what]) => what);
    expect({ page, rows }).toEqual({ page, rows: Object.keys(ROTATABLE) });
  }
});
