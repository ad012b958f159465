import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnvironmentError } from "../../src/config/errors.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { sqlProblems, statements } from "../../src/config/sql.ts";

const problems = (sql: string, database = "shop", user = "shopper") =>
  sqlProblems(sql, { database, user }).map(({ line, message }) => `${line}: ${message}`);

describe("statements", () => {
  test("are split at the delimiter, where a client would split them", () =>
    expect(
      statements(`-- schema; not a statement
CREATE TABLE \`a;b\` (x TEXT DEFAULT 'y;z'); # the end; of it
DELIMITER //
CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW
BEGIN
  SET NEW.x = 1;
END //
DELIMITER ;
/* one; more */ INSERT INTO a
VALUES ("q\\"; ''");`).all,
    ).toEqual([
      { text: "CREATE TABLE `a;b` (x TEXT DEFAULT '')", line: 2 },
      { text: "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END", line: 4 },
      { text: "INSERT INTO a VALUES (…)", line: 9 },
    ]));

  test("in comments that MySQL runs count", () =>
    expect(
      statements("/*!40101 SET NAMES utf8mb4 */;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t */;").all,
    ).toEqual([
      { text: "SET NAMES utf8mb4", line: 1 },
      { text: "CREATE DEFINER=`root`@`localhost` TRIGGER t", line: 2 },
    ]));

  test("of a whole dump are found in a moment", () => {
    const dump = `INSERT INTO a VALUES ${Array.from({ length: 40_000 }, (_, row) => `(${row}, 'name; of ${row}')`).join(",")};\n`;
    const before = process.cpuUsage().user;
    expect(statements(dump).all).toHaveLength(1);
    expect(process.cpuUsage().user - before).toBeLessThan(5e6);
  });
});

describe("what a file must not hold is named with its line and what to write", () => {
  test.each([
    ["CREATE USER 'x'@'%' IDENTIFIED BY 'hunter2';", "1: found CREATE USER 'x'@'%' IDENTIFIED BY '…'; CloudNova makes the account"],
    [
      "\n\nGRANT ALL PRIVILEGES ON *.* TO root@localhost;",
      "3: found GRANT ALL PRIVILEGES ON *.* TO root@localhost; the account shopper has all rights on shop already",
    ],
    ["FLUSH PRIVILEGES;", "1: found FLUSH PRIVILEGES; it needs a right on the whole server"],
    ["USE otherdb;", "1: found USE otherdb; the files run in shop; remove the statement, or set database.name: otherdb"],
    [
      "CREATE DATABASE IF NOT EXISTS `other`;",
      "1: found CREATE DATABASE IF NOT EXISTS `other`; the application has the database shop alone",
    ],
    ["CREATE DATABASE shop;", "1: found CREATE DATABASE shop; the database shop exists already; write CREATE DATABASE IF NOT EXISTS"],
    ["SET GLOBAL max_connections = 5;", "1: found SET GLOBAL max_connections = 5; it changes the whole server"],
    ["SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '';", "1: found SET @@GLOBAL.GTID_PURGED= '' ''; a dump for replication sets it"],
    [
      "SET @@SESSION.SQL_LOG_BIN= 0;",
      "1: found SET @@SESSION.SQL_LOG_BIN= 0; a dump for replication sets it, which only administrators may; make the dump with mysqldump --set-gtid-purged=OFF",
    ],
    ["USE my-shop;", "1: found USE my-shop; the files run in shop; remove the statement, or set database.name: my-shop"],
    ['USE "other";', '1: found USE "other"; the files run in shop; remove the statement, or set database.name: other'],
    [
      "INSERT INTO otherdb.t VALUES (1);",
      '1: found INSERT INTO otherdb.t VALUES (…); the application has the database shop alone; write the table without "otherdb.", or set database.name: otherdb',
    ],
    ["REPLACE IGNORE `otherdb`.`t` VALUES (1);", "1: found REPLACE IGNORE `otherdb`.`t` VALUES (…); the application has the database shop"],
    ["UPDATE otherdb.t SET x = 1;", "1: found UPDATE otherdb.t SET x = 1; the application has the database shop alone"],
    ["CREATE TABLE IF NOT EXISTS otherdb.t (x INT);", "1: found CREATE TABLE IF NOT EXISTS otherdb.t (x INT); the application has"],
    ["DROP TABLE IF EXISTS otherdb.t;", "1: found DROP TABLE IF EXISTS otherdb.t; the application has the database shop alone"],
    [
      "CREATE TABLE a (x INT, FOREIGN KEY (x) REFERENCES otherdb.t (x));",
      "1: found CREATE TABLE a (x INT, FOREIGN KEY (x) REFERENCES otherdb...; the application has",
    ],
    [
      "CREATE TRIGGER g AFTER INSERT ON a FOR EACH ROW INSERT INTO otherdb.log VALUES (NEW.x);",
      "1: found CREATE TRIGGER g AFTER INSERT ON a FOR EACH ROW INSERT IN...; the application has",
    ],
    ["LOAD DATA INFILE '/tmp/x.csv' INTO TABLE a;", "1: found LOAD DATA INFILE"],
    [
      "SELECT 1;\nINSERT INTO a VALUES ('x;\n",
      "3: the file ends within a string, a quoted name, a comment or the rows of an INSERT; close it",
    ],
    ["SELECT 1; /* no end\n", "2: the file ends within a string"],
    ["source more.sql;", "1: found source more.sql; list the file itself in initialise"],
    [
      "/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */",
      "1: found DEFINER=`root`@`localhost` SQL SECURITY DEFINER; DEFINER=`root`@`localhost` needs a right",
    ],
    [
      "CREATE DEFINER='root'@'localhost' VIEW v AS SELECT 1;",
      "1: found CREATE DEFINER='root'@'localhost' VIEW v AS SELECT 1; DEFINER='root'@'localhost' needs",
    ],
  ])("%j", (sql, start) => {
    const [first = "", ...others] = problems(sql);
    expect([first.slice(0, start.length), others]).toEqual([start, []]);
  });

  test.each([
    "USE shop; USE `shop`;",
    "SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;",
    "CREATE DATABASE IF NOT EXISTS shop; USE shop;",
    "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop;",
    "SET NAMES utf8mb4; SET SESSION sql_mode = ''; SET @x = 1;",
    "INSERT INTO notes VALUES ('GRANT ALL; USE other; DEFINER=`root`');",
    "-- GRANT ALL ON *.* TO x;\n/* CREATE USER y; */ SELECT 1;",
    "CREATE DEFINER=CURRENT_USER VIEW v AS SELECT 1; CREATE DEFINER=`shopper`@`%` VIEW w AS SELECT 1;",
    "LOCK TABLES a WRITE; UNLOCK TABLES;",
    // Only MariaDB runs these.
    "/*!100100 SET GLOBAL x = 1 */; /*M!999999\\- enable the sandbox mode */",
    "SELECT 'it''s; USE other; \\'; GRANT ALL' AS `a``; USE other`;",
    "INSERT INTO shop.a VALUES (1.5); INSERT INTO `shop`.`a` (x) SELECT a.x FROM a ON DUPLICATE KEY UPDATE a.x = 1;",
    "CREATE TABLE shop.a (x DECIMAL(3,1) DEFAULT 1.5); CREATE VIEW v AS SELECT a.x FROM a; UPDATE a JOIN b ON a.x = b.x SET a.x = 1;",
    "INSERT INTO notes VALUES ('INSERT INTO otherdb.t VALUES (1)'); DELETE a FROM a JOIN b ON a.x = b.x;",
  ])("%j is accepted", (sql) => expect(problems(sql)).toEqual([]));
});

