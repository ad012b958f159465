import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Client } from "./client.ts";
import { portOwner } from "./listener.ts";
import { openTunnel } from "./tunnel.ts";

/** A local port that leads to a pod. */
export interface Forward {
  readonly name: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Where a component is reached inside the cluster. */
export interface ForwardTarget {
  readonly name: string;
  readonly namespace: string;
  /** The component's name, by which its pods are labelled. */
  readonly component: string;
  /** The container's port. */
  readonly target: number;
}

/** The pods of a component that would answer: ready, and not terminating. */
export function readyPods(pods: readonly KubeObject[], component: string): KubeObject[] {
  return pods.filter(({ metadata, status }) => {
    const conditions = (status?.conditions ?? []) as { type: string; status: string }[];
    const ready = conditions.some(({ type, status: state }) => type === "Ready" && state === "True");
    return metadata.labels?.["app.kubernetes.io/name"] === component && !metadata.deletionTimestamp && ready;
  });
}

/** Which pods a connection may go to, at least one. @throws ClusterError when there is none */
export type Picker = (client: Client, target: ForwardTarget) => readonly KubeObject[] | Promise<readonly KubeObject[]>;

/** The ready pods, looked up for each connection, so that an open port survives a roll-out. */
export const pickReady: Picker = async (client, { namespace, component }) => {
  const answer = await client.send({ path: `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io%2Fname%3D${component}` });
  const pods = readyPods(client.expect(answer, words.podsOf(component)).body.items ?? [], component);
  if (pods.length > 0) return pods;
  throw new ClusterError(words.noReadyPod(component), words.seeStatus);
};

/** How it shows that a client has gone; and Ctrl-C is how an open port ends. Neither is a problem. */
const GONE: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"]);

/** How often it is looked whether a pod is ready. */
const POLL_MS = 500;

/**
 * Opens a port on the loopback address that leads to a component: to one pod as long as it is ready, then to the next.
 *
 * @param port the local port; 0 for any
 * @param onNote called with a message when something goes wrong, and when another pod takes over
 * @param patienceMs how long a connection waits for a pod to be ready. @default not at all
 * @throws ClusterError when the port is in use
 */
export async function forwardTo(
  client: Client,
  target: ForwardTarget,
  port: number,
  pick: Picker,
  onNote: (text: string) => void = () => undefined,
  patienceMs = 0,
): Promise<Forward> {
  const sockets = new Set<Socket>();
  let [current, lastNote] = ["", ""];
  const note = (text: string) => {
    if (text !== lastNote) onNote(`${target.name}: ${text}`); // a browser tries many times
    lastNote = text;
  };
  const candidates = async (socket: Socket): Promise<string[]> => {
    for (const deadline = Date.now() + patienceMs; ; await sleep(POLL_MS)) {
      try {
        const names = (await pick(client, target)).map(({ metadata }) => metadata.name);
        return [...names.filter((name) => name === current), ...names.filter((name) => name !== current)];
      } catch (error) {
        if (!(error instanceof ClusterError) || Date.now() >= deadline || socket.destroyed || client.signal?.aborted) throw error;
        note(error.message);
      }
    }
  };
  const lead = async (socket: Socket) => {
    const { pod, tunnel } = await firstTunnel(client, target, await candidates(socket));
    if (current && pod !== current) note(words.otherPod(pod, current));
    else lastNote = "";
    current = pod;
    await pipeline(socket, tunnel, socket);
  };
  // Half open, so that a client that has sent all it wants still gets its answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    lead(socket).catch((error: NodeJS.ErrnoException) => {
      if (!client.signal?.aborted && !GONE.has(error.code ?? "")) note(error.message);
      socket.resetAndDestroy(); // what broke off must not look complete
    });
  });
  const opened = await listen(server, port, target.name);
  return {
    name: target.name,
    port: opened,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A tunnel to the first of the pods that can be reached. @throws the last one's error when none can */
async function firstTunnel(
  client: Client,
  { namespace, target }: ForwardTarget,
  pods: readonly string[],
): Promise<{ pod: string; tunnel: Duplex }> {
  let failure: unknown;
  for (const pod of pods) {
    try {
      return { pod, tunnel: await openTunnel(client, namespace, pod, target) };
    } catch (error) {
      failure = error; // it may have ended since it was looked up
    }
  }
  throw failure;
}

function listen(server: Server, port: number, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const saw =
        error.code === "EADDRINUSE" ? words.portInUse(port, name, portOwner(port)) : words.portClosed(port, name, error.code ?? "");
      reject(new ClusterError(saw, words.otherPort(name)));
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
