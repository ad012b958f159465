import { type Done, type JobOptions, runJob } from "../../cluster/backup/job.ts";
import { type Unit, unitNamed, unitOf, unitsIn } from "../../cluster/backup/units.ts";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { backup as words } from "../../messages/backup.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";

export interface BackupOptions extends ClusterOptions {
  /** Only this namespace, or this application's. @default all */
  readonly unit?: string;
}

/** The units of the environment. @throws ClusterError where backups are off, or there is none of that name */
export function unitsFor({ source }: Session, name?: string): Unit[] {
  const units = unitsIn(source.objects());
  if (units.length === 0) throw new ClusterError(words.off, words.turnOn());
  return name === undefined ? units : [unitNamed(units, name)];
}

/** Runs the backup program in a unit, with its lines on standard error. */
export function inUnit<T>({ client, io }: Pick<Session, "client" | "io">, unit: Unit, options: JobOptions): Promise<Done<T>> {
  const say = (text: string) => line(io.stderr, `${unit.name}: ${text}`);
  line(io.stderr, words.starts(unit.name));
  return runJob<T>(client, unit.name, options, { line: say, note: say });
}

/** A result, or the reason why there is none. @throws ClusterError with the program's own message */
export function resultOf<T>({ ok, result, last }: Done<T>, unit: Unit): T {
  if (ok && result) return result;
  throw new ClusterError(words.failed(unit.name, last || words.noResult));
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes for people: `1.4 MiB`. */
export function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}

/** Seconds for people. */
export const secondsText = (seconds: number): string => seconds.toFixed(seconds < 10 ? 1 : 0);

/** What `run` says of the backup that it made. */
interface Made {
  readonly name: string;
  readonly bytes: number;
  /** With the start of its pod, where the program does not say it itself. */
  readonly seconds: number;
  readonly checked: boolean;
  /** null without a store. */
  readonly offsite: boolean | null;
  /** What of the monitoring could not be read, and why. */
  readonly leftOut?: readonly string[];
}

/** What became of a unit, for `--output json`. */
type Outcome<T> = Partial<T> & { readonly unit: string; readonly ok: boolean; readonly message?: string };

/** Runs the backup program in units one after the other, and prints a line for each. @param text of what went well */
async function inEach<T>(
  session: Session,
  units: readonly Unit[],
  job: JobOptions,
  output: ClusterOptions["output"],
  text: (unit: string, result: T) => string,
): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  for (const unit of units) {
    const begun = Date.now();
    const { ok, result: said, last } = await inUnit<T>(session, unit, job);
    const result = said && { seconds: (Date.now() - begun) / 1000, ...said };
    const message = last || words.noResult;
    outcomes.push({ unit: unit.name, ...(result as T), ok, ...(!ok && { message }) });
    if (output === "text") line(session.io.stdout, ok && result ? text(unit.name, result) : words.failed(unit.name, message));
  }
  return outcomes;
}

/** Prints the outcomes for programs, and returns the exit code. */
function ended<T>({ io, name }: Session, key: string, outcomes: readonly Outcome<T>[], output: ClusterOptions["output"]): number {
  if (output === "json") json(io, { environment: name, [key]: outcomes });
  return outcomes.every(({ ok }) => ok) ? EXIT.ok : EXIT.problem;
}

/** A backup that was made, restored on trial and copied, in a line. */
export function madeText(unit: string, { name, bytes, seconds, checked, offsite, leftOut = [] }: Made): string {
  const parts = [
    words.made(unit, name, sizeText(bytes), secondsText(seconds)),
    checked && words.checked,
    offsite && words.offsite,
    leftOut.length > 0 && words.incomplete,
  ];
  return parts.filter(Boolean).join("; ");
}

/** `cloudnova backup now`: exit code 1 when one was not made, not restored on trial or not copied. */
export function backupNowCommand(io: Io, name: string | undefined, options: BackupOptions): Promise<number> {
  return withSession(io, name, options, async (session) => {
    const made = await inEach<Made>(session, unitsFor(session, options.unit), { words: ["run"] }, options.output, madeText);
    return ended(session, "backups", made, options.output);
  });
}

/** A backup in the list of the program. */
interface Listed {
  readonly name: string;
  readonly time: string;
  readonly bytes: number;
  /** Whether it is on the volume. */
  readonly here: boolean;
  /** Whether it is on the store; null without one. */
  readonly offsite: boolean | null;
  /** When it was restored on trial last; null: never. */
  readonly checked: string | null;
  /** Whether that went well; null: never tried. */
  readonly ok: boolean | null;
}

const yesNo = (value: boolean | null) => (value === null ? "–" : value ? words.yes : words.no);
/** `2026-11-27T02:17:00Z` as `2026-11-27 02:17`. */
const minute = (time: string) => time.slice(0, 16).replace("T", " ");

/** The list as a table. */
export function listText(backups: readonly Listed[]): string[] {
  const rows = backups.map(({ name, time, bytes, here, offsite, checked, ok }) => [
    name,
    minute(time),
    sizeText(bytes),
    yesNo(here),
    yesNo(offsite),
    ok === false ? words.broken : checked === null ? words.never : minute(checked),
  ]);
  const all = [words.columns, ...rows];
  const widths = words.columns.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  return all.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** `cloudnova backup list` */
export function backupListCommand(io: Io, name: string | undefined, options: BackupOptions): Promise<number> {
  return withSession(io, name, options, async (session) => {
    const found: { unit: Unit; backups: readonly Listed[] }[] = [];
    for (const unit of unitsFor(session, options.unit)) {
      const done = await inUnit<{ backups: readonly Listed[] }>(session, unit, { words: ["list", "--json"] });
      found.push({ unit, backups: resultOf(done, unit).backups });
    }
    if (options.output === "json") {
      const backups = found.flatMap(({ unit, backups: list }) => list.map((one) => ({ unit: unit.name, ...one })));
      json(io, { environment: session.name, backups });
      return EXIT.ok;
    }
    const all = found.flatMap(({ backups }) => backups);
    if (all.length > 0) for (const text of listText(all)) line(io.stdout, text);
    for (const { unit, backups } of found) if (backups.length === 0) line(io.stdout, words.none(unit.name));
    return EXIT.ok;
  });
}

/** `cloudnova backup verify`: exit code 1 when a backup could not be restored on trial. */
export function backupVerifyCommand(
  io: Io,
  environment: string | undefined,
  name: string | undefined,
  options: BackupOptions,
): Promise<number> {
  return withSession(io, environment, options, async (session) => {
    const units = name === undefined ? unitsFor(session, options.unit) : [unitOf(unitsFor(session), name)];
    const job: JobOptions = { words: ["check", ...(name === undefined ? [] : [name])] };
    const checked = await inEach<{ name: string; seconds: number }>(session, units, job, options.output, (unit, one) =>
      words.verified(unit, one.name, secondsText(one.seconds)),
    );
    return ended(session, "checks", checked, options.output);
  });
}
