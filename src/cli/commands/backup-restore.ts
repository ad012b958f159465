import type { JobOptions } from "../../cluster/backup/job.ts";
import { BinaryLogs, type LogPosition, timeOf } from "../../cluster/backup/replay.ts";
import { startApplications, stopApplications } from "../../cluster/backup/stop-applications.ts";
import { type Stoppable, type Unit, unitOf } from "../../cluster/backup/units.ts";
import { ClusterError, Interrupted } from "../../cluster/cluster-error.ts";
import { mounts } from "../../cluster/rotate/accounts.ts";
import { replacePods, runIn, seen } from "../../cluster/rotate/rotation.ts";
import { backup as words } from "../../messages/backup.ts";
import { RESTORED } from "../../mysql-names.ts";
import { askForName } from "../confirm.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { type Session, withSession } from "../session.ts";
import { type BackupOptions, inUnit, resultOf, secondsText, sizeText, unitsFor } from "./backup.ts";

export interface RestoreOptions extends BackupOptions {
  /** Replay what was written before this time. */
  readonly until?: string;
  /** Put the Secrets back too. */
  readonly secrets?: boolean;
  readonly yes?: boolean;
}

/** What a restore would replace, as the program says after it has restored the backup beside what is there. */
interface Prepared {
  readonly name: string;
  readonly time: string;
  readonly databases: readonly {
    readonly name: string;
    /** null: the table is not there. */
    readonly tables: readonly { readonly name: string; readonly rowsNow: number | null; readonly rowsThen: number | null }[];
  }[];
  readonly volumes: readonly { readonly key: string; readonly filesNow: number; readonly filesThen: number }[];
  readonly secrets: readonly string[];
  /** Alertmanager's silences that have not ended; null: it does not answer. Absent where the backup has none. */
  readonly silences?: { readonly silencesNow: number | null; readonly silencesThen: number };
  /** Grafana's own database; absent where it is not replaced. */
  readonly grafana?: { readonly bytesNow: number; readonly bytesThen: number };
  /** Tables whose definition is another one now. */
  readonly otherSchema?: readonly { readonly database: string; readonly table: string }[];
  /** Where each database's dump lies in the binary log. */
  readonly log?: Readonly<Record<string, LogPosition>>;
}

const count = (rows: number | null) => (rows === null ? words.absent : String(rows));

/** What will be replaced, a line each. @param withSecrets whether the Secrets are put back too */
function replacedText(prepared: Prepared, withSecrets: boolean): string[] {
  const { name, time, databases, volumes, secrets, silences, grafana, otherSchema = [] } = prepared;
  const several = databases.length > 1;
  return [
    words.restores(name, time),
    ...databases.flatMap(({ name: database, tables }) =>
      tables.map((table) =>
        words.table(several ? `${database}.${table.name}` : table.name, count(table.rowsNow), count(table.rowsThen)).replace(/^/, "  "),
      ),
    ),
    ...volumes.map(({ key, filesNow, filesThen }) => `  ${words.volume(key, String(filesNow), String(filesThen))}`),
    ...(silences ? [`  ${words.silences(String(silences.silencesNow ?? "?"), String(silences.silencesThen))}`] : []),
    ...(grafana ? [`  ${words.grafana(sizeText(grafana.bytesNow), sizeText(grafana.bytesThen))}`] : []),
    ...(grafana && !withSecrets ? [`  ${words.grafanaPasswords()}`] : []),
    ...(withSecrets && secrets.length > 0 ? [words.secretsBack(secrets.join(", "))] : []),
    ...(otherSchema.length > 0 ? [words.otherSchema(otherSchema.map(({ database, table }) => `${database}.${table}`).join(", "))] : []),
  ];
}

/** What a restore stops. */
const namesOf = ({ applications }: Pick<Unit, "applications">): string => applications.map(({ name }) => name).join(", ");

/** The unit, with Grafana among what is stopped where its database is replaced: it would write to the former one. */
const stopping = (unit: Unit, { grafana }: Prepared): Unit =>
  grafana && unit.grafana ? { ...unit, applications: [...unit.applications, unit.grafana] } : unit;

/** How a restore ended. `cut off`: what is there now is not known. */
type End = {
  readonly state: "untouched" | "restored" | "undone" | "cut off";
  readonly safety?: string | null;
  readonly changed?: readonly string[];
  /** What of the monitoring could not be brought back, and why. */
  readonly notRestored?: readonly string[];
  readonly error?: unknown;
};

/** Replaces the data while the application is stopped; what fails is put back. Never ends with Ctrl-C. */
async function swap(session: Session, unit: Unit, name: string, flags: readonly string[], secrets: boolean): Promise<End> {
  const quiet = { io: session.io, client: session.client.withoutSignal() };
  const stage = (which: string, more: readonly string[] = []) =>
    inUnit<{ safety?: string | null; secrets?: readonly string[]; notRestored?: readonly string[] }>(quiet, unit, {
      words: ["restore", name, "--stage", which, ...more],
      writable: true,
      secrets,
    });
  line(session.io.stderr, words.swapping);
  try {
    const done = await stage("swap", flags);
    if (done.ok) {
      const { safety = null, secrets: changed = [], notRestored = [] } = done.result ?? {};
      return { state: "restored", safety, changed, notRestored };
    }
    line(session.io.stderr, words.undoing);
    const error = new ClusterError(words.failed(unit.name, done.last || words.noResult));
    return { state: (await stage("undo")).ok ? "undone" : "cut off", error };
  } catch (error) {
    return { state: "cut off", error };
  }
}

/** How long a workload may take until it has read its Secrets anew, ms. */
const RESTARTED_MS = 300_000;

