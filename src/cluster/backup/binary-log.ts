import { crc32 } from "node:zlib";

// MySQL's binary log, as far as rows are replayed from it (MySQL Source Code Documentation, "Replication Protocol", "Binlog Event").
// mysqlbinlog is not in MySQL's own image.

/** Types of events. */
const [QUERY, FORMAT, XID, TABLE_MAP, GTID, ANONYMOUS_GTID] = [2, 15, 16, 19, 33, 34];
/** Events with rows: written, updated, deleted. */
const ROWS: readonly number[] = [30, 31, 32];
/** Events that change nothing: stop, rotation, the statement as it was typed, a heartbeat, previous GTIDs. */
const IDLE: readonly number[] = [3, 4, 27, 28, 29, 35];
const HEADER = 19;
const CHECKSUM = 4;
const MAGIC = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);
/** Flag of the last event with rows of a statement. */
const STATEMENT_ENDS = 1;
/** Offset of the time of the commit in a GTID event's body, in microseconds, seven bytes. Its highest bit says that another time follows. */
const COMMITTED = 42;

/** What is wrong with a log, or in it. */
export class LogProblem extends Error {
  constructor(
    readonly kind: "damaged" | "unknown" | "definition",
    readonly detail: string,
    /** When it was logged, in ms since 1970. */
    readonly at = 0,
  ) {
    super(`${kind}: ${detail}`);
  }
}

interface Event {
  readonly type: number;
  readonly seconds: number;
  readonly bytes: Buffer;
}

/** The events of a file. @param from position of the first one beside the description of the format */
export function* eventsOf(file: Buffer, from = 0): Generator<Event> {
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) throw new LogProblem("damaged", "it does not begin as a binary log");
  for (let at = MAGIC.length; at < file.length; ) {
    const size = at + HEADER > file.length ? 0 : file.readUInt32LE(at + 9);
    const bytes = file.subarray(at, at + size);
    const intact = size > HEADER && bytes.length === size && crc32(bytes.subarray(0, -CHECKSUM)) === bytes.readUInt32LE(size - CHECKSUM);
    const type = bytes[4] ?? 0;
    // The flag "in use" of the description is set until the file is closed, and not part of its sum.
    if (!intact && type !== FORMAT) throw new LogProblem("damaged", `at ${at}`);
    if (type === FORMAT || at >= from) yield { type, seconds: bytes.readUInt32LE(0), bytes };
    at += size;
  }
}

const sealed = (bytes: Buffer): Buffer => {
  bytes.writeUInt32LE(bytes.length, 9);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -CHECKSUM)), bytes.length - CHECKSUM);
  return bytes;
};

/** The database of a table's map. */
const databaseIn = (map: Buffer): string => map.toString("utf8", HEADER + 9, HEADER + 9 + (map[HEADER + 8] ?? 0));

/** The map of a table as one of another database. */
export function movedTo(map: Buffer, database: string): Buffer {
  const name = Buffer.from(database);
  const rest = map.subarray(HEADER + 9 + (map[HEADER + 8] ?? 0));
  return sealed(Buffer.concat([map.subarray(0, HEADER + 8), Buffer.of(name.length), name, rest]));
}

/** With the flag that its statement ends with it. */
function ending(rows: Buffer): Buffer {
  const bytes = Buffer.from(rows);
  bytes.writeUInt16LE(bytes.readUInt16LE(HEADER + 6) | STATEMENT_ENDS, HEADER + 6);
  return sealed(bytes);
}

const binlog = (events: readonly Buffer[]): string => `BINLOG '\n${events.map((one) => one.toString("base64")).join("\n")}\n';\n`;

/** Statements that change no row and no table's definition. */
const HARMLESS =
  /^\s*(grant|revoke|flush|analyze|optimize|check|repair|set|(create|alter|drop|rename)\s+(user|role)|create\s+(database|schema)|drop\s+(\/\*.*?\*\/\s*)?temporary)\b/i;

interface Statement {
  readonly database: string;
  readonly text: string;
}

function statementIn({ bytes }: Event): Statement {
  const database = HEADER + 13 + bytes.readUInt16LE(HEADER + 11);
  const text = database + (bytes[HEADER + 8] ?? 0) + 1;
  return { database: bytes.toString("utf8", database, text - 1), text: bytes.toString("utf8", text, bytes.length - CHECKSUM) };
}

