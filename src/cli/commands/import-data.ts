import { ClusterError } from "../../cluster/cluster-error.ts";
import type { Run } from "../../cluster/transport/exec.ts";
import { disk } from "../../compose/disk.ts";
import { dockerCompose } from "../../compose/docker.ts";
import { loadProject } from "../../compose/load.ts";
import { SAMPLE } from "../../config/applications.ts";
import { nearest } from "../../config/explain.ts";
import type { Config } from "../../config/resolve.ts";
import type { Application, ApplicationDatabase } from "../../config/resolve-applications.ts";
import { openDump } from "../../data/dump-file.ts";
import { type Change, DumpFilter, type Rows } from "../../data/filter.ts";
import { type Running, type RunningDatabase, runningDatabase } from "../../data/running.ts";
import { type Contents, Target } from "../../data/target.ts";
import { type Copied, composeCopies, givenCopies } from "../../data/volumes.ts";
import { data as words } from "../../messages/data.ts";
import { initialiserOf } from "../../network.ts";
import { agrees } from "../confirm.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";
import { projectFiles } from "./import-compose.ts";
import { preparedVolumes, runner, type Volumes } from "./import-volumes.ts";

export interface DataOptions extends ClusterOptions {
  /** File with a dump; `-` is standard input. */
  readonly from?: string;
  /** Compose file or folder of a project that runs. */
  readonly compose?: string;
  /** Its service with the database. */
  readonly service?: string;
  /** Database of the dump or the service. */
  readonly database?: string;
  /** Volumes and folders, as NAME=FOLDER. */
  readonly volume?: readonly string[];
  readonly replace?: boolean;
  readonly yes?: boolean;
}

/** Rows of a table before and after. */
interface Compared {
  readonly table: string;
  readonly old: number;
  /** Whether the old has exactly as many. */
  readonly exact: boolean;
  readonly new: number;
}

/** What was imported into a database. */
interface Imported {
  readonly database: string;
  readonly source: string;
  readonly tables: readonly Compared[];
  readonly changes: Readonly<Partial<Record<Change, number>>>;
}

/** @throws ClusterError where options contradict each other */
function check({ from, compose, service, database, volume }: DataOptions): void {
  if (from !== undefined && compose !== undefined) throw new ClusterError(words.twoSources, words.twoSourcesAdvice);
  if (from === undefined && compose === undefined && !volume?.length) throw new ClusterError(words.noSource, words.noSourceAdvice);
  if (service !== undefined && compose === undefined) throw new ClusterError(words.onlyWith("--service", "--compose"));
  if (database !== undefined && from === undefined && compose === undefined)
    throw new ClusterError(words.onlyWith("--database", "--from, --compose"));
}

/** The application of that name. @throws ClusterError */
function applicationOf({ applications, sample }: Config, name: string): Application {
  const found = applications.find((one) => one.name === name);
  if (found) return found;
  const names = applications.map((one) => one.name);
  if (name === SAMPLE && sample) throw new ClusterError(words.isSample, words.applicationsAre(names.join(", ") || "-"));
  throw new ClusterError(`${words.noApplication(name)}${nearest(name, names)}`, words.applicationsAre(names.join(", ") || "-"));
}

/** A Compose project of this machine. */
async function runningProject({ io, signal }: Session, compose: string): Promise<Running> {
  const files = projectFiles([compose]);
  const around = { env: io.env, stderr: io.stderr, signal };
  const project = (await dockerCompose(around)(files)) ?? loadProject(files, { files: disk, env: io.env });
  return { project, files, around };
}

/** What is old: a file, or a database that runs. */
interface Old {
  readonly name: string;
  /** Rows by table as the old server counts them. @default by the dump */
  readonly rows?: () => Promise<ReadonlyMap<string, number>>;
  readonly dump: () => AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>;
}

const oldOf = ({ service, database, rows, dump }: RunningDatabase): Old => ({ name: `${service}:${database}`, rows, dump });

/** The old database. undefined: files alone are imported @throws ClusterError */
async function findOld(session: Session, options: DataOptions, running: Running | undefined): Promise<Old | undefined> {
  const { from, service, database } = options;
  if (running) return oldOf(await runningDatabase(running, disk, { ...(service && { service }), ...(database && { database }) }));
  if (from === undefined) return undefined;
  const dump = await openDump(from, session.io.stdin);
  return { name: from === "-" ? words.standardInput : from, dump: () => dump };
}

