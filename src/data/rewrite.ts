import type { Statement } from "../config/sql-splitter.ts";

/** A name in a skeleton: in quotes or without. */
export const NAME = "(?:(?:`\\x02*`)+|[\\w$\\x80-\\xff]+)";
const STRING = "(?:'\\x01*'|\"\\x01*\")";
/** An account in a skeleton, as a definer is written. */
const ACCOUNT = `(?:${NAME}|${STRING})(?:\\s*@\\s*(?:${NAME}|${STRING}|[\\w.%-]+))?(?:\\(\\))?`;

/** A name as it is, of what stands in the dump. */
export const unquoted = (name: string): string =>
  Buffer.from(
    name.replace(/^`([\s\S]*)`$/, (_, inner: string) => inner.replaceAll("``", "`")),
    "latin1",
  ).toString("utf8");

/** What is written otherwise in a statement. */
export interface Rewriting {
  /** What a message calls it. */
  readonly kind: "definer" | "engine" | "collation" | "mariadbType" | "default" | "option" | "sqlMode" | "database";
  /** Statements that it is looked for in, by their skeleton. */
  readonly in: RegExp;
  /** What is looked for, in the skeleton. */
  readonly find: RegExp;
  /** @param found the part of the dump, with its strings and names @param groups of the pattern, from the skeleton */
  readonly by: (found: string, groups: readonly string[]) => string;
}

const TABLE = /^\s*(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMPORARY\s+)?|ALTER\s+)TABLE\b/i;
const NO_TABLE = /^\s*(?:CREATE|ALTER)\s+(?!TABLE\b|TEMPORARY\b|DATABASE\b|SCHEMA\b)/i;
/** MySQL's own collations by the endings of MariaDB's. */
const UCA1400: Readonly<Record<string, string>> = { ai_ci: "ai_ci", as_ci: "as_ci", ai_cs: "as_cs", as_cs: "as_cs" };
/** Modes that MySQL 8 and 9 do not have (MySQL 8.0 Release Notes, "Changes in MySQL 8.0.11"), and MariaDB's own. */
const GONE =
  /\b(?:NO_AUTO_CREATE_USER|NO_FIELD_OPTIONS|NO_KEY_OPTIONS|NO_TABLE_OPTIONS|DB2|MAXDB|MSSQL|MYSQL323|MYSQL40|ORACLE|POSTGRESQL|EMPTY_STRING_IS_NULL|IGNORE_BAD_TABLE_OPTIONS|SIMULTANEOUS_ASSIGNMENT|TIME_ROUND_FRACTIONAL)\b/g;

/**
 * What dumps of other servers hold and MySQL 9 does not take, and what it takes instead. Types: MariaDB's manual, "UUID Data Type", "INET6",
 * "INET4": their texts have up to 36, 39 and 15 characters.
 */
export const REWRITINGS: readonly Rewriting[] = [
  { kind: "definer", in: NO_TABLE, find: new RegExp(`\\bDEFINER\\s*=\\s*${ACCOUNT}`, "i"), by: () => "" },
  { kind: "engine", in: TABLE, find: /\bENGINE\s*=?\s*(?:MyISAM|Aria|MRG_MyISAM|RocksDB|TokuDB|XtraDB)\b/gi, by: () => "ENGINE=InnoDB" },
  {
    kind: "option",
    in: TABLE,
    find: /,?\s*\b(?:ROW_FORMAT\s*=?\s*(?:FIXED|PAGE|TOKUDB_\w+)|(?:PAGE_CHECKSUM|TRANSACTIONAL|SEQUENCE)\s*=?\s*[01]|PAGE_COMPRESSED\s*=?\s*(?:[01]|ON|OFF)|WITH\s+SYSTEM\s+VERSIONING)\b/gi,
    by: (found) => found.replace(/[^\n]+/g, " "),
  },
  {
    kind: "mariadbType",
    in: TABLE,
    find: new RegExp(`(${NAME}\\s+)(UUID|INET6|INET4)\\b(?!\\s*\\()`, "gi"),
    by: (found, [lead = "", type = ""]) =>
      found.slice(0, lead.length) + { UUID: "char(36)", INET6: "varchar(39)", INET4: "varchar(15)" }[type.toUpperCase()],
  },
  {
    kind: "default",
    in: TABLE,
    find: /\bDEFAULT\s+(?!(?:current_timestamp|now|localtime|localtimestamp)\b)(\w+\(\))/gi,
    by: (found, [call = ""]) => `${found.slice(0, -call.length)}(${call})`,
  },
  {
    kind: "collation",
    in: /^\s*(?:CREATE|ALTER|SET)\b/i,
    find: /\b(?:(utf8mb4|utf8mb3|utf8)_)?uca1400_(?:\w+_)?(ai_ci|as_ci|ai_cs|as_cs)\b/gi,
    by: (_, [set = "utf8mb4", ending = ""]) =>
      set.toLowerCase() === "utf8mb4" ? `utf8mb4_0900_${UCA1400[ending.toLowerCase()]}` : "utf8mb3_unicode_ci",
  },
  {
    kind: "collation",
    in: /^\s*(?:CREATE|ALTER|SET)\b/i,
    find: /\b(\w+?)_nopad_(ci|bin)\b/gi,
    by: (found) => found.replace(/_nopad/i, ""),
  },
  { kind: "sqlMode", in: /^\s*SET\b[\s\S]*\bsql_mode\b/i, find: new RegExp(STRING, "g"), by: withoutGoneModes },
  {
    kind: "database",
    in: /^\s*ALTER\s+(?:DATABASE|SCHEMA)\b/i,
    find: new RegExp(`\\b(DATABASE|SCHEMA)\\s+(?!(?:DEFAULT|CHARACTER|CHARSET|COLLATE)\\b)${NAME}`, "i"),
    by: (_, [word = ""]) => word,
  },
];

