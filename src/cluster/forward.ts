import { createServer, type Server, type Socket } from "node:net";
import type { Client } from "./client.ts";
import { ClusterError } from "./errors.ts";
import type { KubeObject } from "./objects.ts";

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
export const pickReady: Picker = async (client, { name, namespace, component }) => {
  const answer = await client.send({ path: `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io%2Fname%3D${component}` });
  const [pod] = readyPods(client.expect(answer, `pods of ${component}`).body.items ?? [], component);
  if (pod) return pod;
  throw new ClusterError(`${name}: no pod of ${component} is ready`, "see 'cloudnova status'");
};

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
  onProblem: (words: string) => void = () => undefined,
): Promise<Forward> {
  const { PortForward } = await import("@kubernetes/client-node/dist/portforward.js");
  const tunnel = new PortForward(client.connection.config);
  const sockets = new Set<Socket>();
  const lead = async (socket: Socket) => {
    const { metadata } = await pick(client, door);
    const stream = await tunnel.portForward(door.namespace, metadata.name, [door.target], socket, null, socket);
    // The library does not pass an end of the far side on; without it a reader would wait for ever.
    if (typeof stream !== "function") stream.on("close", () => socket.end());
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    lead(socket).catch((error: Error) => {
      if (!client.signal?.aborted) onProblem(error.message); // Ctrl-C is how an open port ends
      socket.destroy();
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
      const advice = `choose another under open: in the environment, or with --port ${name}=PORT`;
      const why = error.code === "EADDRINUSE" ? "is in use on this machine" : `cannot be opened (${error.code})`;
      reject(new ClusterError(`port ${port} for ${name} ${why}`, advice));
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
