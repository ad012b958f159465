import fc from "fast-check";
import { DumpError, DumpFilter } from "../../src/data/filter.ts";

/** What the server gets of a dump that is read in pieces of this size. */
function load(dump: string | Buffer, { target = "shop", database, size = 7 }: { target?: string; database?: string; size?: number } = {}) {
  const filter = new DumpFilter(target, database);
  const bytes = Buffer.from(dump);
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(filter.write(bytes.subarray(at, at + size)));
  out.push(filter.end());
  return { filter, sql: Buffer.concat(out).toString(), bytes: Buffer.concat(out) };
}
const sqlOf = (dump: string) => load(dump).sql;
const changes = (dump: string) => Object.fromEntries(load(dump).filter.changes);
/** Statements without the spaces around them. */
const statements = (dump: string) =>
  sqlOf(dump)
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

describe("a dump is split as mysql's client does", () => {
  test("data in strings is never SQL, wherever a piece ends", () => {
    const dump = `INSERT INTO \`t\` VALUES (1,'it''s; -- no /* comment */ DELIMITER ;;'),(2,'a\\\\'),(3,"x\\";DROP TABLE t;"),(4,'\\'); USE mysql;');\n`;
    for (const size of [1, 2, 3, 5, 8, 13, 1000]) {
      const { sql, filter } = load(dump, { size });
      expect(sql).toBe(`${dump}\n`);
      expect(filter.rows.get("t")).toEqual({ rows: 4, exact: true });
    }
  });
  test("comments go, what they hide is not SQL, and every statement keeps its line", () => {
    const dump = "-- it's\n# a `\n/* '\n */ CREATE TABLE a (id INT) /* ; */;\n\n--\n/*!40101 SET NAMES utf8mb4 */;\n";
    const lines = sqlOf(dump).split("\n");
    expect(lines[3]?.trim()).toBe("CREATE TABLE a (id INT)  ;");
    expect(lines[6]).toBe("/*!40101 SET NAMES utf8mb4 */;");
  });
  test("a DELIMITER's line with the line ends of Windows", () => {
    const dump = "DELIMITER ;;\r\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 'a\r\n'; END ;;\r\nDELIMITER ;\r\nSELECT 1;\r\n";
    expect(sqlOf(dump)).toBe("DELIMITER ;;\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 'a\r\n'; END ;; \nDELIMITER ;\nSELECT 1; \n\n");
  });
  test("the last statement needs no delimiter", () => expect(sqlOf("SELECT 1")).toBe("SELECT 1;\n"));
  test("bytes that are no UTF-8 pass", () => {
    const dump = Buffer.concat([
      Buffer.from("INSERT INTO t VALUES (_binary '"),
      Buffer.from([0, 0x80, 0xff, 0xfe, 0x0d, 0x0a]),
      Buffer.from("');\n"),
    ]);
    expect(load(dump, { size: 3 }).bytes.subarray(0, dump.length)).toEqual(dump);
  });
});

const literal = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      "`",
      "\\",
      ";",
      "--",
      " ",
      "/*",
      "*/",
      "#",
      "\n",
      "\r",
      "ñ",
      "DEFINER=`a`@`b`",
      "USE x;",
      "ENGINE=MyISAM",
      "uuid",
      "(",
      ")",
      "VALUES",
      "uca1400_ai_ci",
      "0",
    ),
  )
  .map((parts) => parts.join(""));
/** A value as mysqldump writes it, or by hand with doubled quotes. */
const written = fc.tuple(literal, fc.boolean()).map(([text, doubled]) => {
  const escaped = text.replaceAll("\\", "\\\\");
  return doubled ? `'${escaped.replaceAll("'", "''")}'` : `'${escaped.replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`;
});

test("whatever a row holds passes unchanged, and rows are counted (property)", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(written, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 40 }),
      (rows, size) => {
        const dump = `INSERT INTO \`t\` VALUES ${rows.map((row) => `(${row.join(",")})`).join(",")};\nSELECT 1;\n`;
        const { sql, filter } = load(dump, { size });
        expect(sql).toBe(`${dump}\n`);
        expect(filter.rows.get("t")?.rows).toBe(rows.length);
        expect(filter.changes.size).toBe(0);
      },
    ),
  );
});

