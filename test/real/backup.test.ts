import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { selfSigned } from "../certificate.ts";
import { temporaryFolder } from "../temporary.ts";
import { type MysqlPod, quoted, startMysqlPod } from "./mysql-pod.ts";
import { run, serversRoot } from "./servers.ts";

/** The backup engine with the real mysqld, mysqldump, S3 server (versitygw) and age. */
jest.setTimeout(15 * 60_000);

const FOLDERS = [
  "/etc/mysql",
  "/run/mysql",
  "/var/lib/mysql",
  "/tmp",
  "/backups",
  "/volumes",
  "/helper",
  "/etc/backup",
  "/keys",
  "/store",
  "/wrong",
];
const PLAN = "/etc/backup/plan.json";
const HELPER = "/helper/cloudnova-helper";
/** The owner's account has all rights on the database; that of the backups has them on its copies, too. */
const ACCOUNTS = `CREATE DATABASE app;
CREATE DATABASE cloudnova_backups;
CREATE TABLE cloudnova_backups.shop (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, kind ENUM('backup','check','offsite','restore') NOT NULL, name VARCHAR(128) NOT NULL, started DATETIME NOT NULL, ended DATETIME NULL, bytes BIGINT UNSIGNED NULL, seconds DOUBLE NULL, ok BOOLEAN NULL, message VARCHAR(1000) NOT NULL DEFAULT '', KEY (kind, ended));
CREATE USER owner@'%' IDENTIFIED BY 'x';
CREATE USER other@localhost IDENTIFIED BY 'x';
CREATE USER backup@'%' IDENTIFIED BY 'it''s "secret"' REQUIRE SSL;
GRANT ALL ON app.* TO owner@'%';
GRANT ALL ON app.* TO backup@'%';
GRANT ALL ON app__check.* TO backup@'%';
GRANT ALL ON app__restore.* TO backup@'%';
GRANT ALL ON app__before.* TO backup@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON cloudnova_backups.shop TO backup@'%';
GRANT SHOW_ROUTINE ON *.* TO backup@'%';
`;

let pod: MysqlPod;
let store: Daemon;
let plan: Record<string, unknown>;

const write = (path: string, text: string) =>
  pod.inside(
    [
      "bash",
      "-c",
      'mkdir -p "$(dirname "$2")" && printf %s "$1" | base64 --decode > "$2"',
      "-",
      Buffer.from(text).toString("base64"),
      path,
    ],
    0,
  );
const sql = (text: string) =>
  pod.inside(["mysql", "--no-defaults", "-uroot", "-S/run/mysql/mysqld.sock", "--default-character-set=utf8mb4", "--raw", "-Ne", text]);
/** Runs the engine. @returns its last line of JSON @throws Error with its message */
async function engine(...args: string[]) {
  const out = await pod.inside([HELPER, "backup", ...args], 0);
  return JSON.parse(out.split("\n").findLast((line) => line.startsWith("{")) ?? "null");
}
/** Runs the engine with another plan. */
async function withPlan(changes: object, ...args: string[]) {
  await write("/etc/backup/other.json", JSON.stringify({ ...plan, ...changes }));
  return engine(args[0] ?? "", "/etc/backup/other.json", ...args.slice(1));
}
const restore = (name: string, stage: string, ...flags: string[]) => engine("restore", PLAN, name, "--stage", stage, ...flags);
const newest = async () => (await engine("list", PLAN, "--json")).backups[0].name as string;
/** Kills the engine with SIGKILL after so many seconds. */
const killed = (after: number, ...args: string[]) =>
  pod.inside(
    [
      "bash",
      "-c",
      'after=$1; shift; "$@" & pid=$!; sleep "$after"; kill -9 $pid; wait $pid; true',
      "-",
      `${after}`,
      HELPER,
      "backup",
      ...args,
    ],
    0,
  );

