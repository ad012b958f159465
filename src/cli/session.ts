import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { Client } from "../cluster/client.ts";
import { connect } from "../cluster/connection.ts";
import { Discovery } from "../cluster/discovery.ts";
import { ClusterError } from "../cluster/errors.ts";
import { openManifests, type Source } from "../cluster/manifests.ts";
import type { Environment } from "../config/load.ts";
import { commands as words } from "../messages/commands.ts";
import { ENVIRONMENT_OF, isOwn, type Named, namedTarget, type Target } from "../target/names.ts";
import { addressOf } from "../target/place.ts";
import { interruptible } from "./interrupt.ts";
import { type Io, line } from "./io.ts";

/** What every command that talks to a cluster is told. */
export interface ClusterOptions extends Named {
  readonly dist: string;
  readonly output: "text" | "json";
}

/** A command at work: an environment, its cluster, and where to write. */
export interface Session {
  readonly io: Io;
  /** The environment's name. */
  readonly name: string;
  /** The environment's file, read when it is needed. */
  readonly environment: () => Promise<Environment>;
  /** The environment's manifests, as they lie in dist/. */
  readonly source: Source;
  readonly client: Client;
  readonly discovery: Discovery;
  /** Ends with Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What the user wants where. */
export interface Choice {
  /** Name or file of the environment. */
  readonly environment: string;
  readonly target: Target;
}

/** The environment of that name or file. The schema takes longer to load than most commands run: only for those that need it. */
export async function readEnvironment(named: string): Promise<Environment> {
  const [{ loadEnvironment }, { environmentFile }] = await Promise.all([import("../config/load.ts"), import("../environments.ts")]);
  return loadEnvironment(environmentFile(named));
}

/** The environment that the argument, CLOUDNOVA_ENV or the target names; undefined when none does. */
export function namedEnvironment(argument: string | undefined, env: Io["env"], target: Target | undefined): string | undefined {
  return argument || env.CLOUDNOVA_ENV || (target && isOwn(target.name) ? ENVIRONMENT_OF[target.name] : undefined);
}

/**
 * The cluster of this machine that an environment's own kind means. None for k3s: that environment mostly stands for
 * another machine, and this one's k3s must be named.
 */
export async function targetOf(environment: string): Promise<Target | undefined> {
  const { cluster } = (await readEnvironment(environment)).config;
  return cluster === "k3s" ? undefined : { name: cluster };
}

/** Environment and cluster of a command. @throws ClusterError when no environment was named */
export async function choose(argument: string | undefined, options: Named, env: Io["env"]): Promise<Choice> {
  const named = namedTarget(options);
  const environment = namedEnvironment(argument, env, named);
  if (!environment) {
    throw new ClusterError(words.noEnvironment, words.giveName);
  }
  return { environment, target: named ?? (await targetOf(environment)) ?? { name: "context" } };
}

/** An environment's name: its file's. */
const nameIn = (environment: string): string => basename(environment).replace(/\.ya?ml$/, "");

/** The environment's manifests. @throws EnvironmentError when there is no such environment, ClusterError when nothing was written for it */
export async function sourceOf(environment: string, dist: string): Promise<Source> {
  const folder = join(dist, nameIn(environment));
  if (!existsSync(folder)) await readEnvironment(environment);
  return openManifests(folder);
}

/** Runs `work` against the chosen cluster. */
export async function inSession<T>(
  io: Io,
  signal: AbortSignal,
  { environment, target }: Choice,
  dist: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const name = nameIn(environment);
  const address = reachable(target, io.env);
  const source = await sourceOf(environment, dist);
  const connection = await connect(address);
  const client = new Client(connection, signal, (text) => line(io.stderr, text));
  try {
    return await work({
      io,
      name,
      environment: () => readEnvironment(environment),
      source,
      client,
      discovery: new Discovery(client),
      signal,
    });
  } catch (error) {
    throw isOwn(target.name) ? stoppedHere(error, target.name) : error;
  } finally {
    client.close();
  }
}

/** The target's address. @throws ClusterError when it is a cluster of this machine that is not there */
function reachable(target: Target, env: Io["env"]) {
  const address = addressOf(target, env);
  if (!isOwn(target.name) || !address.kubeconfig || existsSync(address.kubeconfig)) return address;
  throw new ClusterError(words.noTarget(target.name, address.kubeconfig), words.makeTarget(target.name));
}

/** A cluster of this machine that does not answer is most often one that was switched off with it. */
function stoppedHere(error: unknown, target: string): unknown {
  if (!(error instanceof ClusterError) || !error.message.includes("ECONNREFUSED")) return error;
  return new ClusterError(error.message, words.startIt(target));
}

/** Runs `work` against the environment's cluster; Ctrl-C ends it in order, a second one at once. */
export async function withSession(
  io: Io,
  argument: string | undefined,
  options: ClusterOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  return interruptible(async (signal) => inSession(io, signal, await choose(argument, options, io.env), options.dist, work));
}
