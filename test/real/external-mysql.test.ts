import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { selfSigned } from "../certificate.ts";
import { find, type Manifest, manifestsOf, synthesiseText } from "../manifests.ts";
import { commandOf, type MysqlPod, quoted, startMysqlPod } from "./mysql-pod.ts";
import { serversRoot } from "./servers.ts";

/** A MySQL server that others run, by the real one: our Job's script, the accounts that it makes, and the exporter, all over verified TLS. */
jest.setTimeout(10 * 60_000);

const ADMINISTRATOR = { username: "admin", password: "Adm1n' \\of it all" };
const PASSWORDS = { webapp: "webapp-Password_1", migrator: "migrator-Password_1", exporter: "exporter-Password_1" };
const FOLDERS = [
  "/sql",
  "/etc/mysql",
  "/etc/mysql-tls",
  "/etc/mysql-ca",
  "/etc/mysqld-exporter",
  "/run/secrets",
  "/run/mysql",
  "/var/lib/mysql",
  "/tmp",
];

let pod: MysqlPod;
let port: number;
let makeAccounts: readonly string[];
let manifests: readonly Manifest[];
let exporter: Daemon | undefined;

const as = (user: string, password: string, sql: string, mode = "VERIFY_IDENTITY") =>
  pod.inside([
    ...["env", `MYSQL_PWD=${password}`, "mysql", "--no-defaults", "-h127.0.0.1", `-P${port}`, `-u${user}`],
    ...[`--ssl-mode=${mode}`, ...(mode === "DISABLED" ? [] : ["--ssl-ca=/etc/mysql-ca/ca.crt"]), "-Ne", sql],
  ]);
/** The Job's command with another script. @param change sed's words */
const otherwise = (change: string): string => {
  const command = [...makeAccounts.slice(0, -1), "/tmp/other.sh"];
  return quoted(["bash", "-c", `sed '${change}' /sql/accounts.sh > /tmp/other.sh; exec ${quoted(command)}`]);
};
const asAdministrator = (sql: string) => as(ADMINISTRATOR.username, ADMINISTRATOR.password, sql);

beforeAll(async () => {
  const root = await serversRoot();
  [port = 0] = await freePorts(1);
  manifests = manifestsOf(
    synthesiseText(`cluster: kubernetes
machine: { instance: t3.medium, nodes: 3 }
applications:
  webapp: { sample: {} }
  my-shop: { image: "shop:1", ingress: { path: /shop }, database: {} }
database: { external: { host: 127.0.0.1, port: ${port}, ca: { secret: ca }, credentialsSecret: admin } }
`),
  );
  const job = manifests.find(({ kind, metadata }) => kind === "Job" && metadata.name.startsWith("database-accounts"));
  makeAccounts = commandOf(job.spec.template.spec.containers[0]);
  const { key, cert } = selfSigned("IP:127.0.0.1");
  const text = ADMINISTRATOR.password.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  const data = "--datadir=/var/lib/mysql/data";
  pod = startMysqlPod({
    root,
    folder: mkdtempSync(join(tmpdir(), "cloudnova-external-mysql-")),
    folders: FOLDERS,
    files: {
      "/sql": find(manifests, "ConfigMap", "database-accounts").data,
      "/etc/mysql": {
        "init.sql": `CREATE USER 'admin'@'%' IDENTIFIED BY '${text}';\nGRANT ALL ON *.* TO 'admin'@'%' WITH GRANT OPTION;\n`,
      },
      "/etc/mysql-tls": { "tls.key": key, "tls.crt": cert },
      "/etc/mysql-ca": { "ca.crt": cert, "other.crt": selfSigned("IP:127.0.0.1").cert },
      "/etc/mysqld-exporter": find(manifests, "ConfigMap", "mysqld-exporter").data,
      "/run/secrets/administrator": ADMINISTRATOR,
      "/run/secrets/accounts": PASSWORDS,
      "/run/secrets/backup": { backup: "backup-Password_1" },
      "/run/secrets/applications": { "my-shop": "shop-Password_1" },
    },
    init: [["mysqld", "--no-defaults", "--initialize-insecure", data]],
    mysqld: [
      ...["mysqld", "--no-defaults", data, `--port=${port}`, "--bind-address=127.0.0.1", "--socket=/run/mysql/mysqld.sock", "--mysqlx=OFF"],
      ...["--ssl-ca=/etc/mysql-tls/tls.crt", "--ssl-cert=/etc/mysql-tls/tls.crt", "--ssl-key=/etc/mysql-tls/tls.key", "--tmpdir=/tmp"],
      ...["--init-file=/etc/mysql/init.sql", "--performance-schema=OFF", "--secure-file-priv=NULL", "--pid-file=/run/mysql/mysqld.pid"],
    ],
  });
  for (let attempt = 0; ; attempt++) {
    const answer = await asAdministrator("SELECT 1").catch((error: Error) => error.message);
    if (answer === "1") break;
    if (attempt > 240) throw new Error(answer);
    await Promise.race([sleep(500), pod.server.died]);
  }
});
afterAll(async () => {
  await exporter?.stop();
  await pod?.server.stop();
});