test("whatever a default or a comment of a column holds passes unchanged (property)", () => {
  fc.assert(
    fc.property(written, written, fc.integer({ min: 1, max: 40 }), (value, comment, size) => {
      const dump = `CREATE TABLE \`t\` (\`a\` varchar(99) DEFAULT ${value} COMMENT ${comment}) ENGINE=InnoDB;\n`;
      expect(load(dump, { size }).sql).toBe(`${dump}\n`);
    }),
  );
});

describe("what belongs to the old server is left out", () => {
  test.each([
    ["CREATE DATABASE /*!32312 IF NOT EXISTS*/ `old` /*!40100 DEFAULT CHARACTER SET latin1 */;", "createDatabase"],
    ["CREATE USER 'a'@'%' IDENTIFIED BY 'x;y';", "account"],
    ["GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION;", "account"],
    ["SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5';", "replication"],
    ["SET @@SESSION.SQL_LOG_BIN= 0;", "replication"],
    ["SET GLOBAL time_zone = '+00:00';", "global"],
    ["LOCK TABLES `a` WRITE;", "lock"],
    ["UNLOCK TABLES;", "lock"],
    ["FLUSH PRIVILEGES;", "server"],
  ])("%s", (dump, change) => {
    expect(sqlOf(`${dump}\n`).trim()).toBe("");
    expect(changes(dump)).toEqual({ [change]: 1 });
  });
  test("a user variable that keeps one of its settings stays", () => {
    const dump = "SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\n";
    expect(sqlOf(dump)).toBe(`${dump}\n`);
  });
  test("definers of triggers, views, procedures and events", () => {
    const dump = [
      "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `tr` BEFORE INSERT ON `a` FOR EACH ROW SET NEW.x = 'DEFINER=`q`@`r`' */;",
      "/*!50013 DEFINER=`ro``ot`@`%` SQL SECURITY DEFINER */;",
      "CREATE ALGORITHM=UNDEFINED DEFINER='app'@'10.0.0.%' SQL SECURITY DEFINER VIEW v AS SELECT 1;",
      "CREATE DEFINER = CURRENT_USER() PROCEDURE p() SELECT 1;",
    ];
    expect(statements(dump.join("\n"))).toEqual([
      "/*!50003 CREATE*/ /*!50017 */ /*!50003 TRIGGER `tr` BEFORE INSERT ON `a` FOR EACH ROW SET NEW.x = 'DEFINER=`q`@`r`' */;",
      "/*!50013 DEFINER=`ro``ot`@`%` SQL SECURITY DEFINER */;",
      "CREATE ALGORITHM=UNDEFINED  SQL SECURITY DEFINER VIEW v AS SELECT 1;",
      "CREATE  PROCEDURE p() SELECT 1;",
    ]);
  });
  test("MySQL 5.7's view in three comments of its own", () => {
    const dump =
      "/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 AS `a` */;\n";
    expect(sqlOf(dump)).toBe(
      "/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013  SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 AS `a` */;\n\n",
    );
  });
});

describe("what MySQL 9 does not have is written as it does", () => {
  test.each([
    ["CREATE TABLE a (x INT) ENGINE=MyISAM DEFAULT CHARSET=latin1;", "CREATE TABLE a (x INT) ENGINE=InnoDB DEFAULT CHARSET=latin1;"],
    ["CREATE TABLE a (x INT) ENGINE=Aria PAGE_CHECKSUM=1 ROW_FORMAT=PAGE;", "CREATE TABLE a (x INT) ENGINE=InnoDB;"],
    [
      "CREATE TABLE `a` (`id` uuid NOT NULL DEFAULT uuid(), `ip` inet6 DEFAULT NULL, `uuid` int) COLLATE=utf8mb4_uca1400_ai_ci;",
      "CREATE TABLE `a` (`id` char(36) NOT NULL DEFAULT (uuid()), `ip` varchar(39) DEFAULT NULL, `uuid` int) COLLATE=utf8mb4_0900_ai_ci;",
    ],
    ["CREATE TABLE a (d datetime DEFAULT current_timestamp() ON UPDATE current_timestamp());", undefined],
    ["CREATE TABLE a (x text COLLATE utf8mb4_unicode_520_nopad_ci);", "CREATE TABLE a (x text COLLATE utf8mb4_unicode_520_ci);"],
    ["SET collation_connection = utf8mb3_uca1400_ai_ci;", "SET collation_connection = utf8mb3_unicode_ci;"],
    [
      "SET sql_mode = 'ONLY_FULL_GROUP_BY,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION';",
      "SET sql_mode = 'ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION';",
    ],
    [
      "ALTER DATABASE `old` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;",
      "ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;",
    ],
    ["INSERT INTO a VALUES ('utf8mb4_uca1400_ai_ci ENGINE=MyISAM');", undefined],
  ])("%s", (dump, wanted) => expect(sqlOf(dump).trim().replace(/ +;$/, ";")).toBe(wanted ?? dump));
  test("comments that MariaDB alone runs go, with what mysql's client takes for its own commands", () => {
    const dump = "/*!999999\\- enable the sandbox mode */ \n/*M!100616 SET NOTE_VERBOSITY=0 */;\n/*!100301 SET @x=1 */;\nSELECT 1;\n";
    expect(statements(dump)).toEqual(["SELECT 1;"]);
  });
});

