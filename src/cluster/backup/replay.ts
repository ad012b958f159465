import { Readable } from "node:stream";
import { backup as words } from "../../messages/backup.ts";
import { ClusterError } from "../cluster-error.ts";
import type { Run } from "../transport/exec.ts";
import { LogProblem, type Replayed, Replayer } from "./binary-log.ts";

/** Where a dump lies in the binary log (`logPosition` in helper/backup). */
export interface LogPosition {
  readonly file: string;
  readonly position: number;
  /** When it was there, by the server's clock. */
  readonly time: string;
}

const DATA = "/var/lib/mysql/data";
const CLIENT = ["mysql", "--defaults-file=/run/mysql/client.cnf", "--batch", "--skip-column-names"];
/** Bytes of a file that are read at once: as text less than what is kept of an output (transport/exec.ts). */
const PART = 2 * 2 ** 20;
/** MySQL's error that it writes no binary log (ER_NO_BINARY_LOGGING). */
const NO_LOG = "ERROR 1381";
/** The replay itself is not logged; a statement may be as large as the server takes. */
const SESSION = "SET sql_log_bin = 0;\n";

/** A time with its zone, in ms since 1970. @throws ClusterError for any other text */
export function timeOf(text: string): number {
  const form = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?) ?(Z|[+-]\d\d:\d\d)$/.exec(text.trim());
  const time = form ? Date.parse(`${form[1]}T${form[2]}${form[3]}`) : Number.NaN;
  if (Number.isNaN(time)) throw new ClusterError(words.noTime(text), words.timeForm);
  return time;
}

const timeText = (ms: number): string => new Date(ms).toISOString();

/** A part of a file in MySQL's pod. */
async function part(run: Run, file: string, from: number): Promise<Buffer> {
  const script = `tail -c +"$2" "$1" | head -c ${PART} | base64 -w0`;
  const { stdout, stderr } = await run(["bash", "-c", script, "-", `${DATA}/${file}`, `${from + 1}`]);
  if (stderr.includes(file)) throw new ClusterError(words.logGone(file), words.newerBackup());
  return Buffer.from(stdout, "base64");
}

async function read(run: Run, file: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; ; at += PART) {
    const next = await part(run, file, at);
    parts.push(next);
    if (next.length < PART) return Buffer.concat(parts);
  }
}

/** MySQL's binary logs that are closed, oldest first, which hold all that was committed until a time. */
export class BinaryLogs {
  private constructor(
    private readonly run: Run,
    private readonly files: readonly string[],
    private readonly until: number,
  ) {}

  /** @throws ClusterError where MySQL writes no log, or the time has not come yet by its clock */
  static async closed(run: Run, until: number): Promise<BinaryLogs> {
    const sql = "SELECT UNIX_TIMESTAMP(NOW(6)); FLUSH BINARY LOGS; SHOW BINARY LOGS";
    const { status, stdout, stderr } = await run([...CLIENT, "--execute", sql]);
    if (stderr.includes(NO_LOG)) throw new ClusterError(words.noLog, words.logOn());
    if (status !== 0) throw new ClusterError(words.replayFailed(stderr.trim()));
    const [now = "", ...files] = stdout
      .trim()
      .split("\n")
      .map((line) => line.split("\t")[0] ?? "");
    if (until > Number(now) * 1000) throw new ClusterError(words.inFuture(timeText(until), timeText(Number(now) * 1000)));
    return new BinaryLogs(run, files.slice(0, -1), until);
  }

  /** The files from a dump's place on. @throws ClusterError where one is deleted, or they were begun anew since */
  private async *from(name: string, { file, time }: LogPosition): AsyncGenerator<{ file: string; content: Buffer }> {
    if (this.until < Date.parse(time)) throw new ClusterError(words.beforeBackup(timeText(this.until), name, time), words.olderBackup());
    const first = this.files.indexOf(file);
    if (first === -1) throw new ClusterError(words.logGone(file), words.newerBackup());
    const number = (one: string) => Number(one.split(".")[1]);
    for (const [index, one] of this.files.slice(first).entries()) {
      if (number(one) !== number(file) + index) throw new ClusterError(words.logGone(`before ${one}`), words.newerBackup());
      const content = await read(this.run, one);
      // Logs that were turned off are deleted, and their numbers begin anew.
      if (index === 0 && content.length > 8 && content.readUInt32LE(4) * 1000 > Date.parse(time))
        throw new ClusterError(words.logGone(file), words.newerBackup());
      yield { file: one, content };
    }
  }

  private async *statements(replayer: Replayer, name: string, position: LogPosition): AsyncGenerator<string> {
    yield SESSION;
    let from = position.position;
    for await (const { file, content } of this.from(name, position)) {
      try {
        yield* replayer.statements(content, from);
      } catch (error) {
        throw error instanceof LogProblem ? explained(error, file) : error;
      }
      if (replayer.ended) return;
      from = 0;
    }
  }

  /**
   * Replays what was committed in a database after a dump and before the time into a copy of that dump.
   *
   * @param name of the backup with the dump @param into the database with the copy
   * @throws ClusterError; the copy is of no use then
   */
  async replay(name: string, position: LogPosition, database: string, into: string): Promise<Replayed> {
    const replayer = new Replayer({ database, into, until: this.until });
    const input = Readable.from(this.statements(replayer, name, position), { objectMode: false });
    const { status, stderr } = await this.run([...CLIENT, "--binary-mode", "--max-allowed-packet=1G"], input);
    if (status !== 0) throw new ClusterError(words.replayFailed(stderr.trim()));
    return replayer.replayed;
  }
}

function explained({ kind, detail, at }: LogProblem, file: string): ClusterError {
  if (kind === "definition") return new ClusterError(words.definitionChanged(timeText(at), detail), words.otherTime());
  return new ClusterError(words.badLog(file, detail), words.newerBackup());
}
