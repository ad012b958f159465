/** A table of an old database with its rows, as the imported one must have them. */
export interface OldTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** In the order of their first column. */
  readonly rows: readonly (readonly (number | string | null)[])[];
}

/** An old database: the dump of it, and what it holds. */
export interface OldDatabase {
  readonly dump: string;
  readonly tables: readonly OldTable[];
}

/** Texts in which an import may go wrong: Spanish, four bytes a character, and what looks like SQL. */
const TEXTS = [
  "¿Cómo está, señora Núñez?",
  "Un año más: ¡felicidades! 🎉",
  "it's; -- no comment",
  "C:\\fotos\\niñas\\",
  "dos\nlíneas",
  'con "comillas" y `acentos`',
  "DELIMITER ;; no es una orden",
  "a tab\there, and /* no comment */",
];

/** As mysqldump writes a value. */
function literal(value: number | string | null): string {
  if (typeof value !== "string") return value === null ? "NULL" : String(value);
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll('"', '\\"').replaceAll("\n", "\\n")}'`;
}

/** Rows of one INSERT. */
const TOGETHER = 400;

function inserts({ name, rows }: OldTable): string {
  const parts = Array.from({ length: Math.ceil(rows.length / TOGETHER) }, (_, index) =>
    rows
      .slice(index * TOGETHER, (index + 1) * TOGETHER)
      .map((row) => `(${row.map(literal).join(",")})`)
      .join(","),
  );
  const lines = parts.map((part) => `INSERT INTO \`${name}\` VALUES ${part};\n`).join("");
  return `LOCK TABLES \`${name}\` WRITE;\n/*!40000 ALTER TABLE \`${name}\` DISABLE KEYS */;\n${lines}/*!40000 ALTER TABLE \`${name}\` ENABLE KEYS */;\nUNLOCK TABLES;\n`;
}

function tableSql(table: OldTable, definition: string): string {
  return `DROP TABLE IF EXISTS \`${table.name}\`;\nCREATE TABLE \`${table.name}\` (\n  ${definition};\n${inserts(table)}\n`;
}

/** A dump as mysqldump of MySQL 5.7 writes it with --databases. */
const dumpOf = (database: string, ...parts: readonly string[]): string => `-- MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)
--
-- Host: localhost    Database: ${database}
-- ------------------------------------------------------
/*!40101 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;

CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`${database}\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;
USE \`${database}\`;

${parts.join("\n")}
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
-- Dump completed on 2026-01-01  0:00:00
`;

const rowsOf = (count: number, row: (id: number) => readonly (number | string | null)[]): (readonly (number | string | null)[])[] =>
  Array.from({ length: count }, (_, index) => row(index + 1));

const textOf = (id: number): string => `${id}: ${TEXTS[id % TEXTS.length]}`;

/**
 * The old database of a guest book: tables alone, so that it can replace what the application has.
 * @param broken with a statement that no server can run, after the first table
 */
export function oldGuestBook(broken = false): OldDatabase {
  const entries = { name: "entries", columns: ["id", "name", "text"], rows: rowsOf(2400, (id) => [id, `Íñigo ${id}`, textOf(id)]) };
  const visits = {
    name: "visits",
    columns: ["id", "entry_id", "country"],
    rows: rowsOf(1000, (id) => [id, id * 2, id % 3 === 0 ? null : "España"]),
  };
  const dump = dumpOf(
    "old_guests",
    tableSql(
      entries,
      "`id` int(11) NOT NULL AUTO_INCREMENT,\n  `name` varchar(80) NOT NULL,\n  `text` varchar(500) NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=MyISAM AUTO_INCREMENT=2401 DEFAULT CHARSET=utf8mb4",
    ),
    ...(broken ? ["INSERT INTO `absent` VALUES (1);\n"] : []),
    tableSql(
      visits,
      "`id` int(11) NOT NULL,\n  `entry_id` int(11) NOT NULL,\n  `country` varchar(40) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  CONSTRAINT `entry` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ),
  );
  return { dump, tables: [entries, visits] };
}

/** The account of the old server that its views, triggers and procedures belong to. */
const DEFINER = "DEFINER=`root`@`localhost`";

/** The old database of a list of tasks: with a trigger, a view and a procedure, which only an empty database takes. */
export function oldTasks(): OldDatabase {
  const log = { name: "log", columns: ["id", "what"], rows: rowsOf(300, (id) => [id, `añadida: ${textOf(id)}`]) };
  const tasks = { name: "tasks", columns: ["id", "title"], rows: rowsOf(1500, (id) => [id, textOf(id)]) };
  const dump = dumpOf(
    "old_tasks",
    tableSql(
      log,
      "`id` int(11) NOT NULL AUTO_INCREMENT,\n  `what` text NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=301 DEFAULT CHARSET=utf8mb4",
    ),
    "/*!50001 CREATE VIEW `recent` AS SELECT \n 1 AS `title`*/;\n",
    tableSql(
      tasks,
      "`id` int(11) NOT NULL AUTO_INCREMENT,\n  `title` varchar(200) NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=1501 DEFAULT CHARSET=utf8mb4",
    ),
    `DELIMITER ;;
/*!50003 CREATE*/ /*!50017 ${DEFINER}*/ /*!50003 TRIGGER \`logged\` AFTER INSERT ON \`tasks\` FOR EACH ROW BEGIN
  SET @added = CONCAT('añadida: ', NEW.title);
  INSERT INTO log (what) VALUES (@added);
END */;;
CREATE ${DEFINER} PROCEDURE \`forget\`()
BEGIN
  DELETE FROM log;
END ;;
DELIMITER ;
/*!50001 DROP VIEW IF EXISTS \`recent\`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 ${DEFINER} SQL SECURITY DEFINER */
/*!50001 VIEW \`recent\` AS select \`old_tasks\`.\`tasks\`.\`title\` AS \`title\` from \`old_tasks\`.\`tasks\` where \`old_tasks\`.\`tasks\`.\`id\` > 1400 */;
`,
  );
  return { dump, tables: [log, tasks] };
}

/**
 * What differs between a table's rows as they must be and as they are.
 * @returns the first difference in a sentence; undefined where there is none
 */
export function difference({ name, rows }: OldTable, there: readonly (readonly unknown[])[]): string | undefined {
  const at = rows.findIndex((row, index) => JSON.stringify(row) !== JSON.stringify(there[index]));
  if (at >= 0) return `${name}, row ${at + 1}: expected ${JSON.stringify(rows[at])}, saw ${JSON.stringify(there[at])}`;
  return there.length > rows.length ? `${name}: expected ${rows.length} rows, saw ${there.length}` : undefined;
}

/** The rows of cells that the command prints, without the spaces that align them. */
export const printedRows = (stdout: string): string[][] =>
  stdout
    .split("\n")
    .filter((line) => /^ {2}\S+( {2,}\S.*)+$/.test(line))
    .map((line) => line.trim().split(/ {2,}/));
