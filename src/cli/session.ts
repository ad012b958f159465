import { setMaxListeners } from "node:events";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { Client } from "../cluster/client.ts";
import { connect, type Target } from "../cluster/connection.ts";
import { Discovery } from "../cluster/discovery.ts";
import { ClusterError } from "../cluster/errors.ts";
import { openManifests, type Source } from "../cluster/manifests.ts";
import type { Environment } from "../config/load.ts";
import { EXIT, type Io, line } from "./io.ts";

/** What every command that talks to a cluster is told. */
export interface ClusterOptions extends Target {
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

/** Contexts that an environment's cluster brings along: what `kind create cluster --config kind.yaml` writes. */
const OWN_CONTEXTS: Readonly<Record<string, string>> = { kind: "kind-cloudnova" };

/** The environment of that name or file. The schema takes longer to load than most commands run: only for those that need it. */
export async function readEnvironment(named: string): Promise<Environment> {
  const [{ loadEnvironment }, { environmentFile }] = await Promise.all([import("../config/load.ts"), import("../environments.ts")]);
  return loadEnvironment(environmentFile(named));
}

/** What the user calls the environment: the argument, else CLOUDNOVA_ENV. @throws ClusterError when neither is there */
export function namedEnvironment(argument: string | undefined, env: Io["env"]): string {
  const named = argument ?? env.CLOUDNOVA_ENV;
  if (named) return named;
  throw new ClusterError("no environment was named", "give its name, such as 'kind' or 'k3s-ec2', or set CLOUDNOVA_ENV");
}

/** The cluster that was named, else the one that belongs to the environment. */
async function targetOf(named: string, { context, kubeconfig }: Target): Promise<Target> {
  if (context || kubeconfig) return { context, kubeconfig };
  return { context: OWN_CONTEXTS[(await readEnvironment(named)).config.cluster] };
}

/** The environment's manifests. @throws EnvironmentError when there is no such environment, ClusterError when nothing was written for it */
async function sourceOf(named: string, name: string, dist: string): Promise<Source> {
  const folder = join(dist, name);
  if (!existsSync(folder)) await readEnvironment(named);
  return openManifests(folder);
}

/** Runs `work` against the environment's cluster; Ctrl-C ends it in order, a second one at once. */
export async function withSession(
  io: Io,
  argument: string | undefined,
  options: ClusterOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const named = namedEnvironment(argument, io.env);
  const name = basename(named).replace(/\.ya?ml$/, "");
  const source = await sourceOf(named, name, options.dist);
  const connection = await connect(await targetOf(named, options));
  const interrupt = new AbortController();
  const { signal } = interrupt;
  setMaxListeners(0, signal); // each request under way listens
  const onSignal = () => {
    if (signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const client = new Client(connection, signal, (words) => line(io.stderr, words));
  try {
    return await work({ io, name, environment: () => readEnvironment(named), source, client, discovery: new Discovery(client), signal });
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    client.close();
  }
}