/** What was replayed. */
export interface Replayed {
  transactions: number;
  /** When the last of them was committed, in ms since 1970. */
  last?: number;
}

/** What of the log is replayed, and where. */
export interface Replay {
  /** The database whose rows are replayed. */
  readonly database: string;
  /** The database in which they are. */
  readonly into: string;
  /** What was committed then or later is not replayed, in ms since 1970. */
  readonly until: number;
}

/** Makes statements that replay a database's rows from binary logs, in their order. */
export class Replayer {
  readonly replayed: Replayed = { transactions: 0 };
  /** Whether the time was reached: what follows is not replayed. */
  ended = false;
  private readonly tables = new Set<number>();
  private statement: Buffer[] = [];
  private committed = 0;
  private begun = false;

  constructor(private readonly replay: Replay) {}

  /** The statements of the next file. @throws LogProblem */
  *statements(file: Buffer, from = 0): Generator<string> {
    this.tables.clear(); // numbers begin anew with a server
    for (const event of eventsOf(file, from)) {
      yield* this.next(event);
      if (this.ended) return;
    }
  }

  private *next(event: Event): Generator<string> {
    const { type, bytes } = event;
    if (type === FORMAT) yield binlog([bytes]);
    else if (type === GTID || type === ANONYMOUS_GTID) this.begins(bytes);
    else if (type === TABLE_MAP) this.table(bytes);
    else if (ROWS.includes(type)) yield* this.rows(bytes);
    else if (type === XID) yield* this.commit();
    else if (type === QUERY) yield* this.query(event);
    else if (!IDLE.includes(type)) throw new LogProblem("unknown", `type ${type}`, event.seconds * 1000);
  }

  private begins(bytes: Buffer): void {
    const at = HEADER + COMMITTED;
    this.committed = (bytes.readUIntLE(at, 6) + ((bytes[at + 6] ?? 0) & 0x7f) * 2 ** 48) / 1000;
    this.ended = this.committed >= this.replay.until;
  }

  private table(map: Buffer): void {
    const id = map.readUIntLE(HEADER, 6);
    this.tables.delete(id);
    if (databaseIn(map) !== this.replay.database) return;
    this.tables.add(id);
    this.statement.push(movedTo(map, this.replay.into));
  }

  /** A statement may change tables of several databases: its last rows may be another's. */
  private *rows(bytes: Buffer): Generator<string> {
    if (this.tables.has(bytes.readUIntLE(HEADER, 6))) this.statement.push(bytes);
    if ((bytes.readUInt16LE(HEADER + 6) & STATEMENT_ENDS) === 0) return;
    const events = this.statement;
    this.statement = [];
    const last = events.findLastIndex((one) => ROWS.includes(one[4] ?? 0));
    if (last === -1) return;
    if (!this.begun) yield "BEGIN;\n";
    this.begun = true;
    yield binlog(events.map((one, index) => (index === last ? ending(one) : one)));
  }

  private *commit(): Generator<string> {
    if (!this.begun) return;
    this.begun = false;
    this.replayed.transactions += 1;
    this.replayed.last = this.committed;
    yield "COMMIT;\n";
  }

  private *query(event: Event): Generator<string> {
    const { database, text } = statementIn(event);
    if (/^\s*begin\b/i.test(text)) return;
    if (/^\s*commit\b/i.test(text)) yield* this.commit();
    else if (/^\s*(savepoint|rollback)\b/i.test(text)) yield* this.back(text);
    else if (HARMLESS.test(text)) return;
    // In doubt it is this database's: the name may stand for something else.
    else if (database === this.replay.database || text.includes(this.replay.database))
      throw new LogProblem("definition", text.trim().slice(0, 200), this.committed);
  }

  private *back(text: string): Generator<string> {
    if (!this.begun) {
      if (!/^\s*savepoint/i.test(text)) return;
      this.begun = true;
      yield "BEGIN;\n";
    }
    yield `${text};\n`;
    if (/^\s*rollback\s*$/i.test(text)) this.begun = false;
  }
}