const MOST_NAMED = 5;
/** The first names of a list, for a message. */
const some = (names: readonly string[]): string =>
  [...names.slice(0, MOST_NAMED), ...(names.length > MOST_NAMED ? [words.andMore(names.length - MOST_NAMED)] : [])].join(", ");

const rowsIn = ({ tables }: Contents): number => [...tables.values()].reduce((sum, rows) => sum + rows, 0);

/** Whether an import would lose something: tables without rows are made anew by the application, or by the dump. */
const isEmpty = (contents: Contents): boolean => rowsIn(contents) === 0 && contents.others.length === 0;

/** Whether the database may be filled, or replaced. @throws ClusterError where it may not */
async function allow(
  { io, signal }: Session,
  application: Application,
  database: ApplicationDatabase,
  target: Target,
  options: DataOptions,
) {
  const facts = await target.facts();
  if (!facts.exists) throw new ClusterError(words.notThere(database.name), words.notThereAdvice);
  if (facts.isBusy) throw new ClusterError(words.busy, words.busyAdvice);
  if (database.initialise.length > 0 && facts.state !== "done")
    throw new ClusterError(words.initialising(initialiserOf(application)), words.initialisingAdvice(application.name));
  if (isEmpty(facts)) return facts;
  const full = [...facts.tables].filter(([, rows]) => rows > 0).map(([table, rows]) => words.rowsOf(table, rows));
  if (!options.replace) throw new ClusterError(words.notEmpty(database.name, some([...full, ...facts.others])), words.notEmptyAdvice);
  if (facts.others.length > 0)
    throw new ClusterError(words.cannotReplace("application", some(facts.others)), words.cannotReplaceAdvice(database.name));
  if (!options.yes) {
    line(io.stderr, words.replaces(database.name, rowsIn(facts), facts.tables.size));
    if (!(await agrees(io, signal, words.goOn, words.addYes))) throw new ClusterError(words.nothingChanged);
  }
  return facts;
}

function compared(
  rows: ReadonlyMap<string, Rows>,
  counted: ReadonlyMap<string, number> | undefined,
  tables: Contents["tables"],
): Compared[] {
  const before = new Map(counted ? [...counted].map(([table, count]) => [table, { rows: count, exact: true }] as const) : rows);
  const names = [...new Set([...before.keys(), ...tables.keys()])].sort();
  return names.map((table) => {
    const { rows: old, exact } = before.get(table) ?? { rows: 0, exact: true };
    return { table, old, exact, new: tables.get(table) ?? 0 };
  });
}

/** Removes what an import has begun, after Ctrl-C too: it takes room. Where that fails the next import begins with it. */
async function removeBegun(session: Session, namespace: string, targetBy: (run: Run) => Target): Promise<void> {
  const client = session.client.withoutSignal();
  try {
    await targetBy(await runner({ ...session, client }, namespace, "mysql", "mysql")).clean();
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
  } finally {
    client.close();
  }
}

/**
 * Loads the old database beside the application's, and swaps the two.
 *
 * @param beforeSwap what has to succeed before
 * @throws ClusterError; the application's is as it was
 */
async function importDatabase(
  session: Session,
  application: Application,
  old: Old,
  options: DataOptions,
  beforeSwap: () => Promise<void>,
): Promise<Imported> {
  const { database, name } = application;
  if (!database) throw new ClusterError(words.noDatabase(name), words.noDatabaseAdvice);
  const { namespace, database: server } = (await session.environment()).config;
  if (server.external) throw new ClusterError(words.externalServer(server.external.host), words.externalAdvice);
  const target = new Target(await runner(session, namespace, "mysql", "mysql"), name, database);
  const before = await allow(session, application, database, target, options);
  const filter = new DumpFilter(database.name, options.compose === undefined ? options.database : undefined);
  try {
    const counted = await old.rows?.();
    line(session.io.stderr, words.loading(old.name, database.name));
    await target.load(await old.dump(), filter, old.name);
    const loaded = await target.contents("loaded");
    if (loaded.tables.size === 0) throw new ClusterError(words.noTables(old.name));
    if (!isEmpty(before) && loaded.others.length > 0)
      throw new ClusterError(words.cannotReplace("dump", some(loaded.others)), words.cannotReplaceAdvice(database.name));
    await beforeSwap();
    await target.swap();
    const { tables } = await target.contents("application");
    return {
      database: database.name,
      source: old.name,
      tables: compared(filter.rows, counted, tables),
      changes: Object.fromEntries(filter.changes),
    };
  } catch (error) {
    await removeBegun(session, namespace, (run) => new Target(run, name, database));
    throw error;
  }
}

