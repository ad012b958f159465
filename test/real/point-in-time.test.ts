import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { BinaryLogs, type LogPosition } from "../../src/cluster/backup/replay.ts";
import type { Run } from "../../src/cluster/transport/exec.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import type { Manifest } from "../manifests.ts";
import { startApplicationsPod } from "./applications-pod.ts";
import type { MysqlPod } from "./mysql-pod.ts";
import { run as runHere } from "./servers.ts";

/** `backups.pointInTime` with the real mysqld as the charts start it, the backup program, and the replay of the command line. */
jest.setTimeout(15 * 60_000);

const ENVIRONMENT = `cluster: kind
machine: { memory: 8Gi, cpu: '4' }
backups: { pointInTime: true }
applications:
  shop: { image: "a:1", database: { requireTls: true } }
  other: { image: "a:1", ingress: { path: /other }, database: { requireTls: true } }
`;
const PASSWORDS = {
  shop: "shop_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-",
  other: "other_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-",
};
const TABLES = `
CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE, price DECIMAL(10,3), made DATETIME(6), more JSON, kind ENUM('a','ñ'), raw BLOB, bits BIT(9));
CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, item INT NOT NULL, FOREIGN KEY (item) REFERENCES items (id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE loose (n INT, t TEXT);
CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(80));
CREATE TRIGGER noted AFTER INSERT ON items FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT('new ', NEW.name));
INSERT INTO items (name, price) VALUES ('first', 1.5), ('second', 2);
INSERT INTO orders (item) VALUES (1), (1), (2);
INSERT INTO loose VALUES (1, 'one'), (1, 'one'), (2, 'two');`;
/** Every kind of write, in transactions of several statements, databases and tables. */
const WRITES = `
INSERT INTO items (name, price, made, more, kind, raw, bits) VALUES ('größe', 3.125, NOW(6), '{"a": [1, "ñ"]}', 'ñ', x'00ff27', b'101');
START TRANSACTION; UPDATE items SET id = 40, price = price * 2 WHERE name = 'first'; INSERT INTO orders (item) VALUES (40); COMMIT;
DELETE FROM items WHERE name = 'second';
UPDATE loose SET t = 'eins' WHERE n = 1 LIMIT 1; DELETE FROM loose WHERE n = 2;
START TRANSACTION; INSERT INTO items (name) VALUES ('kept'); SAVEPOINT here; INSERT INTO items (name) VALUES ('undone'); ROLLBACK TO here; INSERT INTO items (name) VALUES ('after'); COMMIT;
START TRANSACTION; INSERT INTO items (name) VALUES ('rolled back'); ROLLBACK;
CREATE TEMPORARY TABLE scratch (a INT); INSERT INTO scratch VALUES (1); DROP TEMPORARY TABLE scratch;
ANALYZE TABLE items;`;
const SHOP = "/tmp/shop";
const HELPER = "/tmp/cloudnova-helper";
const PLAN = `${SHOP}/plan.json`;

let pod: MysqlPod;
let port: number;

const asRoot = (sql: string, database = "shop") => pod.inside(["mysql", "--defaults-file=/run/mysql/client.cnf", "-Ne", sql, database]);
/** As the application: what root makes, only root may drop. */
const asShop = (sql: string) => {
  const login = ["--no-defaults", "--host=127.0.0.1", `--port=${port}`, "--ssl-mode=REQUIRED", "--user=shop"];
  return pod.inside(["env", `MYSQL_PWD=${PASSWORDS.shop}`, "mysql", ...login, "-Ne", sql, "shop"]);
};
const write = (path: string, content: string) =>
  pod.inside(["bash", "-c", 'mkdir -p "$(dirname "$2")"; printf %s "$1" > "$2"', "-", content, path], 0);
async function engine(...args: string[]) {
  const out = await pod.inside([HELPER, "backup", ...args], 0);
  return JSON.parse(out.split("\n").findLast((line) => line.startsWith("{")) ?? "null");
}
const backup = async (): Promise<string> => (await engine("run", PLAN)).name;
const restore = (name: string, stage: string) => engine("restore", PLAN, name, "--stage", stage);

/** Runs a command in MySQL's pod, as the command line does over the API server. */
const inPod: Run = async (command, input) => {
  const [program = "", ...args] = await pod.enter(command);
  const child = spawn(program, args);
  const fed = input ?? Readable.from([]);
  let failure: unknown;
  fed.on("error", (error) => {
    failure = error;
    child.kill();
  });
  child.stdin.on("error", () => undefined);
  fed.pipe(child.stdin);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (failure) throw failure;
  return { status: status ?? 1, stdout, stderr };
};

/** Everything in the database but its definitions. */
const state = () =>
  asRoot(
    "SELECT * FROM items ORDER BY id; SELECT * FROM orders ORDER BY id; SELECT * FROM loose ORDER BY n, t; SELECT * FROM audit ORDER BY id",
  );
/** The server's time between two commits, in ms. */
async function moment(): Promise<number> {
  await sleep(20);
  const now = Math.round(Number(await asRoot("SELECT UNIX_TIMESTAMP(NOW(3))")) * 1000);
  await sleep(20);
  return now;
}
/** What `backup restore NAME --until TIME` does before it stops the application. @returns transactions that were replayed */
async function prepared(name: string, until: number): Promise<number> {
  const logs = await BinaryLogs.closed(inPod, until);
  const { log }: { log: Record<string, LogPosition> } = await restore(name, "prepare");
  if (!log.shop) throw new Error("the backup has no place in the log");
  return (await logs.replay(name, log.shop, "shop", "shop__restore")).transactions;
}