/**
 * Restarts MySQL and Grafana where a Secret of theirs was put back: they read it only at their start. A failure is printed; the application
 * starts nevertheless.
 * @param stopped what starts later all the same
 */
async function readAnew(
  { client, io, source }: Session,
  { name: namespace }: Unit,
  changed: readonly string[],
  stopped: readonly Stoppable[],
): Promise<void> {
  const readers = source
    .objects()
    .filter(({ kind, metadata }) => kind === "StatefulSet" && metadata.namespace === namespace)
    .filter(({ kind, metadata }) => !stopped.some((one) => one.kind === kind && one.name === metadata.name))
    .filter(({ spec }) => changed.some((secret) => mounts(spec.template.spec, { secret })));
  const rotation = { client: client.withoutSignal(), note: (text: string) => line(io.stderr, text), timeoutMs: RESTARTED_MS };
  try {
    if (readers.length > 0) await seen(rotation);
    for (const workload of readers) await replacePods(rotation, workload);
  } catch (error) {
    line(io.stderr, (error as Error).message);
  }
}

/** Stops the application, replaces its data, and starts it again, whatever happens between. */
async function replace(session: Session, unit: Unit, name: string, flags: readonly string[], secrets: boolean) {
  const { client, io } = session;
  const names = namesOf(unit);
  const since = Date.now();
  const stopped: Stoppable[] = [];
  if (names) line(io.stderr, words.stopping(names));
  const end: End = await stopApplications(client, unit, stopped).then(
    () => (client.signal?.aborted ? { state: "untouched", error: new Interrupted() } : swap(session, unit, name, flags, secrets)),
    (error: unknown) => ({ state: "untouched", error }),
  );
  if (end.state === "cut off") {
    if (end.error instanceof Error) line(io.stderr, end.error.message);
    throw new ClusterError(words.leftStopped(names), words.finish(name));
  }
  await readAnew(session, unit, end.changed ?? [], stopped);
  const start = async (which: readonly Stoppable[]) => {
    const late = await startApplications(client, unit, which);
    if (late !== undefined) line(io.stderr, words.notReady(late));
    return late === undefined;
  };
  const started = await start(stopped.filter(({ kind }) => kind === "Deployment"));
  const seconds = (Date.now() - since) / 1000;
  // Grafana, which takes half a minute and is no part of that time.
  const ready = (await start(stopped.filter(({ kind }) => kind !== "Deployment"))) && started;
  if (end.state !== "restored") {
    line(io.stderr, words[end.state](secondsText(seconds)));
    throw end.error;
  }
  const notRestored = end.notRestored ?? [];
  const code = ready && notRestored.length === 0 ? EXIT.ok : EXIT.problem;
  return { code, safety: end.safety ?? null, seconds, ready, notRestored };
}

/** Shows what will be replaced, and asks. @returns what the person has agreed to, as words of the program */
async function agreed(session: Session, unit: Unit, prepared: Prepared, { yes, secrets }: RestoreOptions): Promise<string[]> {
  for (const text of replacedText(prepared, secrets === true)) line(session.io.stderr, text);
  const names = namesOf(unit);
  if (names) line(session.io.stderr, words.stops(names));
  if (!yes) await askForName(session, words.replaces(unit.name, session.client.connection.context), words.nothingReplaced);
  return [...(secrets ? ["--secrets"] : []), ...((prepared.otherSchema ?? []).length > 0 ? ["--other-schema"] : [])];
}

/** Replays what followed the backup before a time into what was prepared of it. @throws ClusterError; nothing was replaced then */
async function replayed({ io }: Session, logs: BinaryLogs, prepared: Prepared, until: number): Promise<void> {
  const { name, databases, volumes, log = {} } = prepared;
  // None: a restore that was cut off goes on, and was replayed.
  for (const { name: database } of databases) {
    const position = log[database];
    if (!position) throw new ClusterError(words.notLogged(name), words.logOn());
    line(io.stderr, words.replays(database, new Date(until).toISOString()));
    const { transactions, last = 0 } = await logs.replay(name, position, database, `${database}${RESTORED}`);
    line(io.stderr, words.replayed(transactions, new Date(last).toISOString()));
  }
  if (volumes.length > 0) line(io.stderr, words.filesOfBackup);
}

/** `cloudnova backup restore` */
export function backupRestoreCommand(
  io: Io,
  environment: string | undefined,
  name: string | undefined,
  options: RestoreOptions,
): Promise<number> {
  if (name === undefined) throw new ClusterError(words.namesOne, words.seeList());
  const until = options.until === undefined ? undefined : timeOf(options.until);
  const run = async (session: Session) => {
    const { secrets = false, output } = options;
    const units = unitsFor(session);
    const named = unitOf(units, name);
    const logs =
      until === undefined ? undefined : await BinaryLogs.closed(await runIn(session.client, units[0]?.name ?? "", "mysql"), until);
    const stage: JobOptions["words"] = ["restore", name, "--stage", "prepare", ...(secrets ? ["--secrets"] : [])];
    // It unpacks the files of a volume beside those that are there.
    const prepared = resultOf(await inUnit<Prepared>(session, named, { words: stage, writable: true, secrets }), named);
    const unit = stopping(named, prepared);
    if (logs && until !== undefined) {
      await replayed(session, logs, prepared, until).catch((error: Error) => {
        line(session.io.stderr, words.nothingReplaced);
        throw error;
      });
    }
    const flags = await agreed(session, unit, prepared, options);
    const { code, ...done } = await replace(session, unit, name, flags, secrets);
    if (output === "text") line(io.stdout, words.restored(name, done.safety ? words.safety(done.safety) : "", secondsText(done.seconds)));
    else json(io, { environment: session.name, unit: unit.name, name, ...done, replaced: prepared });
    return code;
  };
  return withSession(io, environment, options, run, { wantsName: true });
}
