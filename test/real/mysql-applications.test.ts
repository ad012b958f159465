import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { synthesise } from "../../charts/synth.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { selfSigned } from "../certificate.ts";
import { find, type Manifest, manifestsOf } from "../manifests.ts";
import { commandOf, type MysqlPod, startMysqlPod } from "./mysql-pod.ts";
import { serversRoot } from "./servers.ts";

/** The accounts, the plain connections and the first SQL files of applications, with the real server and the pods' own scripts. */
jest.setTimeout(15 * 60_000);

const FOLDERS = [
  "/etc/mysql",
  "/etc/mysql-accounts",
  "/etc/mysql-applications",
  "/etc/mysql-tls",
  "/run/mysql",
  "/run/secrets",
  "/var/lib/mysql",
  "/sql",
  "/tmp",
];
const ACCOUNTS = { root: "root-password", webapp: "webapp-password", migrator: "migrator-password", exporter: "exporter-password" };
/** As the bootstrap Job makes them. */
const PASSWORDS = { "mi-tienda": "tienda_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-", caja: "caja-BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_" };
const ENVIRONMENT = `cluster: kind
machine: { memory: 8Gi, cpu: '4' }
applications:
  webapp: { sample: {} }
  mi-tienda: { image: "a:1", database: { initialise: [schema.sql, rows.sql] }, ingress: { path: /tienda } }
  caja: { image: "b:1", database: { requireTls: true }, ingress: { path: /caja } }
`;

let pod: MysqlPod;
let port: number;
let manifests: Manifest[];

/** A mysql client over TCP. */
const as = (user: string, password: string, sql: string, ...options: string[]) =>
  pod.inside(["env", `MYSQL_PWD=${password}`, "mysql", "--no-defaults", "-h127.0.0.1", `-P${port}`, `-u${user}`, ...options, "-Ne", sql]);
const tienda = (sql: string, ...options: string[]) => as("mi_tienda", PASSWORDS["mi-tienda"], sql, ...options);
const asRoot = (sql: string) => pod.inside(["mysql", "--defaults-file=/run/mysql/client.cnf", "-Ne", sql]);

