import { join } from "node:path";
import { Client } from "../cluster/client.ts";
import { type Connection, connect, type Target } from "../cluster/connection.ts";
import { Discovery } from "../cluster/discovery.ts";
import { ClusterError } from "../cluster/errors.ts";
import { readManifests } from "../cluster/manifests.ts";
import type { KubeObject } from "../cluster/objects.ts";
import { type Environment, loadEnvironment } from "../config/load.ts";
import { environmentFile } from "../environments.ts";
import { type Io, line } from "./io.ts";

/** What every command that talks to a cluster is told. */
export interface ClusterOptions extends Target {
  readonly dist: string;
  readonly output: "text" | "json";
}

/** A command at work: an environment, its cluster, and where to write. */
export interface Session {
  readonly io: Io;
  readonly environment: Environment;
  readonly namespace: string;
  readonly client: Client;
  readonly discovery: Discovery;
  /** Ends with Ctrl-C. */
  readonly signal: AbortSignal;
  /** The environment's manifests, as they lie in dist/. */
  manifests(): KubeObject[];
}

/** Contexts that an environment's cluster brings along: what `kind create cluster --config kind.yaml` writes. */
const OWN_CONTEXTS: Readonly<Record<string, string>> = { kind: "kind-cloudnova" };

/** The environment that was named as an argument or by CLOUDNOVA_ENV. */
export function namedEnvironment(name: string | undefined, env: Io["env"]): Environment {
  const asked = name ?? env.CLOUDNOVA_ENV;
  if (!asked) throw new ClusterError("no environment was named", "give its name, such as 'kind' or 'k3s-ec2', or set CLOUDNOVA_ENV");
  return loadEnvironment(environmentFile(asked));
}

/** The cluster of an environment: the one that was named, else the one that belongs to it. */
export function targetOf({ config }: Environment, { context, kubeconfig }: Target): Target {
  return { context: context ?? (kubeconfig ? undefined : OWN_CONTEXTS[config.cluster]), kubeconfig };
}

/** Runs `work` against the environment's cluster; Ctrl-C ends it in order, a second one at once. */
export async function withSession(
  io: Io,
  name: string | undefined,
  options: ClusterOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const environment = namedEnvironment(name, io.env);
  const connection: Connection = await connect(targetOf(environment, options));
  const interrupt = new AbortController();
  const onSignal = () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const client = new Client(connection, interrupt.signal, (words) => line(io.stderr, words));
  try {
    return await work({
      io,
      environment,
      namespace: environment.config.namespace,
      client,
      discovery: new Discovery(client),
      signal: interrupt.signal,
      manifests: () => readManifests(join(options.dist, environment.name)).map(({ object }) => object),
    });
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    client.close();
  }
}
