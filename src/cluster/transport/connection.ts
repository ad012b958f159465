import { type Agent, Agent as HttpsAgent, type RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { nearest } from "../../config/explain.ts";
import { cluster as words } from "../../messages/cluster.ts";
import { refusal as say } from "../../messages/refusal.ts";
import { ClusterError } from "../cluster-error.ts";

/** Which cluster the user means. Never "whichever is current": that may be a production cluster. */
export interface Target {
  /** A context's name; may be left out only when `kubeconfig` names a file that holds a single one. */
  readonly context?: string;
  /** A kubeconfig file. @default those of $KUBECONFIG, else ~/.kube/config */
  readonly kubeconfig?: string;
  /** The kubeconfig itself. @default read from a file */
  readonly text?: string;
  /** Host at which the cluster's ingress is reached. @default a node's address */
  readonly ingress?: string;
}

/** A cluster, with the credentials for it. */
export interface Connection {
  readonly context: string;
  readonly server: string;
  readonly config: KubeConfig;
  /** Host at which the ingress is reached, where the target says so. */
  readonly ingress?: string;
  /** Certificates and headers for a request; asked anew when the server no longer accepts the last ones. */
  credentials(): Promise<Credentials>;
}

/** What a request carries besides its path. */
export interface Credentials {
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth?: string;
}

/** Requests at a time to the API server: each is a TLS handshake first, and more make a small machine slower, not faster. */
export const WIDTH = 4;

/**
 * Reads the kubeconfig and picks the named context.
 *
 * @throws ClusterError when the file or the context is not there, or is broken
 */
export async function connect(target: Target): Promise<Connection> {
  // The package's own entry also loads every API class, a second of work that nothing here needs.
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const config = new KubeConfig();
  const from = target.text ? (target.context ?? "") : (target.kubeconfig ?? (process.env.KUBECONFIG || "~/.kube/config"));
  try {
    if (target.text) config.loadFromString(target.text);
    else if (target.kubeconfig) config.loadFromFile(target.kubeconfig);
    else config.loadFromDefault();
  } catch (error) {
    throw new ClusterError(words.kubeconfig(from, reason(error)), words.otherKubeconfig);
  }
  const context = pickContext(
    config
      .getContexts()
      .map(({ name }) => name)
      .filter((name) => !MADE_UP.includes(name)),
    target,
    from,
  );
  config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new ClusterError(words.kubeconfig(from, words.lostCluster(context)), words.repairFile);
  if (!/^https:/.test(cluster.server)) {
    throw new ClusterError(words.noHttps(context, cluster.server));
  }
  return {
    context,
    server: cluster.server.replace(/\/+$/, ""),
    config,
    ingress: target.ingress,
    credentials: () => credentials(config, context),
  };
}

/** The server that the library invents where there is no file. */
const MADE_UP = ["loaded-context", "inClusterContext"];

const reason = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return words.noSuchFile;
  return code ? words.cannotRead(code) : words.noKubeconfig(message.split("\n")[0] ?? "");
};

/** The context that the user named. @throws ClusterError when it is not there, or none was named */
export function pickContext(known: readonly string[], { context, kubeconfig }: Target, from: string): string {
  const there = known.length > 0 ? words.thereAre(known.join(", ")) : words.noContexts;
  if (context === undefined) {
    const [only, ...others] = known;
    if (kubeconfig && only !== undefined && others.length === 0) return only;
    throw new ClusterError(words.noContextNamed(from, there), words.nameContext);
  }
  if (known.includes(context)) return context;
  throw new ClusterError(words.noContext(from, context, nearest(context, known), there), words.giveContext);
}

async function credentials(config: KubeConfig, context: string): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new ClusterError(words.noCredentials(context, (error as Error).message), words.logIn);
  }
  // A connection for each request would double the time: only a proxy's agent is kept as it is.
  const agent = config.getCurrentCluster()?.proxyUrl
    ? (options.agent as Agent)
    : new HttpsAgent({
        keepAlive: true,
        ca: options.ca,
        cert: options.cert,
        key: options.key,
        servername: options.servername,
        ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
      });
  return { agent, headers: (options.headers ?? {}) as Record<string, string>, ...(options.auth ? { auth: options.auth } : {}) };
}

/** The ways in which OpenSSL says that the certificate authority is not the one in the kubeconfig. */
const UNTRUSTED = /^(SELF_SIGNED|DEPTH_ZERO_SELF|UNABLE_TO_|CERT_SIGNATURE)/;

/** The message for a connection that failed. */
export function explainConnection(error: NodeJS.ErrnoException, { context, server }: Pick<Connection, "context" | "server">): ClusterError {
  const code = error.code ?? "";
  const [why, advice] = say.connection[code] ?? (UNTRUSTED.test(code) ? say.untrusted : [error.message, say.checkServer]);
  return new ClusterError(say.noConnection(context, server, `${why}${code ? ` (${code})` : ""}`), advice);
}
