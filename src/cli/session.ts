import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { ClusterError } from "../cluster/cluster-error.ts";
import { openManifests, type Source } from "../cluster/objects/manifests.ts";
import { Client } from "../cluster/transport/client.ts";
import { type Connection, connect } from "../cluster/transport/connection.ts";
import { Discovery } from "../cluster/transport/discovery.ts";
import { connects } from "../cluster/transport/ingress-client.ts";
import type { Environment } from "../config/load.ts";
import { commands as words } from "../messages/commands.ts";
import { machine } from "../messages/machine.ts";
import { ssh } from "../messages/ssh.ts";
import { printFor } from "../printed.ts";
import { machineFacts } from "../target/facts.ts";
import { isOwn, type Named, type OwnTarget, type Target } from "../target/names.ts";
import { addressOf, reach } from "../target/place.ts";
import type { Surroundings } from "../target/process.ts";
import { sshTarget } from "../target/ssh-address.ts";
import { type Choice, type Choosing, choose, located, readEnvironment } from "./choice.ts";
import { interruptible } from "./interrupt.ts";
import { type Io, line } from "./io.ts";

/** Options of every command that talks to a cluster. */
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
  /** The cluster as it was named. */
  readonly target: Target;
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
export async function sourceOf(environment: string, dist: string, stderr: Io["stderr"]): Promise<Source> {
  const folder = join(dist, nameIn(environment));
  if (!existsSync(folder)) await readEnvironment(environment, stderr);
  return openManifests(folder);
}

/** The words of a command line that name a cluster, and where the manifests are. */
function clusterWords(environment: string, { name, context, kubeconfig, ssh, implied }: Target, dist: string): string[] {
  const server = implied ? [] : ssh && ["--target", sshTarget(ssh)];
  const cluster = server ?? (isOwn(name) ? (name === environment ? [] : ["--target", name]) : context ? ["--context", context] : []);
  return [...cluster, ...(kubeconfig ? ["--kubeconfig", kubeconfig] : []), ...(dist === "dist" ? [] : ["--dist", dist])];
}

/** Has every printed command name this environment and cluster. @param dist where the manifests are */
export const printForChoice = ({ environment, target }: Pick<Choice, "environment" | "target">, dist: string): void =>
  printFor(environment, clusterWords(environment, target, dist));

/**
 * Runs `work` against the chosen cluster.
 *
 * @param isUp whether the cluster was just seen to answer; otherwise one of this machine that does not is refused at once
 */
export async function inSession<T>(
  io: Io,
  signal: AbortSignal,
  choice: Omit<Choice, "named">,
  dist: string,
  work: (session: Session) => Promise<T>,
  isUp = false,
): Promise<T> {
  const { environment } = choice;
  const name = nameIn(environment);
  printForChoice(choice, dist);
  const around = { env: io.env, stderr: io.stderr, signal };
  const target = await located(around, choice);
  const address = target.ssh ? await reach(around, target) : reachable(target, io.env);
  const source = await sourceOf(environment, dist, io.stderr);
  const connection = await connect(address).catch((error: unknown) => {
    // kind's context is in the user's own kubeconfig: where it is not, there is no such cluster.
    throw target.name === "kind" && error instanceof ClusterError ? new ClusterError(error.message, words.makeTarget) : error;
  });
  if (isOwn(target.name) && !isUp) await refuseSilent(around, target.name, connection);
  const client = new Client(connection, signal, (text) => line(io.stderr, text));
  try {
    return await work({
      io,
      name,
      environment: () => readEnvironment(environment, io.stderr),
      target,
      source,
      client,
      discovery: new Discovery(client),
      signal,
    });
  } catch (error) {
    if (target.ssh) throw tunnelClosed(error);
    throw isOwn(target.name) ? await stoppedHere(around, target.name, connection, error) : error;
  } finally {
    client.close();
  }
}

/** ssh closes a connection through the tunnel when nothing listens at its other end. */
function tunnelClosed(error: unknown): unknown {
  if (!(error instanceof ClusterError) || !/ECONNRESET|EPIPE|socket hang up/.test(error.message)) return error;
  return new ClusterError(error.message, ssh.k3sSilent);
}

/** The target's address. @throws ClusterError when it is a cluster of this machine that is not there */
function reachable(target: Target, env: Io["env"]) {
  const address = addressOf(target, env);
  if (!isOwn(target.name) || !address.kubeconfig || existsSync(address.kubeconfig)) return address;
  throw new ClusterError(words.noTarget(target.name, address.kubeconfig), words.makeTarget);
}

/**
 * Refuses a cluster of this machine whose port is closed, with the reason: checks and forwards would each wait for it.
 *
 * @throws ClusterError that says how to start it
 */
async function refuseSilent(around: Surroundings, target: OwnTarget, { context, server }: Connection): Promise<void> {
  const { hostname, port } = new URL(server);
  if (await connects(hostname, Number(port) || 443)) return;
  throw new ClusterError(machine.clusterSilent(context, server, await whySilent(around, target)), words.startIt);
}

/** Why a cluster of this machine does not answer, as far as Docker reports it. */
async function whySilent(around: Surroundings, target: OwnTarget): Promise<string> {
  if (target !== "kind") return machine.nothingListens;
  const { docker, engine, kindCluster } = await machineFacts(around);
  if (engine === "docker" && docker.state !== "answers") return machine.dockerWhy[docker.state];
  if (!kindCluster || kindCluster.length === 0) return machine.noSuchCluster(engine);
  return kindCluster.every(({ status }) => status === "running") ? machine.nothingListens : machine.clusterStopped;
}

/** A connection to a cluster of this machine that breaks in the middle: most often Docker has ended, or the machine is short of memory. */
async function stoppedHere(around: Surroundings, target: OwnTarget, { context, server }: Connection, error: unknown): Promise<unknown> {
  if (!(error instanceof ClusterError) || !error.message.includes("ECONNREFUSED")) return error;
  return new ClusterError(machine.clusterSilent(context, server, await whySilent(around, target)), words.startIt);
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
