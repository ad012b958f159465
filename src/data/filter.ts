import { type Reader, SplitError, Splitter, type Statement } from "../config/sql-splitter.ts";
import { modernised, NAME, type Rewriting, unquoted, withoutDatabase } from "./rewrite.ts";

/** What was left out of a dump, or written otherwise. */
export type Change = Rewriting["kind"] | "otherDatabase" | LeftOut;
type LeftOut = "createDatabase" | "account" | "replication" | "global" | "lock" | "server";

/** Rows of a table by the dump. */
export interface Rows {
  readonly rows: number;
  /** Whether it holds as many in the end: not where rows replace others, or a query makes them. */
  readonly exact: boolean;
}

/** The dump cannot be loaded. */
export class DumpError extends Error {
  constructor(
    readonly reason: "truncated" | "tooLong" | "severalDatabases" | "noDatabase" | "charset" | "notSql" | "escapes",
    /** Line of the dump; 0: the whole of it. */
    readonly line: number,
    readonly found: string = "",
  ) {
    super(`${reason} at line ${line}: ${found}`);
  }
}

/** Statements that are left out: they are for the old server, or need rights that no application has. */
const LEFT_OUT: readonly (readonly [RegExp, LeftOut])[] = [
  [/^(?:CREATE|DROP)\s+(?:OR\s+REPLACE\s+)?(?:DATABASE|SCHEMA)\b/i, "createDatabase"],
  [
    /^(?:(?:CREATE|ALTER|DROP|RENAME)\s+(?:OR\s+REPLACE\s+)?(?:USER|ROLE)|GRANT|REVOKE|SET\s+(?:PASSWORD|(?:DEFAULT\s+)?ROLE))\b/i,
    "account",
  ],
  [/^SET\b(?!\s+@\w)[\s\S]*\b(?:SQL_LOG_BIN|GTID_PURGED|GTID_NEXT)\b/i, "replication"],
  [/^(?:CHANGE\s+(?:MASTER|REPLICATION)|(?:START|STOP|RESET)\s+(?:SLAVE|REPLICA|MASTER|BINARY)|PURGE)\b/i, "replication"],
  [/^SET\s+(?:GLOBAL|PERSIST(?:_ONLY)?)\b|^SET\b[\s\S]*@@(?:GLOBAL|PERSIST(?:_ONLY)?)\s*\.\s*\w+\s*:?=/i, "global"],
  [/^(?:UN)?LOCK\s+TABLES?\b/i, "lock"],
  [/^(?:FLUSH|INSTALL|UNINSTALL|SHUTDOWN|KILL|(?:CREATE|ALTER|DROP)\s+(?:SERVER|TABLESPACE|LOGFILE|UNDO))\b/i, "server"],
  [/^SET\s+(?:SESSION\s+)?(?:default_)?storage_engine\b/i, "server"],
];

const SYSTEM: ReadonlySet<string> = new Set(["mysql", "sys", "information_schema", "performance_schema"]);
/** Character sets in which a byte of a character may look like a quote or a backslash. */
const AMBIGUOUS = /^\s*SET\b[\s\S]*\b(?:NAMES|character_set_client)\b[\s\S]*\b(big5|cp932|gbk|gb18030|sjis)\b/i;
const SQL_MODE = /^\s*SET\b[\s\S]*\bsql_mode\b/i;

const OBJECT = `(?:${NAME}\\s*\\.\\s*)?(${NAME})`;
const named = (words: string) => new RegExp(`^\\s*${words}\\s+${OBJECT}`, "di");
const USE = new RegExp(`^\\s*USE\\s+(${NAME})`, "di");
const CREATE_DATABASE = new RegExp(`^\\s*CREATE\\s+(?:DATABASE|SCHEMA)\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${NAME})`, "di");
const TABLE = named("(?:CREATE|DROP)\\s+(?:OR\\s+REPLACE\\s+)?TABLE(?:\\s+IF\\s+(?:NOT\\s+)?EXISTS)?");
const ROWS = named("(?:INSERT|REPLACE)(?:\\s+(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE))*(?:\\s+INTO)?");
const TRUNCATE = named("TRUNCATE(?:\\s+TABLE)?");
const CHANGES = /^\s*(?:DELETE|LOAD)\b/i;
const REPLACES = /^\s*(?:REPLACE\b|INSERT\b[\s\S]*?\bIGNORE\b)/i;

/** Headers of mysqldump and mariadb-dump, and how their dumps end. */
const BEGINS = /^ (?:MySQL|MariaDB) dump \d/;
const COMPLETED = /^ Dump completed/;
const DATABASE_OF = /^ Host: .*\bDatabase: (\S+)/;
const OTHER_SERVER = /^ (PostgreSQL) database dump/;

/** The name that a pattern's first group finds, as it is; undefined where it finds none. */
function nameIn({ text, skeleton }: Statement, pattern: RegExp): string | undefined {
  const [start, end] = pattern.exec(skeleton)?.indices?.[1] ?? [];
  return start === undefined ? undefined : unquoted(text.slice(start, end));
}

/**
 * Makes of a dump, while it streams, what an application's account may load into its one database of MySQL 9: without other databases,
 * accounts, definers and settings of the server, and without what MySQL 9 does not have. What is within strings never changes, and each
 * statement stays in its line.
 */
export class DumpFilter {
  /** What was changed, and how often. */
  readonly changes = new Map<Change, number>();
  /** Rows by table. */
  readonly rows = new Map<string, Rows>();
  /** Bytes read. */
  bytes = 0;