function withoutGoneModes(found: string): string {
  const modes = found
    .slice(1, -1)
    .split(",")
    .filter((mode) => mode.replace(GONE, "").trim() !== "");
  return `${found[0]}${modes.join(",")}${found[0]}`;
}

/** A statement with parts replaced, its skeleton too. @param when whether a part is, by what stands in the dump */
function replaced(
  statement: Statement,
  find: RegExp,
  by: Rewriting["by"],
  when: (found: string, groups: readonly string[]) => boolean = () => true,
): Statement {
  const every = [...statement.skeleton.matchAll(find.global ? find : new RegExp(find, `${find.flags}g`))];
  const matches = find.global ? every : every.slice(0, 1);
  return matches.reduceRight(({ text, skeleton, line }, match) => {
    const { index } = match;
    const [part, ...groups] = match;
    const found = text.slice(index, index + part.length);
    if (!when(found, groups)) return { text, skeleton, line };
    const put = (whole: string, other: string) => whole.slice(0, index) + other + whole.slice(index + part.length);
    return { text: put(text, by(found, groups)), skeleton: put(skeleton, by(part, groups)), line };
  }, statement);
}

/** A statement as MySQL 9 takes it. @param noted called for each kind of change */
export function modernised(statement: Statement, noted: (kind: Rewriting["kind"]) => void): Statement {
  return REWRITINGS.reduce((before, { kind, in: where, find, by }) => {
    if (!where.test(before.skeleton)) return before;
    const after = replaced(before, find, by);
    if (after.text !== before.text) noted(kind);
    return after;
  }, statement);
}

/** Where a table or another object is named. `ON` names one for a trigger and an index alone. */
const PLACES = "TABLES?|INTO|EXISTS|VIEW|REFERENCES|FROM|JOIN|UPDATE|TRIGGER|PROCEDURE|FUNCTION|EVENT|LIKE|INSERT|REPLACE|IGNORE|TRUNCATE";
const qualified = (places: string) => new RegExp(`(\\b(?:${places})[\\s(]+)(${NAME})\\s*\\.\\s*(?=${NAME})`, "gi");
const [AFTER_PLACE, AFTER_ON] = [qualified(PLACES), qualified("ON")];
const OF_COLUMN = new RegExp(`()(?<![\\w.\`])(${NAME})\\s*\\.\\s*(?=${NAME}\\s*\\.\\s*${NAME})`, "g");
const HAS_ON = /^\s*CREATE\b[\s\S]*?\b(?:TRIGGER|INDEX)\b/i;

/** A statement that names its tables without the database. @param isOurs whether a database is the one that is imported */
export function withoutDatabase(statement: Statement, isOurs: (name: string) => boolean): Statement {
  const patterns = [OF_COLUMN, AFTER_PLACE, ...(HAS_ON.test(statement.skeleton) ? [AFTER_ON] : [])];
  return patterns.reduce(
    (before, find) =>
      replaced(
        before,
        find,
        (found, [lead = ""]) => found.slice(0, lead.length),
        (found, [lead = "", name = ""]) => isOurs(unquoted(found.slice(lead.length, lead.length + name.length))),
      ),
    statement,
  );
}
