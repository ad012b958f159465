import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { backup as words } from "../../messages/backup.ts";
import { ClusterError } from "../cluster-error.ts";
import type { Client } from "../transport/client.ts";
import { openTunnel } from "../transport/tunnel.ts";
import { until } from "../transport/until.ts";
import { deleteJob, startJob, waitForStart } from "./job.ts";

/** The port on its own loopback address at which the backup program serves files. */
const SERVED = 8099;
/** The program listens within a second of its start, ms. */
const LISTENS_MS = 30_000;
const POLL_MS = 500;

/** A request to the program in the pod. */
export interface Asked {
  readonly method: "GET" | "PUT";
  /** Name of a backup; empty: whether it answers. */
  readonly name: string;
  /** What is sent, and its length in bytes. */
  readonly body?: { readonly stream: Readable; readonly bytes: number };
}

/** Sends a request over a connection of its own. The answer's body is still to be read. */
export async function ask(connection: NodeJS.ReadWriteStream, { method, name, body }: Asked): Promise<IncomingMessage> {
  const headers = { host: "localhost", connection: "close", ...(body && { "content-length": String(body.bytes) }) };
  const sent = request({ createConnection: () => connection as Socket, method, path: `/${name}`, headers });
  const answer = new Promise<IncomingMessage>((resolve, reject) => sent.on("response", resolve).on("error", reject));
  if (!body) {
    sent.end();
    return answer;
  }
  // A refusal may come before all was sent: it says why, and the broken connection does not.
  const sending = pipeline(body.stream, sent);
  sending.catch(() => undefined);
  return Promise.race([answer, sending.then(() => answer)]);
}

/** The text of an answer. */
export async function textOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) text += chunk;
  return text.trim();
}

/**
 * Has the backup program of a unit serve its files while `work` goes on.
 *
 * @throws ClusterError when it does not start or answer, Interrupted
 */
export async function withFiles<T>(
  client: Client,
  namespace: string,
  note: (text: string) => void,
  work: (send: (asked: Asked) => Promise<IncomingMessage>) => Promise<T>,
): Promise<T> {
  const running = await startJob(client, namespace, { words: ["serve"] });
  try {
    const { metadata } = await waitForStart(client, running, { note });
    const send = async (asked: Asked) => ask(await openTunnel(client, namespace, metadata.name, SERVED), asked);
    await until(async () => ((await send({ method: "GET", name: "" })).resume().statusCode === 200 ? true : undefined), {
      limitMs: LISTENS_MS,
      everyMs: POLL_MS,
      signal: client.signal,
      retries: () => true,
      late: (reason) => {
        throw new ClusterError(words.noServer, reason);
      },
    });
    return await work(send);
  } finally {
    await deleteJob(client, running);
  }
}