/** Rows of cells as columns: the first to the left, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? "").length)));
  const cell = (text: string, index: number) => (index === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[index] ?? 0));
  return rows.map((row) => `  ${row.map(cell).join("  ")}`.trimEnd());
}

const differs = ({ old, new: now, exact }: Compared): boolean => exact && old !== now;

function show({ stdout, env }: Io, imported: Imported | undefined, copied: readonly Copied[]): void {
  const paint = painter(stdout, env);
  if (imported) {
    const { tables, changes, database, source } = imported;
    const sum = (of: "old" | "new") => tables.reduce((total, one) => total + one[of], 0);
    line(stdout, paint("bold", words.heading(database, source)));
    const head = [words.columns.table, words.columns.old, words.columns.new];
    const rows = tables.map((one) => [
      one.table,
      one.exact ? String(one.old) : words.atMost(one.old),
      String(one.new),
      ...(differs(one) ? [words.differs] : []),
    ]);
    for (const text of columns([head, ...rows, [words.total, String(sum("old")), String(sum("new"))]])) line(stdout, text);
    const changed = Object.entries(changes) as [Change, number][];
    if (changed.length > 0) line(stdout, `\n${paint("bold", words.changes)}`);
    for (const [change, count] of changed) line(stdout, `  ${count} × ${words.change[change]}`);
  }
  if (copied.length === 0) return;
  if (imported) line(stdout, "");
  const { volume, files, bytes, old, new: now } = words.columns;
  const rows = copied.map((one) => [one.volume, ...[one.old.files, one.new.files, one.old.bytes, one.new.bytes].map(String)]);
  for (const text of columns([[volume, `${files} ${old}`, now, `${bytes} ${old}`, now], ...rows])) line(stdout, text);
}

/** Puts rows and files in their place once all have arrived. @throws ClusterError; what is said before it names what was imported all the same */
async function importAll(session: Session, application: Application, old: Old | undefined, volumes: Volumes, options: DataOptions) {
  let imported: Imported | undefined;
  const copied: Copied[] = [];
  try {
    if (old) imported = await importDatabase(session, application, old, options, () => volumes.receive());
    else await volumes.receive();
    for await (const one of volumes.accepted()) copied.push(one);
  } catch (error) {
    const rows = imported ? [words.rowsImported(imported.database)] : [];
    const done = [...rows, ...copied.map(({ volume }) => words.filesImported(volume))];
    if (done.length > 0) line(session.io.stderr, words.onlySome(done.join(", ")));
    await volumes.discard();
    throw error;
  }
  return { imported, copied };
}

/** `cloudnova import data`. */
export function importDataCommand(io: Io, name: string, argument: string | undefined, options: DataOptions): Promise<number> {
  check(options);
  return withSession(io, argument, options, async (session) => {
    const { config } = await session.environment();
    const application = applicationOf(config, name);
    const running = options.compose === undefined ? undefined : await runningProject(session, options.compose);
    const around = { env: io.env, stderr: io.stderr, signal: session.signal };
    const given = await givenCopies(options.volume ?? [], application, around);
    const named = new Set(given.map(({ volume }) => volume));
    const found = running ? composeCopies(running, application).filter(({ volume }) => !named.has(volume)) : [];
    const old = await findOld(session, options, running);
    const volumes = await preparedVolumes(session, application, [...given, ...found], options);
    const { imported, copied } = await importAll(session, application, old, volumes, options);
    const isOther = imported?.tables.some(differs) ?? false;
    if (options.output === "json") json(io, { application: name, ...imported, volumes: copied, differs: isOther });
    else show(io, imported, copied);
    if (isOther) throw new ClusterError(words.differ, words.differAdvice);
    if (options.output === "text") line(io.stdout, `\n${words.done(name)}`);
    return EXIT.ok;
  });
}