beforeAll(async () => {
  const started = await startApplicationsPod(ENVIRONMENT, PASSWORDS);
  ({ pod, port } = started);
  const maps = started.manifests.filter(({ kind, metadata }: Manifest) => kind === "ConfigMap" && metadata.name === "backup");
  const map = maps.find(({ metadata }: Manifest) => metadata.namespace === "cloudnova-shop");
  const plan = JSON.parse(map?.data["plan.json"]);
  const [helper, age] = await Promise.all([ensure("helper"), ensure("age")]);
  const { stdout: key } = await runHere(join(age, "age-keygen"), []);
  await write(`${SHOP}/identity`, key);
  await write(`${SHOP}/password`, PASSWORDS.shop);
  await write(`${SHOP}/backups/.keep`, "");
  const mysql = { ...plan.mysql, host: "127.0.0.1", port: started.port, passwordFile: `${SHOP}/password` };
  await write(PLAN, JSON.stringify({ ...plan, mysql, secrets: [], identity: `${SHOP}/identity`, folder: `${SHOP}/backups` }));
  await inPod(["bash", "-c", `cat > ${HELPER}`], Readable.from([readFileSync(join(helper, "cloudnova-helper"))]));
  await pod.inside(["chmod", "755", HELPER], 0);
  await asShop(TABLES);
  await asRoot("CREATE TABLE things (id INT AUTO_INCREMENT PRIMARY KEY, a INT)", "other");
});
afterAll(() => pod?.server.stop());

test("mysqld writes the log, but not what it runs at each start: that would end what can be replayed", async () => {
  expect(await asRoot("SELECT @@log_bin, @@binlog_expire_logs_seconds, @@max_binlog_size")).toBe("1\t216000\t33554432");
  expect(await asRoot("SHOW GRANTS FOR shop")).toContain("GRANT REPLICATION CLIENT ON *.* TO `shop`@`%`");
  const logged = await asRoot("SHOW BINLOG EVENTS IN 'binlog.000001'");
  expect(logged).toContain("CREATE TABLE items");
  expect(logged).not.toMatch(/GRANT|CREATE USER|IF NOT EXISTS/);
});

test("all that was written before a mistaken DELETE is back, and nothing from after it", async () => {
  // Writes go on while the dump begins: each of them is either in the dump or replayed, once.
  const pair = "START TRANSACTION; INSERT INTO loose VALUES (9, 'x'); INSERT INTO other.things (a) VALUES (9); COMMIT;";
  const script = `for i in $(seq 400); do echo "${pair}"; sleep 0.01; done | mysql --defaults-file=/run/mysql/client.cnf shop`;
  const writing = pod.inside(["bash", "-c", script]);
  await sleep(500);
  const name = await backup();
  await writing;
  await asRoot(WRITES);
  await asRoot("FLUSH BINARY LOGS");
  await asRoot("UPDATE other.things, items SET items.price = 7, other.things.a = 1 WHERE items.name = 'kept' AND other.things.id = 1");
  await asRoot("INSERT INTO items (name) VALUES ('last')");
  const before = await state();
  const until = await moment();
  await asRoot("DELETE FROM items; INSERT INTO loose VALUES (5, 'later')");
  await asRoot("INSERT INTO things (a) VALUES (77)", "other");
  const others = await asRoot("SELECT COUNT(*), SUM(a) FROM things", "other");

  expect(await prepared(name, until)).toBeGreaterThan(10);
  expect(await state()).not.toBe(before);
  const { safety } = await restore(name, "swap");
  expect(await state()).toBe(before);
  expect(await asRoot("SELECT COUNT(*), SUM(a) FROM things", "other")).toBe(others);
  // Triggers are back, too, and the safety backup has what was replaced.
  await asRoot("INSERT INTO items (name) VALUES ('new'); DELETE FROM items WHERE name = 'new'");
  expect(await asRoot("SELECT what FROM audit ORDER BY id DESC LIMIT 1")).toBe("new new");
  await restore(safety, "prepare");
  expect(await asRoot("SELECT COUNT(*) FROM shop__restore.items")).toBe("0");
  await restore(safety, "undo");
});

test("a time that cannot be restored is refused, and nothing is changed", async () => {
  const name = await backup();
  const early = await moment();
  const later = await backup();
  await asRoot("INSERT INTO items (name) VALUES ('x1')");
  const possible = await moment();
  const before = await state();
  await expect(prepared(name, possible + 3_600_000)).rejects.toThrow(/has not come yet: MySQL's clock says/);
  await expect(prepared(later, early)).rejects.toThrow(new RegExp(`is before ${later}, whose data are of`));
  expect(await prepared(later, possible)).toBe(1);

  await asRoot("ALTER TABLE items ADD COLUMN extra INT");
  await asRoot("INSERT INTO items (name) VALUES ('x2')");
  const changed = await moment();
  await expect(prepared(name, changed)).rejects.toThrow(/at .* a definition changed, which cannot be replayed: ALTER TABLE items/);
  expect(await prepared(name, possible)).toBe(1);

  // On a disk that is nearly full the guard deletes the log; with room again writes are accepted.
  for (const percent of ["100", "0"]) await pod.inside(["bash", "/etc/mysql/ready.sh", percent]);
  await expect(prepared(name, possible)).rejects.toThrow(/binary log binlog\.\d+ is deleted/);
  await asRoot("DELETE FROM items WHERE name = 'x2'; DELETE FROM audit ORDER BY id DESC LIMIT 1; ALTER TABLE items DROP COLUMN extra");
  expect(await state()).toBe(before);
  await restore(name, "undo");
});
