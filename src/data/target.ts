import { Readable } from "node:stream";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { Ended, Run } from "../cluster/transport/exec.ts";
import type { ApplicationDatabase } from "../config/resolve-applications.ts";
import { data as words } from "../messages/data.ts";
import script from "./files/target.sh";
import { DumpError, type DumpFilter, filtered } from "./filter.ts";

/** What is in a database. */
export interface Contents {
  readonly tables: ReadonlyMap<string, number>;
  /** What is not a table: views, triggers, procedures, events, as `VIEW name`. */
  readonly others: readonly string[];
}

/** An application's database before the import. */
export interface Facts extends Contents {
  readonly exists: boolean;
  /** How far the SQL files of the first start came (charts/files/mysql/initialise.sh). */
  readonly state?: "started" | "done";
  /** Whether another import is connected. */
  readonly isBusy: boolean;
}

/** The database beside an application's. No application's can have this name; the longest that MySQL allows has 64 characters, with `-old`. */
const besideOf = (name: string): string => `${name.slice(0, 52)}-restore`;

/** What MySQL's error numbers mean for a dump (MySQL Error Message Reference), with what to do. */
const ADVICE: Readonly<Record<number, () => string>> = {
  1044: () => words.otherDatabase,
  1142: () => words.otherDatabase,
  1049: () => words.otherDatabase,
  1227: () => words.needsRight,
  1064: () => words.syntax,
  1115: () => words.unknownCharset,
  1273: () => words.unknownCharset,
  1286: () => words.unknownEngine,
  1021: () => words.diskFull,
  1114: () => words.diskFull,
  3: () => words.diskFull,
  1153: () => words.tooLargeRow,
  1205: () => words.lockWait,
  1231: () => words.unknownSetting,
  1193: () => words.unknownSetting,
};

/** What mysql's client says of the statement that failed. */
interface Failure {
  readonly code: number;
  readonly line: number;
  readonly message: string;
}

function failureIn(stderr: string): Failure | undefined {
  const [, code, line = "0", message = ""] = /ERROR (\d+) \(\w+\)(?: at line (\d+))?: (.*)/.exec(stderr) ?? [];
  return code === undefined ? undefined : { code: Number(code), line: Number(line), message };
}

/** An application's database, by the scripts that run in MySQL's container. */
export class Target {
  private readonly beside: string;

  constructor(
    private readonly run: Run,
    private readonly application: string,
    private readonly database: ApplicationDatabase,
  ) {
    this.beside = besideOf(database.name);
  }

  private get marks(): string {
    return `\`cloudnova\`.\`${this.application}\``;
  }

  private async call(what: string, name: string, more: readonly string[] = [], input?: Readable): Promise<Ended> {
    return this.run(["bash", "-c", script, "target.sh", what, name, this.beside, ...more], input);
  }

  /** @throws ClusterError */
  private async must(what: string, name: string, ...more: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.call(what, name, more);
    if (status === 0) return stdout;
    throw new ClusterError(words.mysqlFailed(stderr.trim()), ADVICE[failureIn(stderr)?.code ?? 0]?.());
  }

  /** What the database holds. */
  async facts(): Promise<Facts> {
    const { status, stdout, stderr } = await this.call("facts", this.database.name, [this.marks]);
    // Without the table of marks the server knows nothing of the application.
    if (status !== 0 && [1146, 1049].includes(failureIn(stderr)?.code ?? 0))
      return { exists: false, isBusy: false, tables: new Map(), others: [] };
    if (status !== 0) throw new ClusterError(words.mysqlFailed(stderr.trim()));
    const rows = linesOf(stdout);
    const state = rows.find((row) => row.state !== undefined)?.state as Facts["state"];
    return {
      ...contentsOf(rows),
      exists: rows.some((row) => row.database === 1),
      isBusy: rows.some((row) => Number(row.connections) > 0),
      ...(state && { state }),
    };
  }

  /** What was loaded, or what the application has in the end. */
  async contents(of: "loaded" | "application"): Promise<Contents> {
    return contentsOf(linesOf(await this.must("tables", of === "loaded" ? this.beside : this.database.name)));
  }

  /**
   * Loads a dump into the database beside the application's.
   *
   * @param source what a message calls the dump
   * @throws ClusterError that names the line of the statement that fails
   */
  async load(dump: AsyncIterable<Buffer>, filter: DumpFilter, source: string): Promise<void> {
    const input = Readable.from(filtered(dump, filter), { objectMode: false });
    const { status, stderr } = await this.call("load", this.database.name, [], input).catch((error) => {
      throw error instanceof DumpError ? refused(error, source) : error;
    });
    if (status === 0) return;
    const failure = failureIn(stderr);
    if (!failure) throw new ClusterError(words.mysqlFailed(stderr.trim()));
    throw new ClusterError(
      words.failedAt(source, failure.line, failure.message),
      ADVICE[failure.code]?.() ?? words.correctLine(failure.line),
    );
  }

  /** Puts what was loaded in the place of what the application has. */
  async swap(): Promise<void> {
    await this.must("swap", this.database.name, this.marks, this.database.user);
  }

  /** Removes what an import has not finished. */
  async clean(): Promise<void> {
    await this.must("clean", this.database.name);
  }
}

type Row = Readonly<Record<string, unknown>>;
const linesOf = (text: string): Row[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const contentsOf = (rows: readonly Row[]): Contents => ({
  tables: new Map(rows.flatMap(({ table, rows: count }) => (typeof table === "string" ? [[table, Number(count)] as const] : []))),
  others: rows.flatMap(({ other }) => (typeof other === "string" ? [other] : [])),
});

/** What a filter refuses, in words. */
function refused({ reason, line, found }: DumpError, source: string): ClusterError {
  const { message, advice } = words.refused[reason];
  return new ClusterError(line > 0 ? words.atLine(source, line, message(found)) : `${source}: ${message(found)}`, advice);
}
