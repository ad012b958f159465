import { escapePlaceholders, placeholdersIn } from "../config/placeholders.ts";
import { APPLICATION_RESOURCES } from "../config/resolve-applications.ts";
import { mebibytes as inMebibytes, millicores as inMillicores } from "../config/units.ts";
import { compose as say } from "../messages/compose.ts";
import { bytes } from "./canonical.ts";
import { type Entry, entry } from "./entry.ts";
import type { Service } from "./model.ts";
import { noteOn, type Part, part, type Subject, spoken, when } from "./part.ts";

const MEBIBYTE = 1024 ** 2;
/** Bytes, or a size such as `256M`, in whole MiB. */
export const mebibytes = (size: number | string): number => Math.max(1, Math.ceil((bytes(size) ?? 0) / MEBIBYTE));
const millicores = (cpus: number | string): number => Math.max(1, Math.round(Number(cpus) * 1000));
const cpuText = (cpus: number | string) => (Number.isInteger(Number(cpus)) ? String(Number(cpus)) : `${millicores(cpus)}m`);

/** `1m30s` or `10s`, in whole seconds. */
export function seconds(text: string): number {
  const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)/g)];
  return Math.ceil(parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? "s"] ?? 1), 0));
}

const between = (least: number, value: number, most: number) => Math.min(most, Math.max(least, value));
const positive = (value: number | string | undefined) => (value !== undefined && Number.parseFloat(String(value)) > 0 ? value : undefined);

/** `resources` by the project's limits; a request follows a limit that is below it. */
function resourcesOf({ deploy, mem_limit, mem_reservation, cpus }: Service): Entry | undefined {
  const { limits = {}, reservations = {} } = deploy?.resources ?? {};
  const memoryLimit = positive(limits.memory ?? mem_limit);
  const cpuLimit = positive(limits.cpus ?? cpus);
  const below = memoryLimit !== undefined && mebibytes(memoryLimit) < inMebibytes(APPLICATION_RESOURCES.memory) ? memoryLimit : undefined;
  const memory = positive(reservations.memory ?? (mem_reservation as string | undefined)) ?? below;
  const slow = cpuLimit !== undefined && millicores(cpuLimit) < inMillicores(APPLICATION_RESOURCES.cpu) ? cpuLimit : undefined;
  const cpu = positive(reservations.cpus) ?? slow;
  const { entries } = part([
    when(memory, () => entry("memory", `${mebibytes(memory ?? 0)}Mi`)),
    when(memoryLimit, () => entry("memoryLimit", `${mebibytes(memoryLimit ?? 0)}Mi`)),
    when(cpu, () => entry("cpu", cpuText(cpu ?? 0))),
    when(cpuLimit, () => entry("cpuLimit", cpuText(cpuLimit ?? 0))),
  ]);
  return when(entries.length > 0, () => entry("resources", entries, say.why.resources));
}

/** The path that a health check asks, where it asks HTTP. */
function httpPath(test: readonly string[]): string | undefined {
  const found = /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d+)?(\/[^\s"')|;]*)?/.exec(spoken(test));
  return found ? (found[1] ?? "/") : undefined;
}

function healthOf({ definition: { healthcheck }, built }: Subject): Entry | undefined {
  const test = healthcheck?.test ?? built?.image.healthcheck;
  if (!test?.length || test[0] === "NONE" || healthcheck?.disable) return undefined;
  const start = seconds(healthcheck?.start_period ?? "");
  // The default here is longer than most.
  const startSeconds = start > 120 ? [entry("startSeconds", between(1, start, 3600))] : [];
  const path = httpPath(test);
  if (path !== undefined) return entry("health", [entry("path", path), ...startSeconds], say.why.health);
  const [kind, ...rest] = test;
  const command = kind === "CMD-SHELL" ? ["sh", "-c", rest.join(" ")] : kind === "CMD" ? rest : [...test];
  return entry("health", [entry("command", command), ...startSeconds], say.why.health);
}

/** The most that the schema takes. */
const MOST_REPLICAS = 20;

const MIGRATION = /(flask\s+db\s+upgrade|alembic\s+upgrade\s+\w+|python3?\s+manage\.py\s+migrate|flask\s+init[-_]db)/;

/** A word of a command with placeholders for the database's host and port: `db`, or `db:3306`, `--host=db` and `-h db` anywhere in it. */
function withDatabase(word: string, hosts: readonly string[]): string {
  if (hosts.includes(word)) return "{database.host}";
  return word
    .replace(/([\w.-]+):3306\b/g, (found, host: string) => (hosts.includes(host) ? "{database.host}:{database.port}" : found))
    .replace(/(?<=(?:^|\s)(?:-h ?|--host[= ]))[\w.-]+/g, (host) => (hosts.includes(host) ? "{database.host}" : host));
}

/** How the container runs: command, arguments, replicas, resources, graceful end. */
export function commandPart({ service, definition, code, database, usesDatabase, command, built }: Subject): Part {
  const { entrypoint, command: args, deploy, scale, stop_grace_period: end, working_dir: folder } = definition;
  const note = noteOn(service);
  const wanted = Number(deploy?.replicas ?? scale ?? 1);
  const replicas = between(1, wanted, MOST_REPLICAS);
  const grace = end === undefined ? 30 : between(1, seconds(end), 3600);
  const hosts = usesDatabase ? (database?.hosts ?? []) : [];
  const filled = (given: readonly string[] | null | undefined) =>
    (given ?? []).map((word) => withDatabase(escapePlaceholders(word), hosts));
  const [starts, words] = [filled(entrypoint), filled(args)];
  const named = [...starts, ...words].filter((word) => placeholdersIn(word).length > 0);
  const migration = MIGRATION.exec(command)?.[1];
  const workdir = typeof folder === "string" && folder !== built?.image.workdir && !code ? folder : undefined;
  return part(
    [
      when(starts.length > 0, () => entry("command", starts, say.why.entrypoint)),
      when(words.length > 0 && !code, () => entry("args", words, say.why.command)),
      when(replicas > 1, () => entry("replicas", replicas, say.why.replicas)),
      resourcesOf(definition),
      when(grace !== 30, () => entry("graceSeconds", grace, say.why.grace)),
    ],
    [
      when(wanted === 0, () => note("leftOut", say.leftOut.noReplicas)),
      when(wanted > MOST_REPLICAS, () => note("leftOut", say.leftOut.replicas(wanted, MOST_REPLICAS))),
      when(named.length > 0, () => note("taken", say.taken.hostInCommand(named.join(" ")))),
      when(migration, () => note("taken", say.taken.migration(migration ?? ""))),
      when(workdir, () => note("todo", say.todo.workdir(workdir ?? ""))),
    ],
  );
}

/** How it is watched: `health`, `metrics`. */
export function healthPart(subject: Subject): Part {
  const { metrics } = subject;
  return part([
    healthOf(subject),
    metrics && entry("metrics", [entry("port", metrics.port), entry("path", metrics.path)], say.why.metrics),
  ]);
}
