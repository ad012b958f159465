import { createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { cluster as words } from "../messages/cluster.ts";
import type { Client } from "./client.ts";
import { ClusterError } from "./errors.ts";
import type { KubeObject } from "./objects.ts";
import { openTunnel } from "./tunnel.ts";

/** A local port that leads to a pod. */
export interface Forward {
  readonly name: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Where a component is reached inside the cluster. */
export interface Door {
  readonly name: string;
  readonly namespace: string;
  /** The component's name, by which its pods are labelled. */
  readonly component: string;
  /** The container's port. */
  readonly target: number;
}

/** The pods of a component that would answer: ready, and not on their way out. */
export function readyPods(pods: readonly KubeObject[], component: string): KubeObject[] {
  return pods.filter(({ metadata, status }) => {
    const conditions = (status?.conditions ?? []) as { type: string; status: string }[];
    const ready = conditions.some(({ type, status: state }) => type === "Ready" && state === "True");
    return metadata.labels?.["app.kubernetes.io/name"] === component && !metadata.deletionTimestamp && ready;
  });
}

/** Which pod a connection goes to. @throws ClusterError when there is none */
export type Picker = (client: Client, door: Door) => KubeObject | Promise<KubeObject>;

/** Any ready pod, looked up for each connection, so that an open port survives a roll-out. */
export const pickReady: Picker = async (client, { namespace, component }) => {
  const answer = await client.send({ path: `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io%2Fname%3D${component}` });
  const [pod] = readyPods(client.expect(answer, words.podsOf(component)).body.items ?? [], component);
  if (pod) return pod;
  throw new ClusterError(words.noReadyPod(component), words.seeStatus);
};

/** How it shows that a client has gone; and Ctrl-C is how an open port ends. Neither is a problem. */
const GONE: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"]);

/**
 * Opens a port on the loopback address that leads to a component.
 *
 * @param port the local port; 0 for any
 * @throws ClusterError when the port is in use
 */
export async function forwardTo(
  client: Client,
  door: Door,
  port: number,
  pick: Picker,
  onProblem: (text: string) => void = () => undefined,
): Promise<Forward> {
  const sockets = new Set<Socket>();
  const lead = async (socket: Socket) => {
    const { metadata } = await pick(client, door);
    const tunnel = await openTunnel(client, door.namespace, metadata.name, door.target);
    await pipeline(socket, tunnel, socket);
  };
  // Half open, so that a client that has sent all it wants still gets its answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    lead(socket).catch((error: NodeJS.ErrnoException) => {
      if (!client.signal?.aborted && !GONE.has(error.code ?? "")) onProblem(`${door.name}: ${error.message}`);
      socket.resetAndDestroy(); // what broke off must not look complete
    });
  });
  const opened = await listen(server, port, door.name);
  return {
    name: door.name,
    port: opened,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server, port: number, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const saw = error.code === "EADDRINUSE" ? words.portInUse(port, name) : words.portClosed(port, name, error.code ?? "");
      reject(new ClusterError(saw, words.otherPort(name)));
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
