import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { Client } from "../cluster/client.ts";
import { connect } from "../cluster/connection.ts";
import { Discovery } from "../cluster/discovery.ts";
import { ClusterError } from "../cluster/errors.ts";
import { openManifests, type Source } from "../cluster/manifests.ts";
import type { Environment } from "../config/load.ts";
import { commands as words } from "../messages/commands.ts";
import { printFor } from "../printed.ts";
import { isOwn, type Named, type Target } from "../target/names.ts";
import { addressOf } from "../target/place.ts";
import { type Choice, type Choosing, choose, readEnvironment } from "./choice.ts";
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

/** An environment's name: its file's. */
const nameIn = (environment: string): string => basename(environment).replace(/\.ya?ml$/, "");

/** The environment's manifests. @throws EnvironmentError when there is no such environment, ClusterError when nothing was written for it */
export async function sourceOf(environment: string, dist: string): Promise<Source> {
  const folder = join(dist, nameIn(environment));
  if (!existsSync(folder)) await readEnvironment(environment);
  return openManifests(folder);
}

/** The words of a command line that name a cluster, and where the manifests are. */
function clusterWords(environment: string, { name, context, kubeconfig }: Target, dist: string): string[] {
  const cluster = isOwn(name) ? (name === environment ? [] : ["--target", name]) : context ? ["--context", context] : [];
  return [...cluster, ...(kubeconfig ? ["--kubeconfig", kubeconfig] : []), ...(dist === "dist" ? [] : ["--dist", dist])];
}

/** Runs `work` against the chosen cluster. */
export async function inSession<T>(
  io: Io,
  signal: AbortSignal,
  { environment, target }: Omit<Choice, "named">,
  dist: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const name = nameIn(environment);
  printFor(environment, clusterWords(environment, target, dist));
  const address = reachable(target, io.env);
  const source = await sourceOf(environment, dist);
  const connection = await connect(address).catch((error: unknown) => {
    // kind's context is in the user's own kubeconfig: where it is not, there is no such cluster.
    throw target.name === "kind" && error instanceof ClusterError ? new ClusterError(error.message, words.makeTarget) : error;
  });
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
    throw isOwn(target.name) ? stoppedHere(error) : error;
  } finally {
    client.close();
  }
}

/** The target's address. @throws ClusterError when it is a cluster of this machine that is not there */
function reachable(target: Target, env: Io["env"]) {
  const address = addressOf(target, env);
  if (!isOwn(target.name) || !address.kubeconfig || existsSync(address.kubeconfig)) return address;
  throw new ClusterError(words.noTarget(target.name, address.kubeconfig), words.makeTarget);
}

/** A cluster of this machine that does not answer is most often one that was switched off with it. */
function stoppedHere(error: unknown): unknown {
  if (!(error instanceof ClusterError) || !error.message.includes("ECONNREFUSED")) return error;
  return new ClusterError(error.message, words.startIt);
}

/** Runs `work` against the cluster of the chosen environment; Ctrl-C ends it in order, a second one at once. */
export async function withSession(
  io: Io,
  argument: string | undefined,
  options: ClusterOptions,
  work: (session: Session) => Promise<number>,
  choosing?: Choosing,
): Promise<number> {
  return interruptible(async (signal) => {
    const choice = await choose({ env: io.env, stderr: io.stderr, signal }, argument, options, choosing);
    return inSession(io, signal, choice, options.dist, work);
  });
}