test("a server whose certificate another authority signed is not told the administrator's password", async () => {
  const said = await pod.inside(["bash", "-c", `timeout 5 ${otherwise("s:ca.crt:other.crt:")} 2>&1 || true`]);
  expect(said).toMatch(/waiting for MySQL at 127\.0\.0\.1:\d+: .*(certificate verify failed|SSL connection error)/);
  expect(await asAdministrator("SELECT COUNT(*) FROM mysql.user WHERE user = 'webapp'")).toBe("0");
});

test("the Job makes databases and accounts, and may run again", async () => {
  for (let time = 0; time < 2; time++) expect(await pod.inside(makeAccounts)).toMatch(/databases and accounts are as they must be$/);
  expect(await as("migrator", PASSWORDS.migrator, "CREATE TABLE app.t (x INT); SELECT CURRENT_USER()")).toBe("migrator@%");
  expect(await as("webapp", PASSWORDS.webapp, "INSERT INTO app.t VALUES (1); SELECT x FROM app.t")).toBe("1");
  await expect(as("webapp", PASSWORDS.webapp, "DROP TABLE app.t")).rejects.toThrow(/command denied/);
  expect(await as("my_shop", "shop-Password_1", "CREATE TABLE my_shop.t (x INT); SELECT 1")).toBe("1");
  await expect(as("my_shop", "shop-Password_1", "SELECT * FROM app.t")).rejects.toThrow(/command denied/);
  expect(await as("backup", "backup-Password_1", "SELECT x FROM app.t")).toBe("1");
});

test("the environment's own accounts get in with TLS alone", async () => {
  for (const [user, password] of Object.entries(PASSWORDS))
    await expect(as(user, password, "SELECT 1", "DISABLED")).rejects.toThrow(/Access denied|secure (transport|connection)|insecure/i);
});

test("a password that SQL could take for more is refused, and not shown", async () => {
  const folder = 'mkdir /tmp/strange; cp /run/secrets/accounts/* /tmp/strange; echo "a\'b" > /tmp/strange/webapp';
  const script = `${folder}; ${otherwise("s:/run/secrets/accounts:/tmp/strange:")} 2>&1`;
  const refused = await pod.inside(["bash", "-c", script]).then(
    () => "it was accepted",
    (error) => `${error.stdout}`,
  );
  expect(refused).toMatch(/^the password of webapp .*give one that has none/);
  expect(refused).not.toContain("a'b");
});

test("the exporter reads it over verified TLS", async () => {
  const [own = 0] = await freePorts(1);
  const { containers } = find(manifests, "Deployment", "mysqld-exporter").spec.template.spec;
  const args = containers[0].args.map((one: string) => one.replace(/(web\.listen-address)=.*/, `$1=127.0.0.1:${own}`));
  const command = ["env", `MYSQLD_EXPORTER_PASSWORD=${PASSWORDS.exporter}`, "prometheus-mysqld-exporter", ...args];
  const [file = "", ...rest] = await pod.enter(command);
  exporter = startDaemon(file, rest, join(mkdtempSync(join(tmpdir(), "cloudnova-exporter-")), "log"));
  let text = "";
  for (let attempt = 0; attempt < 60 && !text.includes("mysql_up"); attempt++) {
    await sleep(500);
    text = await fetch(`http://127.0.0.1:${own}/metrics`).then(
      (answer) => answer.text(),
      () => "",
    );
  }
  expect(text).toMatch(/^mysql_up 1$/m);
  expect(text).toMatch(/^mysql_global_status_uptime \d+$/m);
});
