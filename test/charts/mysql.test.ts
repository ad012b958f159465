import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { troubles } from "../../src/cluster/observe/trouble.ts";
import { find, manifestsOf, synthesiseText } from "../manifests.ts";
import { temporaryFolder } from "../temporary.ts";

const ENVIRONMENT = "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\nsecrets: { database: my-accounts }\n";
const GOOD = { root: "r", webapp: "w", migrator: "m", exporter: "e" };

interface Situation {
  /** What the environment says beside ENVIRONMENT. */
  readonly images?: string;
  /** The password of the backups' account. */
  readonly backup?: string;
  /** What `mysqld --version` prints. */
  readonly server?: string;
  /** The first bytes of mysql.ibd; undefined where there is no such file. */
  readonly data?: Buffer | undefined;
}

const SERVER = "/usr/sbin/mysqld  Ver 9.7.2 for Linux on x86_64 (MySQL Community Server - GPL)";
/** A tablespace's first bytes: checksum, page number, the server's version, the tablespace's version. */
const header = (version: number) => Buffer.from(`00000000${"0".repeat(8)}${version.toString(16).padStart(8, "0")}00000001`, "hex");

/** MySQL's init container without MySQL: prepare.sh in a folder of its own, where the data folder is there already. */
function prepare(values: Readonly<Record<string, string | Buffer>>, situation: Situation = {}) {
  const { images = "", server = SERVER } = situation;
  const ibd = "data" in situation ? situation.data : header(90702);
  const manifests = manifestsOf(synthesiseText(`${ENVIRONMENT}${images}`));
  const { spec } = find(manifests, "StatefulSet", "mysql").spec.template;
  const folder = temporaryFolder("prepare");
  for (const path of ["etc/mysql", "etc/mysql-accounts", "etc/mysql-backup", "run/mysql", "var/lib/mysql/data", "bin"])
    mkdirSync(join(folder, path), { recursive: true });
  const { data } = find(manifests, "ConfigMap", "mysql");
  writeFileSync(join(folder, "etc/mysql/accounts.sql"), data["accounts.sql"]);
  for (const [name, value] of Object.entries(values)) writeFileSync(join(folder, "etc/mysql-accounts", name), value);
  writeFileSync(join(folder, "etc/mysql-backup/password"), situation.backup ?? "b");
  if (ibd) writeFileSync(join(folder, "var/lib/mysql/data/mysql.ibd"), ibd);
  writeFileSync(join(folder, "bin/mysqld"), `#!/bin/sh\necho '${server}'\n`, { mode: 0o755 });
  const script = (data["prepare.sh"] as string).replaceAll(/(?<=[ =])\/(?=etc\/|run\/|var\/)/g, `${folder}/`);
  const env = Object.fromEntries(spec.initContainers[0].env.map(({ name, value }: Record<string, string>) => [name, value]));
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], {
    env: { PATH: `${join(folder, "bin")}:${process.env.PATH}`, ...env },
    encoding: "utf8",
  });
  const read = (file: string) => readFileSync(join(folder, "run/mysql", file), "utf8");
  return { status, stdout, stderr, read, written: readdirSync(join(folder, "run/mysql")) };
}

test.each(["\n", "\r\n", "\r", "\n\r\n"])("%j at the end of a password does not count", (end) => {
  const plain = prepare({ ...GOOD, webapp: "S3cret-of-webapp" });
  const ended = prepare(
    Object.fromEntries(Object.entries({ ...GOOD, webapp: "S3cret-of-webapp" }).map(([name, value]) => [name, value + end])),
  );
  expect(plain.read("accounts.sql")).toContain("'webapp'@'%' IDENTIFIED BY 'S3cret-of-webapp'");
  for (const file of ["accounts.sql", "client.cnf", "exporter.cnf"])
    expect(ended.read(file).replaceAll(/socket = .*/g, "")).toBe(plain.read(file).replaceAll(/socket = .*/g, ""));
});

test.each<[string, string | Buffer, RegExp]>([
  ["two lines", "one\r\ntwo", /there is a control character/],
  ["a tab", "one\ttwo", /there is a control character/],
  ["a control character of two bytes", "one\u0085two", /there is a control character/],
  ["nothing but a line end", "\r\n", /it is empty/],
  [
    "UTF-16, as PowerShell's > writes it",
    Buffer.from("\ufeffsecret", "utf16le"),
    /there is a zero byte in it \(a file in UTF-16 has them\)/,
  ],
  ["a byte order mark", "\ufeffsecret", /it begins with a byte order mark/],
  ["Windows-1252", Buffer.from("contraseña", "latin1"), /a byte in it that is no UTF-8/],
  ["half a character", Buffer.from("密").subarray(0, 2), /a byte in it that is no UTF-8/],
  ["more than MySQL hashes", "x".repeat(256), /it has 256 bytes/],
])("%s is refused in a sentence that names Secret and key, and not the password", (_, value, why) => {
  const { status, stdout, stderr } = prepare({ ...GOOD, exporter: value });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Secret my-accounts, key exporter: .*; the pod starts when .*\n$/);
  expect(stderr).toMatch(why);
  expect(stdout + stderr).not.toMatch(/one|two|secret\b|contrase|xxx/);
});

