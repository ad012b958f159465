import { PassThrough, type Readable } from "node:stream";
import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError, Interrupted } from "../cluster-error.ts";
import type { Client } from "./client.ts";

/** A container of a pod. */
export interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** How a command in a container ended. */
export interface Ended {
  /** Its exit code; 126 or 127 where there is no such program. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command, with what it reads. */
export type Run = (command: readonly string[], input?: Readable) => Promise<Ended>;

/** The web socket that the library opens, as far as it is used here. */
interface WebSocket {
  readonly protocol: string;
  send(data: Buffer, done: (error?: Error | null) => void): void;
  terminate(): void;
  on(event: "close", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
}

/** The channels of a command (k8s.io/apimachinery, pkg/util/remotecommand); each message begins with its channel's number. */
const [STDIN, STDOUT, STDERR, ERROR, CLOSE] = [0, 1, 2, 3, 255];
/** The version of the protocol that can end standard input: since Kubernetes 1.30. */
const CLOSES = "v5.channel.k8s.io";
/** Bytes of a message, as kubectl sends them. */
const MESSAGE = 32 * 1024;
/** Bytes of an output that are kept; of more, the last ones. */
const KEPT = 4 * 2 ** 20;

/** What the API server says at the end. */
interface Status {
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** @throws ClusterError where the command did not run */
function exitCode({ status, reason, message, details }: Status, pod: string): number {
  if (status === "Success") return 0;
  const code = details?.causes?.find((cause) => cause.reason === "ExitCode")?.message;
  if (reason === "NonZeroExitCode" && code !== undefined) return Number(code);
  if (/executable file not found|no such file or directory/i.test(message ?? "")) return 127;
  throw new ClusterError(words.notRun(pod, message ?? reason ?? ""), words.seeStatus);
}

/** Sends what a command reads, as fast as it takes it, and its end. */
async function feed(send: (channel: number, data: Buffer) => Promise<void>, input: Readable): Promise<void> {
  for await (const chunk of input as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at += MESSAGE) await send(STDIN, chunk.subarray(at, at + MESSAGE));
  }
  await send(CLOSE, Buffer.of(STDIN));
}

/**
 * Runs a command in a container, through the API server and the kubelet. The library's own Exec reads its input faster than it is taken: a
 * dump would be held in memory.
 *
 * @param input what the command reads. An error of it ends the command's connection, and is thrown
 * @throws ClusterError when the command cannot be run, or the connection breaks  @throws Interrupted
 */
export async function exec(
  { connection, signal }: Pick<Client, "connection" | "signal">,
  { namespace, pod, container }: Place,
  command: readonly string[],
  input?: Readable,
): Promise<Ended> {
  if (signal?.aborted) throw new Interrupted();
  const { WebSocketHandler } = await import("@kubernetes/client-node/dist/web-socket-handler.js");
  const outputs = new Map([STDOUT, STDERR].map((channel) => [channel, Buffer.alloc(0)]));
  let status: Status | undefined;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const receive = (channel: number, message: Buffer): boolean => {
    const before = outputs.get(channel);
    if (before) outputs.set(channel, Buffer.concat([before, message]).subarray(-KEPT));
    if (channel === ERROR) {
      // The last message: what the command wrote came before. The server may not read any more, so its goodbye is not waited for.
      status = JSON.parse(message.toString());
      end();
    }
    return true;
  };
  const query = new URLSearchParams({ container, stdout: "true", stderr: "true", stdin: String(input !== undefined) });
  for (const word of command) query.append("command", word);
  // The library ends the streams that it is given when a channel ends: by default this process' own.
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const handler = new WebSocketHandler(connection.config, undefined, streams);
  const socket = await handler.connect(`/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query}`, null, receive).then(
    (one) => one as unknown as WebSocket,
    (error: Error) => {
      throw new ClusterError(words.notRun(pod, error.message), words.seeStatus);
    },
  );
  socket.on("close", () => end());
  let broken: Error | undefined;
  socket.on("error", (error) => {
    broken = error;
  });
  const send = (channel: number, data: Buffer) =>
    new Promise<void>((resolve, reject) => {
      socket.send(Buffer.concat([Buffer.of(channel), data]), (error) => (error ? reject(error) : resolve()));
    });
  const stop = () => socket.terminate();
  signal?.addEventListener("abort", stop);
  try {
    if (input && socket.protocol !== CLOSES) throw new ClusterError(words.execTooOld, words.execTooOldAdvice);
    let failure: unknown;
    if (input) {
      // A command that ends before it has read all closes the connection: its status, which may still be on its way, says why.
      const fed = feed(send, input).catch((error) => {
        failure = error;
        if (input.errored) stop();
      });
      await Promise.race([fed, ended]);
    }
    await ended;
    if (signal?.aborted) throw new Interrupted();
    if (status) return { status: exitCode(status, pod), stdout: String(outputs.get(STDOUT)), stderr: String(outputs.get(STDERR)) };
    throw (
      input?.errored ??
      new ClusterError(words.notRun(pod, (broken ?? (failure as Error | undefined))?.message ?? words.connectionEnded), words.seeStatus)
    );
  } finally {
    signal?.removeEventListener("abort", stop);
    input?.destroy();
    socket.terminate();
  }
}
