import { Duplex } from "node:stream";
import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import type { Client } from "./client.ts";

/** The web socket that the library opens, as far as it is used here. */
interface WebSocket {
  send(data: Buffer, done: (error?: Error | null) => void): void;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
  on(event: "close", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
}

/** The two channels of a forwarded port; each message begins with its channel's number. */
const [DATA, ERROR] = [0, 1];
/** Each channel's first message is the port's number, in two bytes. */
const PORT_BYTES = 2;
/**
 * How long the far side may go on after ours has ended, without sending anything. The protocol cannot end one direction alone, and
 * a client that only has no more to send looks the same as one that has gone.
 */
const LINGER_MS = 5000;

/**
 * A connection to a port of a pod, through the API server and the kubelet: one web socket, that ends with it.
 * The library's own PortForward never closes the web socket of a connection that is torn down, writes errors into the data, and
 * reads faster than the client takes.
 *
 * @throws ClusterError when the pod cannot be reached; an error that comes later destroys the stream
 */
export async function openTunnel(
  { connection }: Pick<Client, "connection">,
  namespace: string,
  pod: string,
  port: number,
): Promise<Duplex> {
  const { WebSocketHandler } = await import("@kubernetes/client-node/dist/web-socket-handler.js");
  const refused = (why: string) => new ClusterError(words.podPort(port, pod, why), words.seeStatus);
  const begun = new Set<number>();
  let socket: WebSocket | undefined;
  let quiet: NodeJS.Timeout | undefined;
  const tunnel = new Duplex({
    allowHalfOpen: false,
    read: () => socket?.resume(),
    write: (chunk: Buffer, _, done) => socket?.send(Buffer.concat([Buffer.of(DATA), chunk]), done),
    final: (done) => {
      quiet = setTimeout(() => socket?.close(), LINGER_MS).unref();
      done();
    },
    destroy: (error, done) => {
      clearTimeout(quiet);
      socket?.terminate();
      done(error);
    },
  });
  const receive = (channel: number, message: Buffer): boolean => {
    const data = begun.has(channel) ? message : message.subarray(PORT_BYTES);
    begun.add(channel);
    quiet?.refresh();
    if (data.length === 0 || tunnel.destroyed) return true;
    if (channel === ERROR) tunnel.destroy(refused(data.toString().trim()));
    else if (!tunnel.push(data)) socket?.pause();
    return true;
  };
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/portforward?ports=${port}`;
  socket = await new WebSocketHandler(connection.config).connect(path, null, receive).then(
    (one) => one as unknown as WebSocket,
    (error: Error) => {
      throw refused(error.message);
    },
  );
  socket.on("close", () => tunnel.push(null));
  socket.on("error", (error) => tunnel.destroy(refused(error.message)));
  return tunnel;
}