test("the backups' account has its password from a Secret of its own, and the exporter of their results the exporter's", () => {
  const { read } = prepare({ ...GOOD, exporter: "it's\n" }, { backup: "B-1_x" });
  expect(read("accounts.sql")).toContain("ALTER USER 'backup'@'%' IDENTIFIED BY 'B-1_x' REQUIRE SSL;");
  expect(read("exporter.password")).toBe("it's");
  expect(prepare(GOOD, { backup: "" })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^Secret backup-database, key password: it is empty/),
  });
});

test("a key that is absent is named", () => {
  const { migrator: _, ...others } = GOOD;
  expect(prepare(others)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("Secret my-accounts, key migrator: the key is absent"),
  });
});

describe("data that another version of MySQL wrote", () => {
  const NAMED = "images: { mysql: 'mysql:9.7.2' }\n";
  const start = (version: number, situation: Situation = {}) => prepare(GOOD, { data: header(version), ...situation });

  test.each([
    ["the same version", 90702, SERVER],
    ["an older patch release", 90700, SERVER],
    ["a newer patch release, to which MySQL goes back", 90704, SERVER],
    ["8.4, by an 8.4 server", 80411, "/usr/sbin/mysqld  Ver 8.4.11 for Linux on x86_64 (MySQL Community Server - GPL)"],
    ["Debian's build", 90704, "/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))"],
  ])("starts on that of %s", (_, version, server) => {
    expect(start(version, { server })).toMatchObject({ status: 0, stderr: "" });
  });

  test("of an older series is refused in one sentence that names both ways", () => {
    const { status, stderr, written } = start(80411);
    expect(status).toBe(1);
    expect(stderr).toBe(
      "MySQL 9.7.2 does not start on the data of MySQL 8.4.11, because only a dump leads back from an upgrade: make a dump and then set images.mysql in the environment to an image whose tag begins with 9.7, or set images.mysql: mysql:8.4.11 to stay (docs/mysql-upgrade.md)\n",
    );
    expect(written).toEqual([]);
    expect(readFileSync("docs/mysql-upgrade.md", "utf8")).toMatch(/^# /);
  });

  test.each([
    NAMED,
    "images: { mysql: 'registry.example/team/mysql:9.7' }\n",
    `images: { mysql: 'mysql:9.7.2@sha256:${"0".repeat(64)}' }\n`,
  ])("is upgraded once the environment says %j", (images) => {
    expect(start(80411, { images })).toMatchObject({ status: 0, stderr: "" });
  });

  test.each([
    "images: { mysql: 'mysql:8.4.11' }\n",
    "images: { mysql: 'mysql:9.70.1' }\n",
    "images: { mysql: 'mysql:mine' }\n",
    `images: { mysql: 'mysql@sha256:${"9".repeat(64)}' }\n`,
    "images: { webapp: 'webapp:9.7' }\n",
  ])("is not upgraded by %j, which does not name the series", (images) => {
    expect(start(80411, { images })).toMatchObject({ status: 1, stderr: expect.stringContaining("whose tag begins with 9.7") });
  });

  test.each(["", NAMED])("of a newer series is refused, whatever the environment names (%j)", (images) => {
    const { status, stderr } = start(260700, { images });
    expect(status).toBe(1);
    expect(stderr).toBe(
      "MySQL 9.7.2 does not start on the data of MySQL 26.7.0, which is newer: set images.mysql: mysql:26.7.0 in the environment, or restore a dump into a new volume (docs/mysql-upgrade.md)\n",
    );
  });

  test.each<[string, Buffer | undefined]>([
    ["absent", undefined],
    ["empty", Buffer.alloc(0)],
    ["cut off", Buffer.alloc(10)],
  ])("of no known version is refused: mysql.ibd is %s", (_, data) => {
    expect(start(0, { data })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("holds no mysql.ibd that tells which version wrote it"),
    });
  });

  test("is refused in words that up and status show", () => {
    const { stderr } = start(80411);
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "mysql-0" },
      status: {
        initContainerStatuses: [
          {
            name: "prepare",
            image: "mysql:9.7.2",
            ready: false,
            restartCount: 1,
            state: { waiting: { reason: "CrashLoopBackOff" } },
            lastState: { terminated: { exitCode: 1 } },
          },
        ],
      },
    };
    expect(troubles({ pod, events: [], logs: { prepare: stderr } }).map(({ what }) => what)).toEqual([
      expect.stringContaining("because only a dump leads back"),
    ]);
  });
});

test.each([
  ["mysql:8.4.11", true],
  ["mysql:9.7.2", false],
  ["mysql:mine", false],
])("%s is asked for mysql_native_password: %p", (image, asked) => {
  const manifests = manifestsOf(synthesiseText(`${ENVIRONMENT}images: { mysql: '${image}' }\n`));
  const [mysqld] = find(manifests, "StatefulSet", "mysql").spec.template.spec.containers;
  expect(mysqld.command.includes("--mysql-native-password=ON")).toBe(asked);
});
