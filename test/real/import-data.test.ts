import { execFile } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip, gzipSync } from "node:zlib";
import { ImportHarness } from "./import-harness.ts";

/** `import data` with the real server: the command line, its scripts in MySQL's pod, and dumps as they are in the world. */
jest.setTimeout(15 * 60_000);

let harness: ImportHarness;
beforeAll(async () => {
  harness = await ImportHarness.start();
});
afterAll(() => harness?.stop());

const asRoot = (sql: string) => harness.asRoot(sql);
const load = (...args: Parameters<ImportHarness["load"]>) => harness.load(...args);
const type = (...args: Parameters<ImportHarness["type"]>) => harness.type(...args);
const databases = () => asRoot("SHOW DATABASES LIKE '%restore%'");
const accounts = () => asRoot("SELECT COUNT(*) FROM mysql.user WHERE user = 'cloudnova_import'");

beforeEach(() => asRoot("DROP DATABASE IF EXISTS shop; CREATE DATABASE shop"));
afterEach(async () => {
  // Whatever happened, nothing of an import is left.
  expect(await databases()).toBe("");
  expect(await accounts()).toBe("0");
});

/** As mysqldump 5.7 writes it, of a server with accounts, views, triggers, procedures and events of root's. */
const MYSQL57 = `-- MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)
--
-- Host: localhost    Database: old_shop
-- ------------------------------------------------------
-- Server version	5.7.44-log

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;
SET @@GLOBAL.GTID_PURGED='3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77';

--
-- Current Database: \`old_shop\`
--

CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`old_shop\` /*!40100 DEFAULT CHARACTER SET latin1 */;

USE \`old_shop\`;

--
-- Table structure for table \`orders\`
--

DROP TABLE IF EXISTS \`orders\`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8 */;
CREATE TABLE \`orders\` (
  \`id\` int(11) NOT NULL AUTO_INCREMENT,
  \`product_id\` int(10) unsigned NOT NULL,
  \`placed\` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  \`note\` text,
  PRIMARY KEY (\`id\`),
  KEY \`product\` (\`product_id\`),
  CONSTRAINT \`product\` FOREIGN KEY (\`product_id\`) REFERENCES \`products\` (\`id\`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=latin1;
/*!40101 SET character_set_client = @saved_cs_client */;

LOCK TABLES \`orders\` WRITE;
/*!40000 ALTER TABLE \`orders\` DISABLE KEYS */;
INSERT INTO \`orders\` VALUES (1,1,'0000-00-00 00:00:00','it''s; -- no comment'),(2,2,'2020-02-29 12:00:00','a\\\\'),(3,1,'2020-02-29 12:00:00',NULL);
/*!40000 ALTER TABLE \`orders\` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET character_set_client  = utf8 */ ;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=\`root\`@\`localhost\`*/ /*!50003 TRIGGER \`noted\` BEFORE INSERT ON \`orders\` FOR EACH ROW SET NEW.note = CONCAT(IFNULL(NEW.note, ''), '; noted') */;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;

DROP TABLE IF EXISTS \`products\`;
CREATE TABLE \`products\` (
  \`id\` int(10) unsigned NOT NULL AUTO_INCREMENT,
  \`name\` varchar(64) CHARACTER SET utf8 COLLATE utf8_spanish_ci NOT NULL,
  PRIMARY KEY (\`id\`)
) ENGINE=MyISAM AUTO_INCREMENT=3 DEFAULT CHARSET=latin1 ROW_FORMAT=FIXED;
INSERT INTO \`products\` VALUES (1,'ñandú'),(2,'Tee');

/*!50001 CREATE VIEW \`names\` AS SELECT 
 1 AS \`name\`*/;
/*!50106 SET @save_time_zone= @@TIME_ZONE */ ;
DELIMITER ;;
/*!50106 CREATE*/ /*!50117 DEFINER=\`root\`@\`localhost\`*/ /*!50106 EVENT \`tidy\` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION NOT PRESERVE ENABLE DO DELETE FROM orders WHERE id < 0 */ ;;
DELIMITER ;
DELIMITER ;;
CREATE DEFINER=\`shop_admin\`@\`%\` FUNCTION \`twice\`(n INT) RETURNS int(11) DETERMINISTIC
BEGIN
  RETURN n * 2;
END ;;
DELIMITER ;
/*!50001 DROP VIEW IF EXISTS \`names\`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=\`root\`@\`localhost\` SQL SECURITY DEFINER */
/*!50001 VIEW \`names\` AS select \`old_shop\`.\`products\`.\`name\` AS \`name\` from \`products\` */;
CREATE USER 'shop_admin'@'%' IDENTIFIED WITH 'mysql_native_password' AS '*81F5E21E35407D884A6CD4A731AEBFB6AF209E1B';
GRANT ALL PRIVILEGES ON *.* TO 'shop_admin'@'%' WITH GRANT OPTION;
FLUSH PRIVILEGES;
SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on 2026-01-01  0:00:00
`;

