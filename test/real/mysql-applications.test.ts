import { setTimeout as sleep } from "node:timers/promises";
import { find, type Manifest } from "../manifests.ts";
import { ACCOUNTS, startApplicationsPod } from "./applications-pod.ts";
import { commandOf, type MysqlPod } from "./mysql-pod.ts";

/** The accounts, the plain connections and the first SQL files of applications, with the real server and the pods' own scripts. */
jest.setTimeout(15 * 60_000);

const ENVIRONMENT = `cluster: kind
machine: { memory: 8Gi, cpu: '4' }
applications:
  webapp: { sample: {} }
  mi-tienda: { image: "a:1", database: { initialise: [schema.sql, rows.sql] }, ingress: { path: /tienda } }
  caja: { image: "b:1", database: { requireTls: true }, ingress: { path: /caja } }
  fotos: { image: "c:1", database: false, volumes: { album: { path: /srv } }, ingress: { path: /fotos } }
`;

/** As the bootstrap Job makes them. */
const PASSWORDS = {
  "mi-tienda": "tienda_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-",
  caja: "caja-BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_",
  fotos: "fotos-CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC_",
};

let pod: MysqlPod;
let port: number;
let manifests: Manifest[];

/** A mysql client over TCP. */
const as = (user: string, password: string, sql: string, ...options: string[]) =>
  pod.inside(["env", `MYSQL_PWD=${password}`, "mysql", "--no-defaults", "-h127.0.0.1", `-P${port}`, `-u${user}`, ...options, "-Ne", sql]);
const tienda = (sql: string, ...options: string[]) => as("mi_tienda", PASSWORDS["mi-tienda"], sql, ...options);
const asRoot = (sql: string) => pod.inside(["mysql", "--defaults-file=/run/mysql/client.cnf", "-Ne", sql]);

beforeAll(async () => {
  const files = {
    "schema.sql": "CREATE TABLE products (id INT PRIMARY KEY, name VARCHAR(20));\n",
    "rows.sql": "INSERT INTO products VALUES (1, 'ñandú');\n",
  };
  ({ pod, port, manifests } = await startApplicationsPod(ENVIRONMENT, PASSWORDS, files));
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

test("an application's account can restore its own database, and one that has volumes alone writes its results and no more", async () => {
  for (const ending of ["check", "restore", "before"])
    await tienda(`CREATE DATABASE mi_tienda__${ending}; DROP DATABASE mi_tienda__${ending}`);
  await expect(tienda("CREATE DATABASE miXtienda__check")).rejects.toThrow(/Access denied/);
  await expect(tienda("SELECT * FROM cloudnova_backups.`cloudnova-caja`")).rejects.toThrow(/command denied/);
  expect(await tienda("SELECT COUNT(*) FROM cloudnova_backups.`cloudnova-mi-tienda`")).toBe("0");
  const fotos = (sql: string) => as("fotos-b", PASSWORDS.fotos, sql, "--ssl-mode=REQUIRED");
  expect(await fotos("SELECT COUNT(*) FROM cloudnova_backups.`cloudnova-fotos`")).toBe("0");
  expect(await fotos("SHOW DATABASES")).not.toMatch(/tienda|caja|app/);
  await expect(fotos("CREATE DATABASE fotos")).rejects.toThrow(/Access denied/);
});
