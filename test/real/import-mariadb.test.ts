import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { ImportHarness } from "./import-harness.ts";
import { type MysqlPod, quoted, startMysqlPod } from "./mysql-pod.ts";
import { serversRoot } from "./servers.ts";

/** A running Compose project with MariaDB: its own mariadb-dump, from inside its container, into MySQL 9. */
jest.setTimeout(15 * 60_000);

const MARIADB = { suite: "sid", packages: ["mariadb-server-core", "mariadb-client"] };
const FOLDERS = ["/var/lib/mysql", "/run/mariadbd", "/etc/mysql", "/tmp"];
const COMPOSE = `services:
  db:
    image: mariadb:11
    environment: { MARIADB_ROOT_PASSWORD: "it's secret", MARIADB_DATABASE: old }
`;
/** What only MariaDB has, and what its dumps are full of. */
const TABLES = `
CREATE DATABASE old; USE old;
CREATE TABLE visits (id UUID NOT NULL DEFAULT UUID(), address INET6, at DATETIME DEFAULT CURRENT_TIMESTAMP(), extra JSON, PRIMARY KEY (id)) ENGINE=Aria;
INSERT INTO visits (address, extra) VALUES ('2001:db8::1', '{"a": "it''s ; -- no"}'), ('::ffff:192.0.2.1', NULL);
CREATE TABLE names (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50), data BLOB);
INSERT INTO names (name, data) VALUES ('ñandú 😀', UNHEX('00FF27225C0A0D')), ('Tee', NULL);
CREATE VIEW upper_names AS SELECT UPPER(name) AS name FROM names;
CREATE TRIGGER stamped BEFORE INSERT ON names FOR EACH ROW SET NEW.name = TRIM(NEW.name);
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
`;

let mariadb: MysqlPod;
let harness: ImportHarness;

beforeAll(async () => {
  harness = await ImportHarness.start();
  const install = [
    "mariadb-install-db",
    "--no-defaults",
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--skip-name-resolve",
    "--force",
    "--datadir=/var/lib/mysql/data",
  ];
  mariadb = startMysqlPod({
    root: await serversRoot(MARIADB),
    folder: mkdtempSync(join(tmpdir(), "cloudnova-mariadb-")),
    folders: FOLDERS,
    files: { "/etc/mysql": { "my.cnf": "" } },
    init: [install],
    mysqld: ["mariadbd", "--no-defaults", "--datadir=/var/lib/mysql/data", "--socket=/run/mariadbd/mysqld.sock", "--skip-networking"],
  });
  const sql = (text: string) => mariadb.inside(["mariadb", "--user=root", "--default-character-set=utf8mb4", "--execute", text]);
  for (let attempt = 0; ; attempt++) {
    const failure = await sql("DO 0").then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (failure === undefined) break;
    if (attempt > 120) throw new Error(failure);
    await Promise.race([sleep(500), mariadb.server.died]);
  }
  await sql(`${TABLES} ALTER USER root@localhost IDENTIFIED BY 'it''s secret';`);
  mkdirSync(join(harness.folder, "bin"));
  mkdirSync(join(harness.folder, "old"));
  writeFileSync(join(harness.folder, "old", "compose.yaml"), COMPOSE);
  // `docker compose exec -T db …`, with the container's variables.
  const enter = await mariadb.enter(["env", "MARIADB_ROOT_PASSWORD=it's secret", "MARIADB_DATABASE=old"]);
  const docker = join(harness.folder, "bin", "docker");
  writeFileSync(docker, `#!/bin/sh\n[ "$2" = version ] && exit 1\nshift 6\nexec ${quoted(enter)} "$@"\n`);
  chmodSync(docker, 0o755);
});
afterAll(async () => {
  await mariadb?.server.stop();
  await harness?.stop();
});

test("everything of a running MariaDB comes over, and only MySQL's words are left", async () => {
  const path = `${harness.folder}/bin:${process.env.PATH}`;
  const { code, stdout, stderr } = await harness.type(["--compose", "old"], new PassThrough(), path);
  expect(`${code} ${stderr}`).toMatch(/^0 (.*\n)*loading db:old beside the database shop …\n$/);
  expect(stdout).toMatch(/^Rows of shop, imported from db:old\n {2}TABLE +OLD +NEW\n {2}names +2 +2\n {2}visits +2 +2\n {2}total +4 +4\n/);
  const { asRoot } = harness;
  expect(await asRoot("SELECT address, extra->>'$.a' FROM shop.visits ORDER BY 1")).toBe(
    "::ffff:192.0.2.1\tNULL\n2001:db8::1\tit's ; -- no",
  );
  expect(await asRoot("SELECT name, HEX(data) FROM shop.names ORDER BY id")).toBe("ñandú 😀\t00FF27225C0A0D\nTee\tNULL");
  await asRoot("INSERT INTO shop.names (name) VALUES ('  x  '); INSERT INTO shop.visits (address) VALUES ('::1')");
  expect(await asRoot("SELECT name FROM shop.upper_names ORDER BY 1")).toBe("ÑANDÚ 😀\nTEE\nX");
  expect(await asRoot("SELECT LENGTH(id), shop.twice(4) FROM shop.visits WHERE address = '::1'")).toBe("36\t8");
  expect(
    await asRoot("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'shop' AND collation_name LIKE '%uca1400%'"),
  ).toBe("0");
  // The old one was only read.
  expect(await mariadb.inside(["env", "MYSQL_PWD=it's secret", "mariadb", "--user=root", "-Ne", "SELECT COUNT(*) FROM old.names"])).toBe(
    "2",
  );
});