beforeAll(async () => {
  const root = await serversRoot();
  const [mysqlPort = 0, storePort = 0] = await freePorts(2);
  const [versitygw, age] = await Promise.all([ensure("versitygw"), ensure("age")]);
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-backup-"));
  mkdirSync(join(folder, "pod/helper"), { recursive: true });
  await run("go", ["build", "-trimpath", "-buildvcs=false", "-o", join(folder, "pod/helper/cloudnova-helper"), "."], {
    cwd: "helper",
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  copyFileSync(join(age, "age"), join(folder, "pod/helper/age"));
  const identity = async (name: string) => {
    await run(join(age, "age-keygen"), ["-o", join(folder, name)]);
    const text = readFileSync(join(folder, name), "utf8");
    return { text, recipient: /public key: (\S+)/.exec(text)?.[1] ?? "" };
  };
  const [cluster, owner, stranger] = await Promise.all(["cluster", "owner", "stranger"].map(identity));
  mkdirSync(join(folder, "s3/bucket"), { recursive: true });
  store = startDaemon(
    "env",
    [
      "ROOT_ACCESS_KEY=user",
      "ROOT_SECRET_KEY=password",
      join(versitygw, "versitygw"),
      "--port",
      `127.0.0.1:${storePort}`,
      "--region",
      "us-east-1",
      "posix",
      join(folder, "s3"),
    ],
    join(folder, "s3.log"),
  );
  plan = {
    unit: "shop",
    namespace: "shop",
    environment: "mine",
    product: "0.1.0",
    mysql: {
      host: "127.0.0.1",
      port: mysqlPort,
      user: "backup",
      passwordFile: "/etc/backup/password",
      ca: "/etc/backup/ca.crt",
      tls: true,
    },
    databases: ["app"],
    volumes: { uploads: "/volumes/uploads" },
    secrets: [],
    recipients: [owner?.recipient],
    identity: "/keys/identity",
    folder: "/backups",
    store: {
      endpoint: `http://127.0.0.1:${storePort}`,
      region: "us-east-1",
      bucket: "bucket",
      prefix: "cn",
      pathStyle: true,
      credentials: "/store",
      secret: "backup-store",
    },
    keep: { count: 14, days: 30 },
    folderBytes: 2 ** 30,
    mysqlVolumeBytes: 2 ** 30,
  };
  const { key, cert } = selfSigned("IP:127.0.0.1");
  pod = startMysqlPod({
    root,
    folder,
    folders: FOLDERS,
    files: {
      "/etc/mysql": { "tls.key": key, "tls.crt": cert, "accounts.sql": ACCOUNTS },
      "/etc/backup": { "plan.json": JSON.stringify(plan), password: `it's "secret"\r\n`, "ca.crt": cert },
      // As Notepad writes it.
      "/keys": { identity: (cluster?.text ?? "").replaceAll("\n", "\r\n"), stranger: stranger?.text ?? "", owner: owner?.text ?? "" },
      "/store": { "access-key": "user\n", "secret-key": "password\r\n" },
      "/wrong": { "access-key": "user", "secret-key": "other" },
    },
    init: [
      [
        "mysqld",
        "--no-defaults",
        "--initialize-insecure",
        "--datadir=/var/lib/mysql/data",
        "--log-error-verbosity=1",
        "--secure-file-priv=NULL",
      ],
    ],
    mysqld: [
      ..."env LD_PRELOAD=libc.so.6 mysqld --no-defaults --datadir=/var/lib/mysql/data --socket=/run/mysql/mysqld.sock --tmpdir=/tmp".split(
        " ",
      ),
      ..."--mysqlx=OFF --skip-log-bin --gtid-mode=OFF --performance-schema=OFF --skip-name-resolve --secure-file-priv=NULL".split(" "),
      ..."--ssl-cert=/etc/mysql/tls.crt --ssl-key=/etc/mysql/tls.key --init-file=/etc/mysql/accounts.sql --bind-address=127.0.0.1".split(
        " ",
      ),
      "--pid-file=/run/mysql/mysqld.pid",
      `--port=${mysqlPort}`,
    ],
  });
  for (let attempt = 0; ; attempt++) {
    const answer = await sql("SELECT COUNT(*) FROM cloudnova_backups.shop").catch((error: Error) => error.message);
    if (answer === "0") break;
    if (attempt > 240) throw new Error(answer);
    await Promise.race([sleep(500), pod.server.died]);
  }
  await write("/tmp/awkward.sql", readFileSync("test/real/backup/awkward.sql", "utf8"));
  await pod.inside(["bash", "-c", "mysql --no-defaults -uroot -S/run/mysql/mysqld.sock app < /tmp/awkward.sql"]);
  await write("/volumes/uploads/a folder/ñ.txt", "first");
  await pod.inside(
    [
      "bash",
      "-c",
      "cd /volumes/uploads; ln -s 'a folder/ñ.txt' link; chmod 640 'a folder/ñ.txt'; touch -d 2020-02-02T02:02:02Z 'a folder/ñ.txt'",
    ],
    0,
  );
});
afterAll(async () => {
  await pod?.server.stop();
  await store?.stop();
});

const TEXTS = "SELECT COUNT(*), SUM(LENGTH(body)), SUM(CRC32(data)) FROM app.texts";

test("a backup of awkward content is checked and sent, and comes back in place of what changed since", async () => {
  const before = await sql(TEXTS);
  const made = await engine("run", PLAN);
  expect(made).toMatchObject({ checked: true, offsite: true });
  expect(await engine("list", PLAN, "--json")).toMatchObject({
    unit: "shop",
    backups: [{ name: made.name, here: true, offsite: true, ok: true }],
  });
  expect(await sql("SELECT kind, ok FROM cloudnova_backups.shop ORDER BY id")).toBe("backup\t1\ncheck\t1\noffsite\t1");

  await sql(
    "DELETE FROM app.texts WHERE id < 3; DROP VIEW app.`b view`; DROP PROCEDURE app.`pro cedure`; CREATE TABLE app.extra (id INT PRIMARY KEY)",
  );
  await write("/volumes/uploads/new.txt", "later");
  // From the store alone, as on a new machine.
  await pod.inside(["bash", "-c", "rm /backups/*.cnb*"], 0);
  const prepared = await restore(made.name, "prepare");
  expect(prepared.databases[0].tables).toContainEqual({ name: "texts", rowsNow: 2, rowsThen: 4 });
  expect(prepared).toMatchObject({
    volumes: [{ key: "uploads", filesNow: 2, filesThen: 1 }],
    otherSchema: [{ database: "app", table: "extra" }],
  });
  await expect(restore(made.name, "swap")).rejects.toThrow(/another schema than the database now, in app\.extra/);
  expect(await sql(TEXTS)).not.toBe(before);

  const { safety } = await restore(made.name, "swap", "--other-schema");
  expect(await sql(TEXTS)).toBe(before);
  expect(await sql("SELECT * FROM app.`view of a view`; CALL app.`pro cedure`(1); SELECT app.`other mode`()")).toBe(
    "it's 10\nit's 20\na\\",
  );
  expect(await sql("SELECT event_name, status FROM information_schema.events ORDER BY 1")).toBe(
    "nightly ON COMPLETION PRESERVE ENABLE\tENABLED\noff\tDISABLED\nonce\tENABLED",
  );
  expect(await sql("SHOW DATABASES LIKE 'app%'")).toBe("app");
  expect(await pod.inside(["bash", "-c", "cd /volumes/uploads; ls -A; cat link; stat -c '%a %Y' 'a folder/ñ.txt'"], 0)).toBe(
    "a folder\nlink\nfirst640 1580608922",
  );
  // The safety backup has what was replaced.
  expect((await restore(safety, "prepare")).databases[0].tables).toContainEqual({ name: "texts", rowsNow: 4, rowsThen: 2 });
  await restore(safety, "undo");
});

test("age's own program and the owner's key open a backup", async () => {
  const name = await newest();
  const list = `/helper/age -d -i /keys/owner /backups/${name}.cnb | wc -c`;
  expect(Number(await pod.inside(["bash", "-c", list], 0))).toBeGreaterThan(1000);
  await expect(pod.inside(["bash", "-o", "pipefail", "-c", list.replace("owner", "stranger")], 0)).rejects.toThrow(/no identity matched/);
});

test("the two lines of docs/backups.md open a backup without a cluster, and bring its database back", async () => {
  const page = readFileSync("docs/backups.md", "utf8");
  const [open = ""] = /^age --decrypt .*$/m.exec(page) ?? [];
  const [load = ""] = /^cat database\/app\.sql\.\* \| mysql app/m.exec(page) ?? [];
  const { name } = (await engine("list", PLAN, "--json")).backups.at(-1); // the newest is of the moment before the restore
  const folder = temporaryFolder("opened");
  writeFileSync(join(folder, `${name}.cnb`), Buffer.from(await pod.inside(["base64", `/backups/${name}.cnb`], 0), "base64"));
  writeFileSync(join(folder, "backup.key"), await pod.inside(["cat", "/keys/owner"], 0));
  const env = { ...process.env, PATH: `${await ensure("age")}:${process.env.PATH}` };
  const shell = (command: string) => run("bash", ["-o", "pipefail", "-ec", command], { cwd: folder, env });

  await shell(open.replace("NAME", name));
  expect(readFileSync(join(folder, "volumes/uploads/a folder/ñ.txt"), "utf8")).toBe("first");
  await sql("CREATE DATABASE opened; GRANT ALL ON opened.* TO owner@'%', other@localhost"); // who own its views and routines
  const client = quoted(await pod.enter(["mysql", "--no-defaults", "-uroot", "-S/run/mysql/mysqld.sock", "opened"], 0));
  await shell(load.replace("mysql app", client));
  expect(await sql(TEXTS.replace("app.", "opened."))).toBe(await sql(TEXTS));
  await sql("DROP DATABASE opened");
});

test("after another key took its place, old backups open with the key before, and new ones are not encrypted to it", async () => {
  const old = await newest();
  // What `rotate backup-key` does to the Secret.
  await pod.inside(
    ["bash", "-c", "cp /keys/identity /tmp/own; cp /keys/identity /keys/former-identities; cp /keys/stranger /keys/identity"],
    0,
  );
  try {
    expect(await engine("check", PLAN, old)).toMatchObject({ checked: true });
    expect((await restore(old, "prepare")).name).toBe(old);
    await restore(old, "undo");
    const { name, checked } = await engine("run", PLAN);
    expect(checked).toBe(true);
    const opens = (key: string) =>
      pod.inside(
        ["bash", "-o", "pipefail", "-c", `tr -d '\\r' < ${key} > /tmp/key; /helper/age -d -i /tmp/key /backups/${name}.cnb | wc -c`],
        0,
      );
    expect(Number(await opens("/keys/identity"))).toBeGreaterThan(1000);
    await expect(opens("/keys/former-identities")).rejects.toThrow(/no identity matched/);
    await pod.inside(["rm", "/keys/former-identities"], 0);
    await expect(engine("check", PLAN, old)).rejects.toThrow(/was not encrypted to this cluster's key/);
    await pod.inside(["bash", "-c", `echo none > /keys/former-identities`], 0);
    await expect(engine("check", PLAN, old)).rejects.toThrow(/former-identities holds no private key of age/);
    // The copy in the store, too: only what is here goes.
    await pod.inside(["bash", "-c", `rm /backups/${name}.cnb*`], 0);
  } finally {
    await pod.inside(["bash", "-c", "rm -f /keys/former-identities; mv /tmp/own /keys/identity"], 0);
  }
  await engine("check", PLAN, old);
});

test("a backup under writes is of one moment", async () => {
  await sql("CREATE TABLE app.debit (id INT PRIMARY KEY AUTO_INCREMENT, amount INT); CREATE TABLE app.credit LIKE app.debit");
  const pair = "START TRANSACTION; INSERT INTO app.debit (amount) VALUES (7); INSERT INTO app.credit (amount) VALUES (7); COMMIT;";
  const writing = pod.inside([
    "bash",
    "-c",
    `for i in $(seq 100); do for j in $(seq 20); do echo "${pair}"; done; sleep 0.02; done | mysql --no-defaults -uroot -S/run/mysql/mysqld.sock`,
  ]);
  await sleep(300);
  const { name, checked } = await engine("run", PLAN);
  await writing;
  expect(checked).toBe(true);
  const { databases } = await restore(name, "prepare");
  const rows = Object.fromEntries(
    databases[0].tables.map(({ name: table, rowsThen }: { name: string; rowsThen: number }) => [table, rowsThen]),
  );
  expect(rows.debit).toBeGreaterThan(0);
  expect(rows.debit).toBe(rows.credit);
  expect(await sql("SELECT COUNT(*) FROM app.debit")).toBe("2000");
  await restore(name, "undo");
});

test("a backup without Alertmanager's silences is a good one, and a metric says that it lacks them", async () => {
  const [port = 0] = await freePorts(1);
  const exporter = { units: ["shop"], kinds: ["backup"], listen: `127.0.0.1:${port}`, mysql: plan.mysql };
  await write("/etc/backup/exporter.json", JSON.stringify(exporter));
  const script = `${HELPER} backup exporter /etc/backup/exporter.json & until [ -e /tmp/end ]; do sleep 0.2; done; kill $!`;
  const exporting = pod.inside(["bash", "-c", script], 0);
  await sleep(500);
  const incomplete = async () => {
    const text = await fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text());
    return /^cloudnova_backup_incomplete\{unit="shop"\} (.*)$/m.exec(text)?.[1];
  };
  await engine("run", PLAN);
  expect(await incomplete()).toBe("0");
  const { checked, leftOut } = await withPlan({ alertmanager: "http://127.0.0.1:1" }, "run");
  expect([checked, leftOut.length]).toEqual([true, 1]);
  expect(await incomplete()).toBe("1");
  await write("/tmp/end", "");
  await exporting;
});

test("a second restore at once is refused", async () => {
  const name = await newest();
  const first = restore(name, "prepare");
  await sleep(150);
  await expect(restore(name, "prepare")).rejects.toThrow(
    /"backup restore shop-\d+T\d+Z prepare" of shop \(since .*\) is under way: nothing was changed/,
  );
  await first;
  await restore(name, "undo");
});

test("what was killed leaves nothing half: the next run cleans up, and swap and undo lead on", async () => {
  await sql("DELETE FROM app.texts WHERE id > 1");
  const before = await sql(TEXTS);
  const name = (await engine("run", PLAN)).name as string;
  for (const after of [0.1, 0.3]) await killed(after, "run", PLAN);
  const count = (await engine("list", PLAN, "--json")).backups.length;
  await engine("run", PLAN);
  expect((await engine("list", PLAN, "--json")).backups.length).toBeGreaterThan(count - 1);
  // grep prints 0 and ends with 1 where it finds none, which is what is expected.
  expect(await pod.inside(["bash", "-c", "ls -A /backups | grep -c partial || true"])).toBe("0");
  expect(await sql("SELECT COUNT(*) FROM cloudnova_backups.shop WHERE ok IS NULL; SHOW DATABASES LIKE 'app!_%'")).toBe("0");

  await sql("INSERT INTO app.texts (id, body) VALUES (50, 'later')");
  const later = await sql(TEXTS);
  for (const after of [0.2, 0.5, 0.8, 1.2]) {
    await restore(name, "prepare");
    await killed(after, "restore", PLAN, name, "--stage", "swap");
    // Either nothing was exchanged, or all was, or the next command says what to do.
    expect([before, later]).toContain(await sql(TEXTS));
    const undone = await restore(name, "undo").catch((error: Error) => error.message);
    if (typeof undone === "string") {
      expect(undone).toMatch(/nothing to undo|is complete/);
      if (undone.includes("is complete")) await restore(name, "swap");
      expect(await sql(TEXTS)).toBe(before);
      await sql("INSERT INTO app.texts (id, body) VALUES (50, 'later')");
    } else expect(await sql(TEXTS)).toBe(later);
    expect(await sql("SHOW DATABASES LIKE 'app%'")).toBe("app");
  }
  await restore(name, "prepare");
  await killed(0.6, "restore", PLAN, name, "--stage", "swap");
  const finished = await restore(name, "swap").catch((error: Error) => error.message);
  if (typeof finished === "string") expect(finished).toContain("is not prepared");
  expect(await sql(TEXTS)).toBe(before);
  expect(await sql("SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = 'app'")).toBe("2");
});

test.each(["swapping", "undoing"])("a restore that was cut off while it was %s is finished by the same two steps as any", async (stage) => {
  const name = (await engine("run", PLAN)).name as string;
  const before = await sql(TEXTS);
  await sql("INSERT INTO app.texts (id, body) VALUES (60, 'later')");
  const safety = (await engine("run", PLAN)).name as string;
  await restore(name, "prepare");
  const state = JSON.parse(await pod.inside(["cat", "/backups/.restore.json"], 0));
  await write("/backups/.restore.json", JSON.stringify({ ...state, stage, safety }));
  await expect(engine("run", PLAN)).rejects.toThrow(/was cut off while data were exchanged/);
  await expect(restore(safety, "prepare")).rejects.toThrow(/was cut off while data were exchanged/);
  expect((await restore(name, "prepare")).name).toBe(name);
  await restore(name, "swap");
  expect(await sql(TEXTS)).toBe(before);
  expect(await sql("SHOW DATABASES LIKE 'app%'")).toBe("app");
});

describe("what is refused, with nothing changed", () => {
  test.each([
    ["a byte was changed", "printf x | dd of=$F bs=1 seek=3000 conv=notrunc status=none", /was changed or is damaged: its sha256 is/],
    ["it was cut off, with its sum", "truncate -s 4000 $F; sha256sum $F | sed 's|/backups/||' > $F.sha256", /cut off or damaged/],
    [
      "it is for another cluster",
      "cp /keys/identity /tmp/own; cp /keys/stranger /keys/identity",
      /was not encrypted to this cluster's key/,
    ],
    ["it is no backup", "echo text > $F; sha256sum $F > $F.sha256", /it is no backup, or its beginning is damaged/],
  ])("%s", async (_, change, message) => {
    const name = await newest();
    await pod.inside(["bash", "-c", `F=/backups/${name}.cnb; cp $F /tmp/kept; cp $F.sha256 /tmp/kept.sha256; ${change}`], 0);
    await expect(engine("check", PLAN, name)).rejects.toThrow(message);
    await expect(restore(name, "prepare")).rejects.toThrow(message);
    const back = `F=/backups/${name}.cnb; cp /tmp/kept $F; cp /tmp/kept.sha256 $F.sha256; if [ -e /tmp/own ]; then mv /tmp/own /keys/identity; fi`;
    await pod.inside(["bash", "-c", back], 0);
    await engine("check", PLAN, name);
  });

  test.each([
    ["no store", { endpoint: "http://127.0.0.1:1" }, /it does not answer/],
    ["no bucket", { bucket: "none" }, /there is no such bucket/],
    ["another region", { region: "eu-west-1" }, /the bucket is in us-east-1, and backups\.store\.region is "eu-west-1"/],
    ["wrong credentials", { credentials: "/wrong" }, /it does not take the credentials in the Secret backup-store/],
    ["no Secret", { credentials: "/none" }, /the Secret backup-store in the namespace shop is absent/],
  ])("%s: the backup is made and checked, and the copy fails", async (_, changes, message) => {
    const count = (await engine("list", PLAN, "--json")).backups.length;
    await expect(withPlan({ store: { ...(plan.store as object), ...changes } }, "run")).rejects.toThrow(message);
    const { backups } = await engine("list", PLAN, "--json");
    expect(backups.length).toBe(count + 1);
    expect(backups[0]).toMatchObject({ ok: true, offsite: false });
  });

  test("a full volume, MySQL's and that of the backups, and a key that is none", async () => {
    await expect(withPlan({ folderBytes: 1000 }, "run")).rejects.toThrow(/the volume of the backups has 0 bytes free/);
    await expect(withPlan({ mysqlVolumeBytes: 1000 }, "check")).rejects.toThrow(/cannot hold a second copy of the data/);
    await expect(withPlan({ recipients: ["age1none"] }, "run")).rejects.toThrow(
      /recipients\[0\] is "age1none", which is no public key of age/,
    );
    await expect(withPlan({ unit: "blog" }, "check", await newest())).rejects.toThrow(
      /is a backup of shop, and this is blog: nothing was changed/,
    );
  });

  test("a MySQL that refuses writes, whose backup is made all the same", async () => {
    const name = await newest();
    const reason = /--read-only option.*; MySQL refuses writes while its disk is nearly full: make room on it/;
    await sql("SET GLOBAL read_only = ON");
    try {
      await expect(engine("run", PLAN)).rejects.toThrow(
        /the result of the backup cannot be written to .*: Error 1290 .*; MySQL refuses writes while its disk is nearly full: [^;]*$/m,
      );
      expect(await newest()).not.toBe(name);
      await expect(engine("check", PLAN, name)).rejects.toThrow(reason);
      await expect(restore(name, "prepare")).rejects.toThrow(reason);
    } finally {
      await sql("SET GLOBAL read_only = OFF");
    }
    expect(await engine("check", PLAN, await newest())).toMatchObject({ checked: true });
  });
});