describe("of which database", () => {
  test("USE and the database's name before its tables go", () => {
    const dump =
      "CREATE SCHEMA `my db`;\nUSE `my db`;\nCREATE TABLE `my db`.`a` (x INT, CONSTRAINT c FOREIGN KEY (x) REFERENCES `my db`.`b` (y));\nINSERT INTO `my db`.`a` (x) VALUES (1);\n";
    expect(statements(dump)).toEqual([
      "CREATE TABLE `a` (x INT, CONSTRAINT c FOREIGN KEY (x) REFERENCES `b` (y));",
      "INSERT INTO `a` (x) VALUES (1);",
    ]);
    expect(load(dump).filter.rows).toEqual(new Map([["a", { rows: 1, exact: true }]]));
  });
  test("a table's alias of the same name stays before its columns", () => {
    const dump = "USE old;\nCREATE VIEW v AS SELECT old.id, old.old.n FROM old.old JOIN b ON old.id = b.id;\n";
    expect(statements(dump)).toEqual(["CREATE VIEW v AS SELECT old.id, old.n FROM old JOIN b ON old.id = b.id;"]);
  });
  test("the server's own are left out, and of several one is chosen", () => {
    const dump =
      "USE `a`;\nINSERT INTO t VALUES (1);\nUSE `mysql`;\nINSERT INTO user VALUES (1);\nCREATE TABLE db (x INT);\nUSE `b`;\nINSERT INTO t VALUES (2),(3);\n";
    expect(() => load(dump)).toThrow(expect.objectContaining({ reason: "severalDatabases", line: 6, found: "a, b" }));
    expect(load(dump, { database: "b" }).sql.trim()).toBe("INSERT INTO t VALUES (2),(3);");
    expect(() => load(dump, { database: "c" })).toThrow(expect.objectContaining({ reason: "noDatabase", found: "a, b" }));
  });
});

describe("a dump that cannot be loaded is refused, with its line", () => {
  test.each([
    ["SELECT 1;\nINSERT INTO t VALUES ('half", "truncated", 2],
    ["-- MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)\nINSERT INTO t VALUES (1);\n", "truncated", 0],
    ["-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)\nSELECT 1;\n", "truncated", 0],
    ["SELECT 1;\n/*!40101 SET NAMES gbk */;\n", "charset", 2],
    ["--\n-- PostgreSQL database dump\n--\n", "notSql", 1],
    ["SET sql_mode='NO_BACKSLASH_ESCAPES';\n", "escapes", 1],
  ])("%j", (dump, reason, line) => {
    expect(() => load(dump)).toThrow(DumpError);
    expect(() => load(dump)).toThrow(expect.objectContaining({ reason, line }));
  });
  test("one that says that it is complete is taken", () =>
    expect(sqlOf("-- MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)\nSELECT 1;\n-- Dump completed on 2026-01-01\n").trim()).toBe(
      "SELECT 1;",
    ));
});

test("rows: those of replaced and ignored ones are at most as many, and a table made anew has none", () => {
  const dump =
    "CREATE TABLE a (x INT);\nINSERT INTO a VALUES (1),(2);\nDROP TABLE IF EXISTS `a`;\nCREATE TABLE a (x INT);\nINSERT INTO a (x) VALUES (1);\n" +
    "REPLACE INTO b VALUES (1);\nINSERT INTO c VALUES (1),(2) ON DUPLICATE KEY UPDATE x=VALUES(x);\nINSERT INTO d SELECT * FROM a;\nCREATE TABLE e (x INT);\n";
  expect(Object.fromEntries(load(dump).filter.rows)).toEqual({
    a: { rows: 1, exact: true },
    b: { rows: 1, exact: false },
    c: { rows: 2, exact: false },
    d: { rows: 0, exact: false },
    e: { rows: 0, exact: true },
  });
});