describe("database.initialise", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-sql-"));
  const put = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
  const load = (initialise: string) =>
    parseEnvironment(
      `cluster: k3s
machine: { instance: t3.small }
applications:
  tienda:
    image: tienda:1
    database: { initialise: ${initialise} }
`,
      join(folder, "mine.yaml"),
    );
  const refusal = (initialise: string): string => {
    try {
      load(initialise);
    } catch (error) {
      if (error instanceof EnvironmentError) return error.message.replaceAll(folder, "F");
      throw error;
    }
    throw new Error("it was accepted");
  };

  test("reads files and folders in their order, from the environment file on", () => {
    mkdirSync(join(folder, "initdb"));
    put("schema.sql", "CREATE TABLE a (x INT);\n");
    put("initdb/20 rows.sql", "INSERT INTO a VALUES (2);\n");
    put("initdb/10-rows.sql", "INSERT INTO a VALUES (1);\n");
    put("initdb/30-rows.SQL", "INSERT INTO a VALUES (3);\n");
    put("initdb/README.md", "no SQL");
    expect(load("[schema.sql, initdb]").sql.tienda).toEqual([
      { name: "schema.sql", text: "CREATE TABLE a (x INT);\n" },
      { name: "10-rows.sql", text: "INSERT INTO a VALUES (1);\n" },
      { name: "20_rows.sql", text: "INSERT INTO a VALUES (2);\n" },
      { name: "30-rows.SQL", text: "INSERT INTO a VALUES (3);\n" },
    ]);
    expect(load("[]").sql).toEqual({ tienda: [] });
  });

  test("what cannot be read is named", () => {
    put("old.sql.gz", "x");
    put("latin.sql", Buffer.from("INSERT INTO a VALUES ('ñ');", "latin1"));
    put("large.sql", `-- ${"x".repeat(900 * 1024)}\n`);
    mkdirSync(join(folder, "nothing"));
    expect(refusal("[absent.sql, old.sql.gz, latin.sql, nothing]")).toBe(
      [
        "F/mine.yaml:6:30: applications.tienda.database.initialise.0: F/absent.sql cannot be read (ENOENT); paths count from the folder of the environment file",
        "F/mine.yaml:6:42: applications.tienda.database.initialise.1: F/old.sql.gz is no .sql file; decompress it if it is compressed, or load a dump with the mysql client (docs/guides/mysql.md)",
        "F/mine.yaml:6:54: applications.tienda.database.initialise.2: F/latin.sql is not text in UTF-8; convert it: iconv -f WINDOWS-1252 -t UTF-8",
        "F/mine.yaml:6:65: applications.tienda.database.initialise.3: F/nothing holds no .sql file; remove it here, or put the files there",
      ].join("\n"),
    );
    expect(refusal("[large.sql]")).toMatch(
      /the SQL files have 921604 bytes, more than the 921600 that fit into a ConfigMap; .*import data APPLICATION --from FILE/,
    );
  });

  test("what would fail is named by file and line", () => {
    put("init.sql", "CREATE TABLE a (x INT);\nUSE otherdb;\n");
    expect(refusal("[init.sql]")).toBe(
      "F/mine.yaml:6:30: applications.tienda.database.initialise.0: F/init.sql:2: found USE otherdb; the files run in tienda; remove the statement, or set database.name: otherdb",
    );
  });
});
