import { ClusterError } from "../cluster/cluster-error.ts";
import type { Run } from "../cluster/transport/exec.ts";
import { databaseOf } from "../compose/database.ts";
import type { Files, Project } from "../compose/model.ts";
import { imageOf } from "../compose/mounted.ts";
import { roleOf } from "../compose/roles.ts";
import { data as words } from "../messages/data.ts";
import { knownAdvice, lastLines, run, type Surroundings } from "../target/process.ts";
import script from "./files/running.sh";
import { streamed } from "./streamed.ts";

/** A Compose project whose containers run. */
export interface Running {
  readonly project: Project;
  /** Its Compose files. */
  readonly files: readonly string[];
  readonly around: Surroundings;
}

/** The command line that runs something in a service's container. */
export const inService = ({ files }: Running, service: string, command: readonly string[]): string[] => [
  "docker",
  "compose",
  ...files.flatMap((file) => ["-f", file]),
  "exec",
  "-T",
  service,
  ...command,
];

/** The error of a command in a container that failed. */
export const failedIn = (service: string) => (said: string) =>
  new ClusterError(words.serviceFailed(service, lastLines(said) || words.noWords), knownAdvice(said) ?? words.serviceAdvice(service));

/** Runs a command in a service's container. */
export const runIn =
  (running: Running, service: string): Run =>
  async (command) => {
    const [program = "", ...args] = inService(running, service, command);
    const { status, missing, stdout, words: said } = await run(running.around, program, args);
    if (missing) throw new ClusterError(words.noDocker, words.noDockerAdvice);
    return { status: status ?? 1, stdout, stderr: said };
  };

/** The MySQL or MariaDB of a Compose project. */
export interface RunningDatabase {
  readonly service: string;
  readonly database: string;
  /** Rows by table, counted now. */
  readonly rows: () => Promise<ReadonlyMap<string, number>>;
  /** Its dump, as it is made. */
  readonly dump: () => AsyncGenerator<Buffer>;
}

const SYSTEM = ["mysql", "sys", "information_schema", "performance_schema", ""];

/** The service that is a project's MySQL or MariaDB. @throws ClusterError where there is none, or several and none is named */
function serviceOf({ services }: Project, files: Files, given: string | undefined, project: Project): string {
  const names = Object.keys(services);
  if (given !== undefined) {
    if (names.includes(given)) return given;
    throw new ClusterError(words.noService(given), words.servicesAre(names.join(", ")));
  }
  const [first, ...others] = names.filter((name) => {
    const service = project.services[name] ?? {};
    return roleOf(service, imageOf(service, files)?.image, false) === "database";
  });
  if (first === undefined) throw new ClusterError(words.noDatabaseService, words.nameService(names.join(", ")));
  if (others.length > 0)
    throw new ClusterError(words.severalServices([first, ...others].join(", ")), words.nameService([first, ...others].join(", ")));
  return first;
}

/**
 * Finds the database of a Compose project, and looks whether it answers.
 *
 * @param given names from the command line
 * @throws ClusterError where it does not, or it is not clear which is meant
 */
export async function runningDatabase(
  running: Running,
  files: Files,
  given: { readonly service?: string; readonly database?: string },
): Promise<RunningDatabase> {
  const { project } = running;
  const service = serviceOf(project, files, given.service, project);
  const ask = async (...args: readonly string[]): Promise<string[]> => {
    const { status, stdout, stderr } = await runIn(running, service)(["sh", "-c", script, "running.sh", ...args]);
    if (status === 3) throw new ClusterError(words.noLogin(service, lastLines(stderr)), words.noLoginAdvice(service));
    if (status !== 0) throw failedIn(service)(stderr);
    return stdout.split("\n").map((line) => line.replace(/\r$/, ""));
  };
  const there = (await ask("databases", "")).filter((name) => !SYSTEM.includes(name));
  const wanted = given.database ?? databaseOf(service, project, files, []).name;
  const [only, ...others] = wanted !== undefined && there.includes(wanted) ? [wanted] : given.database === undefined ? there : [];
  if (only === undefined || others.length > 0)
    throw new ClusterError(words.whichDatabase(service, there.join(", ") || "-"), words.nameDatabase);
  return {
    service,
    database: only,
    rows: async () => {
      const lines = (await ask("rows", only)).filter(Boolean).map((line) => line.split("\t"));
      return new Map(lines.map(([table = "", rows]) => [table, Number(rows)]));
    },
    dump: () => streamed(running.around, inService(running, service, ["sh", "-c", script, "running.sh", "dump", only]), failedIn(service)),
  };
}
