import { mkdtempSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { mysqlLogin } from "../../src/cluster/transport/mysql-login.ts";
import exported from "../../src/monitoring/keep/exported.json" with { type: "json" };
import { freePorts } from "../../tools/common/ports.ts";
import { selfSigned } from "../certificate.ts";
import { find, manifestsOf, synthesiseFile } from "../manifests.ts";
import { dataOf } from "./innodb.ts";
import { chroot, commandOf, type MysqlPod, quoted, startMysqlPod } from "./mysql-pod.ts";
import { serversRoot } from "./servers.ts";

/** MySQL's pod by hand: prepare.sh, my.cnf and accounts.sql with the real server (Debian's build of MySQL 9.7). */
jest.setTimeout(15 * 60_000);

const FOLDERS = ["/etc/mysql", "/etc/mysql-accounts", "/etc/mysql-backup", "/etc/mysql-tls", "/run/mysql", "/var/lib/mysql", "/tmp"];
/** As accounts.sql writes where a password goes, and as ini.v1 writes a variable of the environment. */
const placeholder = (name: string) => `\${${name}}`;
/**
 * Passwords that a user could bring: quotes, backslashes, what the shell, SQL, option files and ini.v1 take for more than text,
 * the line ends of Notepad and PowerShell, and the longest that MySQL hashes.
 */
const PASSWORDS = {
  root: `r'oo"t\\ $HOME \`id\` ${placeholder("webapp")}`,
  webapp: "w&b;#--%_",
  migrator: `ñandú 密码 😀 \\'${"x".repeat(233)}`,
  exporter: `it's pa$word ${placeholder("DOLLAR")} $$ %(user)s "x\\" ?&@/:(\\`,
};
/** The password of the backups' account, as the bootstrap Job makes it in a Secret of its own. */
const BACKUP = "mIuM2V-6i8_";
const AT_THE_END = { root: "\n", webapp: "\r\n", migrator: "", exporter: "\r\n" };
const EXPORTER = 10_998;

let pod: MysqlPod;
let root: string;
/** The init container's command, with its environment. */
let prepare: readonly string[];
let mysqlPort: number;
let exporterPort: number;

/** A mysql client with the account's own password, over TCP and TLS. */
const as = (
  account: keyof typeof PASSWORDS | "backup",
  sql: string,
  tls = "REQUIRED",
  password = account === "backup" ? BACKUP : PASSWORDS[account],
) =>
  pod.inside([
    "env",
    `MYSQL_PWD=${password}`,
    "mysql",
    "--no-defaults",
    "-h127.0.0.1",
    `-P${mysqlPort}`,
    `-u${account}`,
    `--ssl-mode=${tls}`,
    "-Ne",
    sql,
  ]);

beforeAll(async () => {
  root = await serversRoot();
  [mysqlPort = 0, exporterPort = 0] = await freePorts(2);
  const manifests = manifestsOf(synthesiseFile("environments/kind.yaml"));
  const { spec } = find(manifests, "StatefulSet", "mysql").spec.template;
  const [mysqld, exporter] = spec.containers;
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-mysql-"));
  const accounts = Object.entries(PASSWORDS).map(([name, password]) => [name, password + AT_THE_END[name as keyof typeof PASSWORDS]]);
  const { key, cert } = selfSigned("DNS:mysql");
  prepare = commandOf(spec.initContainers[0]);
  const exporterArgs = exporter.args.map((arg: string) => arg.replace(/(web\.listen-address)=.*/, `$1=127.0.0.1:${exporterPort}`));
  const exporterCommand = commandOf({ ...exporter, command: ["prometheus-mysqld-exporter", ...exporterArgs] });
  pod = startMysqlPod({
    root,
    folder,
    folders: FOLDERS,
    files: {
      "/etc/mysql": find(manifests, "ConfigMap", "mysql").data,
      "/etc/mysql-accounts": Object.fromEntries(accounts),
      "/etc/mysql-backup": { password: BACKUP },
      "/etc/mysql-tls": { "tls.key": key, "tls.crt": cert, "ca.crt": cert },
    },
    init: [prepare],
    beside: `until [ -S ${root}/run/mysql/mysqld.sock ]; do sleep 0.2; done; exec ${chroot(root, EXPORTER)} ${quoted(exporterCommand)}`,
    mysqld: [...mysqld.command, `--port=${mysqlPort}`, "--bind-address=127.0.0.1"],
  });
  for (let attempt = 0; ; attempt++) {
    const answer = await pod.inside(["mysqladmin", "--defaults-file=/run/mysql/client.cnf", "ping"]).catch((error: Error) => error.message);
    if (answer.includes("alive")) break;
    if (attempt > 120) throw new Error(answer);
    await Promise.race([sleep(500), pod.server.died]);
  }
});
afterAll(() => pod?.server.stop());

test("verify's own login gets in over TLS with the account's password, at first and from the server's cache, and with no other", async () => {
  const login = (password: string, database = "app") => mysqlLogin(connect(mysqlPort, "127.0.0.1"), { user: "webapp", password, database });
  for (let time = 1; time <= 2; time++) expect(await login(PASSWORDS.webapp)).toMatch(/^9\.7\./);
  await expect(login(`${PASSWORDS.webapp}x`)).rejects.toThrow(/^1045: Access denied for user 'webapp'/);
  await expect(login(PASSWORDS.webapp, "mysql")).rejects.toThrow(/^1044: Access denied for user 'webapp'/);
});

test("every account gets in with its own password, whatever is in it", async () => {
  for (const account of ["webapp", "migrator"] as const) expect(await as(account, "SELECT CURRENT_USER()")).toBe(`${account}@%`);
  expect(await pod.inside(["mysql", "--defaults-file=/run/mysql/client.cnf", "-Ne", "SELECT CURRENT_USER()"])).toBe("root@localhost");
});

test("no connection without TLS, none of root's over the network, none with a wrong password", async () => {
  await expect(as("webapp", "SELECT 1", "DISABLED")).rejects.toThrow(/secure transport|Access denied|insecure/i);
  await expect(as("root", "SELECT 1")).rejects.toThrow(/Access denied/);
  await expect(as("exporter", "SELECT 1")).rejects.toThrow(/Access denied/);
});

test("the migrations own the tables, the application their rows", async () => {
  await as("migrator", "CREATE TABLE app.trial (id INT PRIMARY KEY)");
  await as("webapp", "INSERT INTO app.trial VALUES (1); UPDATE app.trial SET id = 2; DELETE FROM app.trial WHERE id = 2");
  await expect(as("webapp", "DROP TABLE app.trial")).rejects.toThrow(/command denied/);
  await expect(as("webapp", "CREATE TABLE app.other (id INT)")).rejects.toThrow(/command denied/);
  await expect(as("webapp", "SELECT * FROM mysql.user")).rejects.toThrow(/command denied/);
  await expect(as("migrator", "CREATE DATABASE other")).rejects.toThrow(/Access denied/);
});

test("the backups dump the application's database, restore into databases of their own, and reach no other", async () => {
  expect(await as("backup", "SELECT COUNT(*) >= 0 FROM app.trial")).toBe("1");
  for (const ending of ["check", "restore", "before"]) {
    await as("backup", `CREATE DATABASE app__${ending}; CREATE TABLE app__${ending}.t (x INT); DROP DATABASE app__${ending}`);
  }
  for (const other of ["app_xcheck", "appcheck", "other"]) {
    await expect(as("backup", `CREATE DATABASE ${other}`)).rejects.toThrow(/Access denied/);
  }
  await expect(as("backup", "SELECT * FROM mysql.user")).rejects.toThrow(/command denied/);
  await expect(as("backup", "SELECT 1", "DISABLED")).rejects.toThrow(/secure transport|Access denied|insecure/i);
  await expect(as("webapp", "SELECT * FROM cloudnova_backups.cloudnova")).rejects.toThrow(/command denied/);
});

test("the exporter reads the backups' results, and writes none", async () => {
  const columns = "(kind, name, started, ended, ok)";
  await as("backup", `INSERT INTO cloudnova_backups.cloudnova ${columns} VALUES ('check', 'n', UTC_TIMESTAMP(), UTC_TIMESTAMP(), TRUE)`);
  const exporter = (sql: string) => {
    const login = 'MYSQL_PWD="$(cat /run/mysql/exporter.password)" mysql --no-defaults -S /run/mysql/mysqld.sock -uexporter -Ne "$1"';
    return pod.inside(["bash", "-c", login, "exporter", sql], EXPORTER);
  };
  expect(await exporter("SELECT kind, ok FROM cloudnova_backups.cloudnova")).toBe("check\t1");
  await expect(exporter("DELETE FROM cloudnova_backups.cloudnova")).rejects.toThrow(/command denied/);
  await expect(exporter("SELECT * FROM app.trial")).rejects.toThrow(/command denied/);
  await as("backup", "DELETE FROM cloudnova_backups.cloudnova");
});

test("it runs as it was tuned", async () => {
  const value = (name: string) => as("webapp", `SELECT @@${name}`);
  expect(await value("innodb_buffer_pool_size")).toBe(String(48 * 2 ** 20));
  expect(await value("max_connections")).toBe("40");
  expect(await value("performance_schema")).toBe("0");
  expect(await value("character_set_server")).toBe("utf8mb4");
  expect(await value("log_bin")).toBe("0");
  expect(await value("gtid_mode")).toBe("OFF");
});

describe("a commit", () => {
  const COMMITS = 200;
  const asRoot = (sql: string) => pod.inside(["mysql", "--defaults-file=/run/mysql/client.cnf", "-Ne", sql]);
  /** How often InnoDB syncs its redo log (fsync) while commits follow one another on one connection. */
  async function syncs(): Promise<number> {
    const count = async () => Number((await asRoot("SHOW GLOBAL STATUS LIKE 'Innodb_os_log_fsyncs'")).split("\t")[1]);
    const before = await count();
    await as("webapp", "INSERT INTO app.durable () VALUES ();".repeat(COMMITS));
    return (await count()) - before;
  }
  beforeAll(() => as("migrator", "CREATE TABLE app.durable (id INT AUTO_INCREMENT PRIMARY KEY)"));
  afterAll(async () => {
    await asRoot("SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    await as("migrator", "DROP TABLE app.durable");
  });

  test("is on disk before it is acknowledged: the redo log is synced for each one", async () => {
    expect(await as("webapp", "SELECT @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite, @@innodb_checksum_algorithm")).toBe(
      "1\tON\tcrc32",
    );
    expect(await syncs()).toBeGreaterThanOrEqual(COMMITS);
  });

  test("would not be with a log that is synced once a second: the count tells the difference", async () => {
    await asRoot("SET GLOBAL innodb_flush_log_at_trx_commit = 2");
    expect(await syncs()).toBeLessThan(COMMITS / 4);
  });
});

describe("the readiness probe", () => {
  const asRoot = (sql: string) => pod.inside(["mysql", "--defaults-file=/run/mysql/client.cnf", "-Ne", sql]);
  /** Runs it with another limit: with 100 percent any disk is too full, with 0 hardly any. */
  const probe = (percent: number) => pod.inside(["bash", "/etc/mysql/ready.sh", `${percent}`]);
  const write = () => as("webapp", "INSERT INTO app.guarded () VALUES ()");
  const rows = () => as("webapp", "SELECT COUNT(*) FROM app.guarded");
  beforeAll(async () => {
    await as("migrator", "CREATE TABLE app.guarded (id INT AUTO_INCREMENT PRIMARY KEY)");
    await write();
  });
  afterAll(async () => {
    await asRoot("SET GLOBAL read_only = OFF");
    await as("migrator", "DROP TABLE app.guarded");
  });

  test("refuses writes while the disk is nearly full, reads go on, root may make room, and writes come back by themselves", async () => {
    for (let time = 0; time < 2; time++) await probe(100);
    await expect(write()).rejects.toThrow(/ERROR 1290 .*--read-only/);
    expect(await rows()).toBe("1");
    await asRoot("DELETE FROM app.guarded WHERE id > 1");
    for (let time = 0; time < 2; time++) await probe(0);
    await write();
    expect(await rows()).toBe("2");
  });

  test("leaves a read_only alone that an administrator has set", async () => {
    await asRoot("SET GLOBAL read_only = ON");
    await probe(0);
    await probe(100);
    await probe(0);
    await expect(write()).rejects.toThrow(/ERROR 1290/);
    await asRoot("SET GLOBAL read_only = OFF");
  });

  test("does not hold others up for a statement that writes for long, and succeeds after it", async () => {
    const long = as("webapp", "UPDATE app.guarded SET id = id + SLEEP(8) LIMIT 1");
    await sleep(500);
    const started = Date.now();
    await expect(probe(100)).resolves.toBeDefined();
    expect(Date.now() - started).toBeLessThan(5000); // the probe's limit
    await write();
    await long;
    await probe(100);
    await expect(write()).rejects.toThrow(/ERROR 1290/);
    await probe(0);
    await write();
  });

  /** Runs the probe after replacing a text in it. */
  const changed = (from: string, to: string, percent: number) =>
    pod.inside(["bash", "-c", `sed 's#${from}#${to}#' /etc/mysql/ready.sh > /tmp/ready.sh; bash /tmp/ready.sh ${percent}`]);

  test("fails while mysqld does not answer", async () => {
    await expect(changed("/run/mysql/client.cnf", "/run/mysql/none.cnf", 0)).rejects.toThrow(/none\.cnf/);
  });

  test("succeeds while mysqld answers, also when the guard cannot work, and then refuses no writes", async () => {
    const settings = "[client]\nuser = root\npassword = wrong\nsocket = /run/mysql/mysqld.sock\n";
    await pod.inside(["bash", "-c", `printf '${settings}' > /tmp/wrong.cnf`]);
    await expect(changed("/run/mysql/client.cnf", "/tmp/wrong.cnf", 100)).resolves.toBeDefined();
    await write();
    await expect(changed("/var/lib/mysql", "/nowhere", 100)).resolves.toBeDefined();
    await write();
  });

  test("keeps the room of a laptop's nearly full disk for writes where the kubelet evicts nothing", async () => {
    const disk = (freeMib: number) => changed("$(stat .*", `"$((${freeMib} << 8)) $((1 << 28)) 4096"`, 0); // of 1 TiB
    await disk(2048);
    await write();
    await disk(399);
    await expect(write()).rejects.toThrow(/ERROR 1290/);
    await disk(527);
    await expect(write()).rejects.toThrow(/ERROR 1290/);
    await disk(529);
    await write();
  });

  test("drops the copy of a backup that is being checked, which the backups' account cannot do then", async () => {
    await as("backup", "CREATE DATABASE app__check; CREATE TABLE app__check.copy (id INT)");
    await probe(0);
    expect(await asRoot("SHOW DATABASES LIKE 'app%'")).toContain("app__check");
    await probe(100);
    expect(await asRoot("SHOW DATABASES LIKE 'app%'")).not.toContain("app__check");
    await expect(as("backup", "DROP DATABASE IF EXISTS app__check")).rejects.toThrow(/ERROR 1290/);
    await probe(0);
    await write();
  });

  test("leaves a super_read_only alone that an administrator has set after it", async () => {
    await probe(100);
    await asRoot("SET GLOBAL super_read_only = ON");
    await probe(0);
    expect(await asRoot("SELECT @@GLOBAL.super_read_only")).toBe("1");
    await asRoot("SET GLOBAL read_only = OFF");
  });
});

/** What MySQL's pod has when its Secret holds these values: prepare.sh writes its files again, and root runs accounts.sql. */
async function bring(values: Readonly<Record<string, string>>): Promise<void> {
  for (const [account, value] of Object.entries(values)) {
    const write = 'printf %s "$1" | base64 --decode > "/etc/mysql-accounts/$2"';
    await pod.inside(["bash", "-c", write, "-", Buffer.from(value).toString("base64"), account]);
  }
  await pod.inside(["cp", "/run/mysql/client.cnf", "/tmp/former.cnf"]);
  await pod.inside(prepare);
  await pod.inside(["bash", "-c", "mysql --defaults-file=/tmp/former.cnf --default-character-set=utf8mb4 < /run/mysql/accounts.sql"]);
}

/** What the exporter says after it has read its file again. */
async function scrape(): Promise<string> {
  await fetch(`http://127.0.0.1:${exporterPort}/-/reload`, { method: "POST" });
  return (await fetch(`http://127.0.0.1:${exporterPort}/metrics`)).text();
}

describe("a password of the user's own", () => {
  const ASCII = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("");
  /** The same text for every account, each a little different, so that one account's password never opens another. */
  const accountsWith = (text: string) => ({ root: `${text}r`, webapp: `${text}w`, migrator: `m${text}`, exporter: text });

  async function everyAccountWorks(text: string): Promise<void> {
    const values = accountsWith(text);
    await bring(values);
    expect(await pod.inside(["mysql", "--defaults-file=/run/mysql/client.cnf", "-Ne", "SELECT CURRENT_USER()"])).toBe("root@localhost");
    for (const account of ["webapp", "migrator"] as const)
      expect(await as(account, "SELECT CURRENT_USER()", "REQUIRED", values[account])).toBe(`${account}@%`);
    expect(await scrape()).toMatch(/^mysql_up 1$/m);
  }
  afterAll(async () => {
    await bring(PASSWORDS);
    await scrape();
  });

  test.each([
    "it's",
    "pa$word",
    "'",
    '"',
    '"""',
    "`",
    "\\",
    "$",
    "$$",
    "?",
    "#",
    ";",
    "%(user)s%(socket)s%(host)s%(port)s%(tls)s%(password)s%(x)s",
    ["root", "webapp", "migrator", "exporter", "MYSQLD_EXPORTER_PASSWORD"].map(placeholder).join(""),
    " between spaces ",
    ASCII,
    [...ASCII].reverse().join(""),
    "ÿñ€密码😀\u{10ffff}",
    "x".repeat(254),
  ])("%j opens every account", everyAccountWorks);

  test("it does whatever sql_mode the server has", async () => {
    const asRoot = (sql: string) => pod.inside(["mysql", "--defaults-file=/run/mysql/client.cnf", "-e", sql]);
    await asRoot("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'");
    await everyAccountWorks(`\\'"\\\\`);
    await asRoot("SET GLOBAL sql_mode = DEFAULT");
  });

  test("any printable one does", async () => {
    const special = fc.constantFrom(...`'"\`\\$%(){}#;?&@/: =`, "%(user)s", "\\'", '\\"', placeholder("root"), "é", "密", "😀");
    const printable = fc.string({ unit: fc.oneof(special, fc.constantFrom(...ASCII)), minLength: 1, maxLength: 30 });
    await fc.assert(fc.asyncProperty(printable, everyAccountWorks), { numRuns: 40 });
  });
});

test("the exporter sees MySQL through the socket, and cannot read root's password", async () => {
  const metrics = await (await fetch(`http://127.0.0.1:${exporterPort}/metrics`)).text();
  expect(metrics).toMatch(/^mysql_up 1$/m);
  expect(metrics).toMatch(/^mysql_global_status_threads_connected \d/m);
  expect(metrics.match(/^mysql_exporter_collector_success\{.*\} 0$/gm)).toBeNull();
  await expect(pod.inside(["cat", "/run/mysql/client.cnf"], EXPORTER)).rejects.toThrow(/Permission denied/);
  await expect(pod.inside(["cat", "/run/mysql/accounts.sql"], EXPORTER)).rejects.toThrow(/Permission denied/);
});

test("the exporter exports what exported.json records of this MySQL", async () => {
  const recorded = Object.keys(exported.mysql).filter((name) => name.startsWith("mysql_"));
  const metrics = await (await fetch(`http://127.0.0.1:${exporterPort}/metrics`)).text();
  const live = new Set(metrics.match(/^mysql_\w+/gm));
  expect(recorded.length).toBeGreaterThan(500);
  expect(recorded.filter((name) => !live.has(name))).toEqual([]);
});

test("the probes' own commands answer", async () => {
  expect(await pod.inside(["mysqladmin", "--defaults-file=/run/mysql/client.cnf", "status"])).toMatch(/Uptime/);
});

/** The page's command for a program in MySQL's container, as the container runs it. */
function fromThePage(page: string, program: string): string {
  const [, command] =
    new RegExp(`kubectl -n cloudnova exec (?:-i )?mysql-0 -c mysql -- (${program} .*)`).exec(readFileSync(page, "utf8")) ?? [];
  if (!command) throw new Error(`${page} has no command for ${program}`);
  return command;
}

test.each(["docs/mysql-upgrade.md", "docs/mysql-upgrade.es.md"])("the dump of %s restores the database", async (page) => {
  const dump = fromThePage(page, "mysqldump").replace("app.sql", "/tmp/app.sql");
  const restore = fromThePage(page, "mysql .*<").replace("app.sql", "/tmp/app.sql");
  const rows = () => as("webapp", "SELECT id, name FROM app.kept ORDER BY id");
  await as("migrator", "CREATE TABLE app.kept (id INT PRIMARY KEY, name VARCHAR(20)); CREATE VIEW app.names AS SELECT name FROM app.kept");
  await as("webapp", "INSERT INTO app.kept VALUES (1, 'ñandú'), (2, '密😀')");
  const before = await rows();
  expect(await pod.inside(["bash", "-c", `${dump}; tail -n 1 /tmp/app.sql`])).toMatch(/^-- Dump completed on /);
  expect(await pod.inside(["cat", "/tmp/app.sql"])).not.toContain("GTID");
  await as("webapp", "DELETE FROM app.kept; INSERT INTO app.kept VALUES (3, 'later')");
  await as("migrator", "DROP VIEW app.names");
  await pod.inside(["bash", "-c", restore]);
  expect(await rows()).toBe(before);
  expect(await as("webapp", "SELECT COUNT(*) FROM app.names")).toBe("2");
  await as("migrator", "DROP VIEW app.names; DROP TABLE app.kept");
});

/**
 * A second data folder in the same pod, made by the real mysqld, whose version field is then set. 8.4 cannot be run here, so these are
 * the data of 9.7 that claim another version. That mysqld decides by this field is what the last test shows.
 */
describe("data that claims another version", () => {
  const DATA = "/var/lib/mysql/second";
  const atData = "/^data=/s#=.*#=/var/lib/mysql/second#";
  /** Runs prepare.sh on the second folder; returns its exit code and last line. */
  const start = async (upgradeTo = "") => {
    const script = `sed ${JSON.stringify(atData)} /etc/mysql/prepare.sh > /tmp/prepare.sh; UPGRADE_TO=${upgradeTo} bash /tmp/prepare.sh 2>&1; echo "exit $?"`;
    return pod.inside([...prepare.slice(0, prepare.indexOf("bash")), "bash", "-c", script]);
  };
  /** Contents and times of all files. */
  const state = () => pod.inside(["bash", "-c", `cd ${DATA} && find . -type f -printf '%p %s %T@\\n' -exec sha256sum {} + | sort`]);
  const data = async () => dataOf(`/proc/${await pod.process()}/root${root}${DATA}`);
  const claim = async (version: number) => (await data()).claim(version);
  /** What mysqld itself does with the folder: the end of its log. */
  const mysqld = () =>
    pod.inside([
      "bash",
      "-c",
      `mysqld --defaults-file=/etc/mysql/my.cnf --datadir=${DATA} --socket=/run/mysql/second.sock --pid-file=/run/mysql/second.pid --skip-networking 2>&1 &
      for attempt in {1..60}; do mysqladmin --defaults-file=/run/mysql/client.cnf --socket=/run/mysql/second.sock shutdown 2> /dev/null && break; kill -0 $! || break; sleep 0.5; done
      wait $!; echo "exit $?"`,
    ]);

  /** The server's own version: as words, such as 9.7.4, and as data hold it, such as 90704. */
  const server = async () => {
    const [, words = ""] = /Ver (\d+\.\d+\.\d+)/.exec(await pod.inside(["mysqld", "--version"])) ?? [];
    const [major = 0, minor = 0, patch = 0] = words.split(".").map(Number);
    return { words, series: `${major}.${minor}`, number: major * 10_000 + minor * 100 + patch, newer: major * 10_000 + (minor + 1) * 100 };
  };

  test("is made by the first start", async () => {
    expect(await start()).toMatch(/first start: making the data folder[\s\S]*exit 0$/);
    expect((await data()).version()).toBe((await server()).number);
    expect(await start()).toBe("exit 0");
  });

  test("is refused when it is 8.4's, and nothing in it changes", async () => {
    const { words } = await server();
    await claim(80411);
    const before = await state();
    const answer = await start();
    expect(answer).toContain(`MySQL ${words} does not start on the data of MySQL 8.4.11, because only a dump leads back from an upgrade`);
    expect(answer.split("\n")).toEqual([expect.anything(), "exit 1"]);
    expect(await start("8.4")).toMatch(/exit 1$/);
    expect(await state()).toBe(before);
  });

  test("is handed to mysqld once the environment names the series, and mysqld starts on it without a question", async () => {
    expect(await start((await server()).series)).toBe("exit 0");
    expect(await mysqld()).toMatch(/ready for connections[\s\S]*exit 0$/);
  });

  test("is refused when it is newer, which mysqld refuses too", async () => {
    const { words, series, number, newer } = await server();
    await claim(newer);
    expect(await start(series)).toMatch(new RegExp(`^MySQL ${words} does not start on the data of .* which is newer: .*\\nexit 1$`));
    expect(await mysqld()).toMatch(new RegExp(`Cannot downgrade from ${newer} to ${number}[\\s\\S]*exit 1$`));
  });
});