  private readonly splitter: Splitter;
  private readonly created = new Set<string>();
  private readonly seen = new Set<string>();
  private chosen: string | undefined;
  private isSelected = true;
  private table = "";
  private begun = 0;
  private completed = 0;

  /**
   * @param target the application's database
   * @param database the one of the dump to take. @default its only one
   */
  constructor(
    private readonly target: string,
    private readonly database?: string,
  ) {
    const reader: Reader = {
      statement: (statement) => this.statement(statement),
      rows: (head) => this.head(head),
      counted: (rows, merged) => this.counted(rows, merged),
      comment: (text) => this.comment(text),
    };
    this.splitter = new Splitter(reader);
  }

  /** Reads on. @returns what the server gets @throws DumpError */
  write(chunk: Buffer): Buffer {
    this.bytes += chunk.length;
    return this.guarded(() => this.splitter.write(chunk.toString("latin1")));
  }

  /** The dump has ended. @throws DumpError where it is not whole, or lacks the database */
  end(): Buffer {
    const last = this.guarded(() => this.splitter.end());
    if (this.completed < this.begun) throw new DumpError("truncated", 0);
    if (this.database !== undefined && this.seen.size > 0 && !this.seen.has(this.database))
      throw new DumpError("noDatabase", 0, [...this.seen].join(", "));
    return last;
  }

  private guarded(read: () => string): Buffer {
    try {
      return Buffer.from(read(), "latin1");
    } catch (error) {
      throw error instanceof SplitError ? new DumpError(error.reason, error.line) : error;
    }
  }

  private note(change: Change): void {
    this.changes.set(change, (this.changes.get(change) ?? 0) + 1);
  }

  private comment(text: string): void {
    if (BEGINS.test(text)) this.begun++;
    if (COMPLETED.test(text)) this.completed++;
    const other = OTHER_SERVER.exec(text)?.[1];
    if (other) throw new DumpError("notSql", 1, other);
    const database = DATABASE_OF.exec(text)?.[1];
    if (database) this.created.add(Buffer.from(database, "latin1").toString());
  }

  private readonly isOurs = (name: string): boolean => this.created.has(name) || [this.chosen, this.database, this.target].includes(name);

  private use(name: string, line: number): void {
    if (SYSTEM.has(name.toLowerCase())) {
      this.isSelected = false;
      return;
    }
    this.seen.add(name);
    if (this.database === undefined) {
      this.chosen ??= name;
      if (name !== this.chosen) throw new DumpError("severalDatabases", line, `${this.chosen}, ${name}`);
    }
    this.isSelected = name === (this.database ?? this.chosen);
  }

  private statement(statement: Statement): string | undefined {
    const used = nameIn(statement, USE);
    if (used !== undefined) {
      this.use(used, statement.line);
      return undefined;
    }
    const created = nameIn(statement, CREATE_DATABASE);
    if (created !== undefined) this.created.add(created);
    const [, why] = LEFT_OUT.find(([pattern]) => pattern.test(statement.skeleton.trim())) ?? [];
    if (why || !this.isSelected) {
      this.note(why ?? "otherDatabase");
      return undefined;
    }
    this.check(statement);
    this.track(statement);
    return withoutDatabase(
      modernised(statement, (kind) => this.note(kind)),
      this.isOurs,
    ).text;
  }

  /** @throws DumpError where strings could not be told from SQL from here on */
  private check({ text, skeleton, line }: Statement): void {
    const charset = AMBIGUOUS.exec(skeleton)?.[1];
    if (charset) throw new DumpError("charset", line, charset);
    if (SQL_MODE.test(skeleton) && /NO_BACKSLASH_ESCAPES/i.test(text)) throw new DumpError("escapes", line);
  }

  /** Follows how many rows the tables have. */
  private track(statement: Statement): void {
    const { skeleton } = statement;
    const table = nameIn(statement, TABLE) ?? nameIn(statement, TRUNCATE);
    if (table !== undefined) {
      if (/^\s*DROP\b/i.test(skeleton)) this.rows.delete(table);
      else this.rows.set(table, { rows: 0, exact: true });
    }
    const filled = nameIn(statement, ROWS);
    const changed = filled !== undefined ? [filled] : CHANGES.test(skeleton) ? [...this.rows.keys()] : [];
    for (const name of changed) this.rows.set(name, { rows: this.rows.get(name)?.rows ?? 0, exact: false });
  }

  private head(head: Statement): string | undefined {
    this.table = "";
    if (!this.isSelected) {
      this.note("otherDatabase");
      return undefined;
    }
    this.table = nameIn(head, ROWS) ?? "";
    const { rows = 0, exact = true } = this.rows.get(this.table) ?? {};
    this.rows.set(this.table, { rows, exact: exact && !REPLACES.test(head.skeleton) });
    return withoutDatabase(head, this.isOurs).text;
  }

  private counted(count: number, merged: boolean): void {
    const { rows, exact } = this.rows.get(this.table) ?? { rows: 0, exact: true };
    if (this.table !== "") this.rows.set(this.table, { rows: rows + count, exact: exact && !merged });
  }
}

/** What a server gets of a dump, piece by piece. Ends with a COMMIT, since the rows are loaded in transactions. */
export async function* filtered(dump: AsyncIterable<Buffer>, filter: DumpFilter): AsyncGenerator<Buffer> {
  for await (const chunk of dump) {
    const piece = filter.write(chunk);
    if (piece.length > 0) yield piece;
  }
  yield filter.end();
  yield Buffer.from("DELIMITER ;\nCOMMIT;\n");
}