test("a dump of MySQL 5.7 with everything that belongs to its server", async () => {
  const { code, stdout, stderr } = await load(MYSQL57);
  expect([code, stderr]).toEqual([0, "loading dump.sql beside the database shop …\n"]);
  expect(stdout).toMatch(
    /^Rows of shop, imported from dump.sql\n {2}TABLE +OLD +NEW\n {2}orders +3 +3\n {2}products +2 +2\n {2}total +5 +5\n/,
  );
  expect(await asRoot("SELECT name FROM shop.names ORDER BY 1")).toBe("ñandú\nTee");
  expect(await asRoot("SELECT note, placed FROM shop.orders WHERE id < 3 ORDER BY id")).toBe(
    "it's; -- no comment\t0000-00-00 00:00:00\na\\\\\t2020-02-29 12:00:00",
  );
  expect(
    await asRoot(
      "INSERT INTO shop.orders (product_id, placed) VALUES (1, NOW()); SELECT note, shop.twice(4) FROM shop.orders WHERE id = 4",
    ),
  ).toBe("; noted\t8");
  // All of it belongs to the application's account, which exists.
  expect(
    await asRoot(
      "SELECT definer FROM information_schema.views WHERE table_schema = 'shop' UNION ALL SELECT definer FROM information_schema.triggers WHERE trigger_schema = 'shop' UNION ALL SELECT definer FROM information_schema.routines WHERE routine_schema = 'shop' UNION ALL SELECT definer FROM information_schema.events WHERE event_schema = 'shop'",
    ),
  ).toBe("shop@%\nshop@%\nshop@%\nshop@%");
  expect(
    await asRoot(
      "SELECT GROUP_CONCAT(DISTINCT engine) FROM information_schema.tables WHERE table_schema = 'shop' AND table_type = 'BASE TABLE'",
    ),
  ).toBe("InnoDB");
  expect(await asRoot("SELECT COUNT(*) FROM mysql.user WHERE user = 'shop_admin'")).toBe("0");
});

test("a statement that fails halfway: its line, what to do, the database as it was, and the next try works", async () => {
  await asRoot("CREATE TABLE shop.made_by_the_application (id INT)");
  const dump =
    "USE old;\nCREATE TABLE a (id INT);\nINSERT INTO a\nVALUES (1);\n\n-- a comment\nINSERT INTO absent VALUES (1);\nCREATE TABLE z (id INT);\n";
  const { code, stdout, stderr } = await load(dump);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    /error: dump.sql:7: MySQL refused the statement: Table 'shop-restore.absent' doesn't exist\n {2}→ nothing was changed; see the line with 'sed -n 7p'/,
  );
  expect(await asRoot("SHOW TABLES FROM shop")).toBe("made_by_the_application");
  expect((await load(dump.replace("absent", "a"))).code).toBe(0);
  expect(await asRoot("SELECT COUNT(*) FROM shop.a")).toBe("2");
});

test("what the application has is replaced at one moment, and only when it is asked for", async () => {
  await load(
    "CREATE TABLE a (id INT PRIMARY KEY);\nCREATE TABLE b (a INT, FOREIGN KEY (a) REFERENCES a (id));\nINSERT INTO a VALUES (1);\nINSERT INTO b VALUES (1);\n",
  );
  const next =
    "CREATE TABLE b (a INT, FOREIGN KEY (a) REFERENCES a (id));\nCREATE TABLE a (id INT PRIMARY KEY);\nINSERT INTO a VALUES (7),(8);\nINSERT INTO b VALUES (8);\n";
  const refused = await load(next);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("database shop is not empty: a 1, b 1\n  → add --replace")]);
  expect((await load(next, "--replace")).stderr).toContain("add --yes");
  expect(await asRoot("SELECT id FROM shop.a")).toBe("1");
  expect((await load(`${next}SELECT 1/;\n`, "--replace", "--yes")).stderr).toContain("dump.sql:5: MySQL refused");
  expect(await asRoot("SELECT id FROM shop.a")).toBe("1");
  const { code, stdout } = await load(next, "--replace", "--yes", "--output", "json");
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    {
      application: "shop",
      database: "shop",
      source: "dump.sql",
      tables: [
        { table: "a", old: 2, exact: true, new: 2 },
        { table: "b", old: 1, exact: true, new: 1 },
      ],
      changes: {},
      volumes: [],
      differs: false,
    },
  ]);
  expect(await asRoot("SELECT id FROM shop.a")).toBe("7\n8");
  await expect(asRoot("INSERT INTO shop.b VALUES (9)")).rejects.toThrow(/foreign key constraint fails/);
});

