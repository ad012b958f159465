import { connectionsNeeded, OTHER_CONNECTIONS } from "../pool.ts";
import type { Config } from "./resolve.ts";
import type { Application } from "./resolve-applications.ts";

/** Connections of one process where its variables name no pool: what SQLAlchemy's pool keeps by default (`pool_size`, its documentation). */
export const ASSUMED_POOL = 5;

/** Connections to MySQL that an application may hold. */
export interface ApplicationConnections {
  readonly name: string;
  /** Processes of a replica, each with a pool of its own. */
  readonly processes: number;
  /** Connections of a process. */
  readonly pool: number;
  /** Whether its variables name the pool; otherwise `pool` is ASSUMED_POOL. */
  readonly known: boolean;
  /** All of them while an update runs: as many old replicas as new ones, which hold theirs until they have drained. */
  readonly most: number;
}

const OF_DATABASE = /(^|_)(DB|DATABASE|MYSQL|MARIADB|SQLALCHEMY|SQL)(_|$)/i;
const POOL = /(^|_)(POOL_?SIZE|CONNECTION_LIMIT|MAX_CONNECTIONS)$/i;
const OVERFLOW = /(^|_)MAX_OVERFLOW$/i;

/** A number above 0 of a variable of the database's, such as SQLALCHEMY_POOL_SIZE; undefined: none. 0 means "no limit" to SQLAlchemy. */
function numberOf(env: Application["env"], pattern: RegExp): number | undefined {
  const names = Object.keys(env).filter((name) => pattern.test(name) && (OF_DATABASE.test(name) || name.replace(pattern, "") === ""));
  return names.map((name) => Number(env[name])).find((value) => Number.isInteger(value) && value > 0);
}

/** `connection_limit=5` in a URL: Prisma's and MySQL drivers' of Node. */
const inUrl = (env: Application["env"]): number | undefined =>
  Object.values(env)
    .map((value) => Number(/^\w+:\/\/\S*[?&](?:connection_limit|connectionLimit|pool_size)=(\d+)/.exec(value)?.[1]))
    .find((value) => value > 0);

/** Processes that the command or the variables of gunicorn, uvicorn and uwsgi name. @default 1 */
function processesOf({ env, command = [], args = [] }: Application): number {
  const words = [...command, ...args, env.GUNICORN_CMD_ARGS ?? ""].join(" ");
  const named =
    /(?:^|\s)--workers[= ](\d+)/.exec(words) ??
    (/gunicorn/.test(`${words} ${env.GUNICORN_CMD_ARGS ? "gunicorn" : ""}`) ? /(?:^|\s)-w[= ]?(\d+)/.exec(words) : null) ??
    (/uwsgi/.test(words) ? /(?:^|\s)(?:--processes[= ]|-p ?)(\d+)/.exec(words) : null);
  return Math.max(1, Number(named?.[1] ?? env.WEB_CONCURRENCY) || 1);
}

/** What each application with a database may open. */
export function applicationConnections(applications: readonly Application[]): ApplicationConnections[] {
  return applications
    .filter(({ database }) => database !== false)
    .map((application) => {
      const { name, env, replicas, autoscaling } = application;
      const processes = processesOf(application);
      const given = numberOf(env, POOL) ?? inUrl(env);
      const pool = given === undefined ? ASSUMED_POOL : given + (numberOf(env, OVERFLOW) ?? 0);
      return { name, processes, pool, known: given !== undefined, most: 2 * (autoscaling?.maxReplicas ?? replicas) * processes * pool };
    });
}

/** All connections that MySQL has to accept for a list of applications, with the sample's where it runs, and everything else's. */
export function allConnections(
  { sample, webapp }: Pick<Config, "sample" | "webapp">,
  applications: readonly ApplicationConnections[],
): number {
  const others = sample ? connectionsNeeded(webapp.autoscaling?.maxReplicas ?? webapp.replicas, webapp) : OTHER_CONNECTIONS;
  return applications.reduce((sum, { most }) => sum + most, others);
}