beforeAll(async () => {
  const root = await serversRoot();
  [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-mysql-applications-"));
  writeFileSync(join(folder, "schema.sql"), "CREATE TABLE products (id INT PRIMARY KEY, name VARCHAR(20));\n");
  writeFileSync(join(folder, "rows.sql"), "INSERT INTO products VALUES (1, 'ñandú');\n");
  manifests = manifestsOf(synthesise(parseEnvironment(ENVIRONMENT, join(folder, "trial.yaml"))));
  const { spec } = find(manifests, "StatefulSet", "mysql").spec.template;
  const { key, cert } = selfSigned("DNS:mysql");
  pod = startMysqlPod({
    root,
    folder,
    folders: FOLDERS,
    files: {
      "/etc/mysql": find(manifests, "ConfigMap", "mysql").data,
      "/etc/mysql-accounts": ACCOUNTS,
      "/etc/mysql-applications": PASSWORDS,
      "/etc/mysql-tls": { "tls.key": key, "tls.crt": cert, "ca.crt": cert },
      "/run/secrets/database": { password: PASSWORDS["mi-tienda"] },
      "/sql": find(manifests, "ConfigMap", "mi-tienda-sql").data,
    },
    init: spec.initContainers.map((container: Manifest) => commandOf(container)),
    mysqld: [...spec.containers[0].command, `--port=${port}`, "--bind-address=127.0.0.1"],
  });
  const probe = spec.containers[0].startupProbe.exec.command as string[];
  for (let attempt = 0; ; attempt++) {
    const failure = await pod.inside(probe).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (failure === undefined) break;
    if (attempt > 120) throw new Error(failure);
    await Promise.race([sleep(500), pod.server.died]);
  }
});
afterAll(() => pod?.server.stop());

/** Runs a container's own script, as its pod would, against the server of this test; what it printed, also where it failed. */
function script(container: Manifest): Promise<string> {
  const command = commandOf(container, { MYSQL_HOST: "127.0.0.1", MYSQL_TCP_PORT: String(port) });
  return pod.inside(command).catch(({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}failed`);
}
const initialise = () => {
  const job = manifests.find(({ kind, metadata }) => kind === "Job" && metadata.name.startsWith("mi-tienda-initialise-"));
  return script(job?.spec.template.spec.containers[0]);
};

test("an application's account has all rights on its database, and none elsewhere", async () => {
  await tienda("CREATE TABLE mi_tienda.t (a INT); INSERT INTO mi_tienda.t VALUES (1); DROP TABLE mi_tienda.t");
  await expect(tienda("CREATE TABLE app.t (a INT)")).rejects.toThrow(/denied/);
  await expect(tienda("CREATE DATABASE mixtienda")).rejects.toThrow(/denied/);
  await expect(tienda("SELECT * FROM mysql.user")).rejects.toThrow(/denied/);
  await expect(tienda("UPDATE cloudnova.caja SET state = 'done'")).rejects.toThrow(/denied/);
});

test("it may connect without TLS; one that requires TLS, and the sample's, may not", async () => {
  expect(await tienda("SHOW STATUS LIKE 'Ssl_cipher'", "--ssl-mode=DISABLED")).toBe("Ssl_cipher");
  expect(await tienda("SHOW STATUS LIKE 'Ssl_cipher'", "--ssl-mode=REQUIRED")).toMatch(/TLS|AES/);
  for (const [user, password] of [
    ["caja", PASSWORDS.caja],
    ["webapp", ACCOUNTS.webapp],
    ["migrator", ACCOUNTS.migrator],
  ] as const) {
    // In this order: once the server has the password in its cache, only the account's own rule is in the way.
    expect(await as(user, password, "SELECT 1", "--ssl-mode=REQUIRED")).toBe("1");
    await expect(as(user, password, "SELECT 1", "--ssl-mode=DISABLED")).rejects.toThrow(/Access denied/);
  }
});

test("without the startup probe's login a plain connection needs the RSA exchange; with it none", async () => {
  await asRoot("FLUSH PRIVILEGES");
  await expect(tienda("SELECT 1", "--ssl-mode=DISABLED")).rejects.toThrow(/requires secure connection/);
  await pod.inside(["bash", "/etc/mysql/log-in.sh"]);
  expect(await tienda("SELECT 1", "--ssl-mode=DISABLED")).toBe("1");
});

describe("the first SQL files", () => {
  const reset = async (state?: "started" | "done") => {
    await asRoot("DROP DATABASE mi_tienda; CREATE DATABASE mi_tienda; DELETE FROM cloudnova.`mi-tienda`");
    if (state) await asRoot(`INSERT INTO cloudnova.\`mi-tienda\` VALUES ('${state}')`);
  };
  const state = () => asRoot("SELECT state FROM cloudnova.`mi-tienda`");
  const put = (name: string, text: string) => pod.inside(["bash", "-c", 'printf %s "$1" > "/sql/$2"', "-", text, name]);

  test("run once, in their order, and the application waits until then", async () => {
    await reset();
    const [wait] = find(manifests, "Deployment", "mi-tienda").spec.template.spec.initContainers;
    const waiting = script(wait);
    await expect(Promise.race([waiting.then(() => "went on"), sleep(2500).then(() => "waits")])).resolves.toBe("waits");
    expect(await initialise()).toBe("running schema.sql\nrunning rows.sql\nall SQL files have run");
    expect(await waiting).toMatch(/^waiting for the database mi_tienda: its SQL files have not run to the end yet/);
    expect(await tienda("SELECT name FROM mi_tienda.products")).toBe("ñandú");
    expect(await initialise()).toBe("the SQL files have run before; nothing is done");
  });

  test("that fail halfway name the file and the line, and the next try starts with an empty database", async () => {
    await reset();
    await put("01-rows.sql", "INSERT INTO products VALUES (1, 'x');\n\nINSERT INTO absent VALUES (1);\n");
    expect(await initialise()).toMatch(
      /running rows\.sql[\s\S]*at line 3: Table 'mi_tienda\.absent' doesn't exist\nrows\.sql failed[\s\S]*failed$/,
    );
    expect(await state()).toBe("started");
    await put("01-rows.sql", "INSERT INTO products VALUES (1, 'ñandú');\n");
    expect(await initialise()).toMatch(/^an earlier try failed: emptying the database mi_tienda\n[\s\S]*all SQL files have run$/);
    expect(await tienda("SELECT COUNT(*) FROM mi_tienda.products")).toBe("1");
    expect(await state()).toBe("done");
  });

  test("do not touch a database that has tables", async () => {
    await reset();
    await asRoot("CREATE TABLE mi_tienda.old (a INT)");
    expect(await initialise()).toMatch(/has 1 tables already: it is left as it is/);
    expect(await asRoot("SHOW TABLES FROM mi_tienda")).toBe("old");
    expect(await state()).toBe("done");
  });
});