test("triggers and views are not replaced, since they cannot be swapped with the tables", async () => {
  const dump = "CREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\nCREATE VIEW v AS SELECT id FROM a;\n";
  await load(dump);
  expect((await load(dump, "--replace", "--yes")).stderr).toContain("the database has what cannot be swapped at one moment: VIEW v\n");
  await asRoot("DROP VIEW shop.v");
  expect((await load(dump, "--replace", "--yes")).stderr).toContain("the dump has what cannot be swapped at one moment: VIEW v\n");
  expect(await asRoot("SELECT COUNT(*) FROM shop.a")).toBe("1");
});

test("no statement reaches the application's own database, or another", async () => {
  await load("CREATE TABLE a (id INT);\n");
  for (const statement of [
    "DELETE FROM other.a",
    "DROP DATABASE/**/shop",
    "INSERT INTO `cloudnova`.`shop` VALUES ('done')",
    "\\! touch /tmp/run",
    "system touch /tmp/run",
  ]) {
    await load(`CREATE TABLE b (id INT);\n${statement};\n`);
  }
  expect(await asRoot("SHOW TABLES FROM shop")).toMatch(/^[ab]$/);
  expect(await harness.pod.inside(["ls", "/tmp"])).not.toContain("run");
});

describe("files as they are written", () => {
  const rows = "CREATE TABLE a (id INT, name TEXT);\r\nINSERT INTO a VALUES (1,'ñandú');\r\n";
  test.each([
    ["gzip, in two members", Buffer.concat([gzipSync(rows.slice(0, 20)), gzipSync(rows.slice(20))])],
    ["a byte order mark", `\ufeff${rows}`],
    ["UTF-16, as PowerShell's > writes it", Buffer.from(`\ufeff${rows}`, "utf16le")],
  ])("%s", async (_, dump) => {
    expect((await load(dump)).code).toBe(0);
    expect(await asRoot("SELECT name FROM shop.a")).toBe("ñandú");
  });
  test("latin1, with its own SET NAMES", async () => {
    const dump = Buffer.from(
      "SET NAMES latin1;\nCREATE TABLE a (name TEXT CHARACTER SET latin1);\nINSERT INTO a VALUES ('ñandú');\n",
      "latin1",
    );
    expect((await load(dump)).code).toBe(0);
    expect(await asRoot("SELECT name FROM shop.a")).toBe("ñandú");
  });
  test("standard input", async () => {
    expect((await type(["--from", "-"], Readable.from([gzipSync(rows)]))).stdout).toContain("imported from standard input");
  });
  test("a dump of 200 MB streams, here and in the pod", async () => {
    const text = "x".repeat(1000);
    const gzip = createGzip({ level: 1 });
    const written = pipeline(gzip, createWriteStream("big.sql.gz"));
    gzip.write("CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, text TEXT);\n");
    for (let count = 0; count < 200; count++) {
      const rows = Array.from({ length: 1000 }, () => `('${text}')`).join(",");
      if (!gzip.write(`INSERT INTO big (text) VALUES ${rows};\n`)) await once(gzip, "drain");
    }
    gzip.end();
    await written;
    // In a process of its own: this one also plays the API server.
    const { code, stdout, peak } = await harness.measured(["--from", "big.sql.gz"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/big +200000 +200000\n/)]);
    expect(peak).toBeLessThan(200); // 141 MiB, of which 90 are Node and the program
  });
});

test("what mysqldump of the current MySQL writes, of several databases", async () => {
  await asRoot(
    "CREATE DATABASE one; CREATE DATABASE two; CREATE TABLE two.a (id INT PRIMARY KEY, data BLOB, j JSON, g INT AS (id + 1)); INSERT INTO two.a (id, data, j) VALUES (1, UNHEX('00FF27225C0A0D1A'), '{\"a\": 1}'); CREATE TABLE one.a (id INT)",
  );
  const [program = "", ...command] = await harness.pod.enter([
    "mysqldump",
    "--defaults-file=/run/mysql/client.cnf",
    "--all-databases",
    "--routines",
    "--events",
  ]);
  const { stdout: dump } = await promisify(execFile)(program, command, { maxBuffer: 2 ** 26, encoding: "buffer" });
  await asRoot("DROP DATABASE one; DROP DATABASE two");
  const several = await load(dump);
  expect(several.stderr).toMatch(
    /error: dump.sql:\d+: the dump has several databases: cloudnova, cloudnova_backups\n {2}→ name the one to import with --database/,
  );
  expect((await load(dump, "--database", "two")).stdout).toMatch(/\n {2}a +1 +1\n/);
  expect(await asRoot("SELECT HEX(data), j->'$.a', g FROM shop.a")).toBe("00FF27225C0A0D1A\t1\t2");
});
