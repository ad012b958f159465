import { setTimeout as sleep } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { type Bytes, Counter, type Held, type Outcome, statusesIn, type Target } from "./task.ts";

/** How long an answer may take. An answer is whole when the server closes the connection, which each request asks for. */
const ANSWER_MS = 3000;
/** Handshakes under way at once. */
const AT_ONCE = 50;
const POST = ["POST /api/v1/users HTTP/1.1", "Host: localhost", "Content-Type: application/json"].join("\r\n");

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.message;

/** A connection by TLS with HTTP/1.1. @throws Error when there is none within the time of an answer */
function open({ address, port }: Target): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, servername: "localhost", rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] }, () => {
      socket.setTimeout(0).removeAllListeners("timeout").off("error", reject);
      resolve(socket);
    });
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error("no handshake")));
    socket.once("error", reject);
  });
}

/** Sends bytes, and collects what comes until the server closes or nothing has come for a while. */
async function answerTo(target: Target, { text }: Bytes): Promise<string> {
  const socket = await open(target);
  return new Promise((resolve) => {
    let received = "";
    socket.setEncoding("latin1").on("data", (chunk) => (received += chunk));
    socket.on("error", (error) => (received += `(${codeOf(error)})`));
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.on("close", () => resolve(received));
    socket.write(text, "latin1");
  });
}

/** Sends each of these on a connection of its own. */
export async function send(target: Target, all: readonly Bytes[]): Promise<Outcome> {
  const replies: Record<string, string> = {};
  await Promise.all(
    all.map(async (bytes) => {
      replies[bytes.name] = await answerTo(target, bytes).catch((error: Error) => `(${codeOf(error)})`);
    }),
  );
  return { replies };
}

const SLOW = "Content-Length: 1000\r\n\r\n";

/** How each kind of held connection begins, and what it sends each second. */
const HELD: Readonly<Record<Held, { readonly begin: string; readonly more: string }>> = {
  silence: { begin: "", more: "" },
  header: { begin: "GET /users HTTP/1.1\r\nHost: localhost\r\n", more: "X-More: 1\r\n" },
  body: { begin: `${POST}\r\n${SLOW}`, more: " " },
  page: { begin: `GET /users HTTP/1.1\r\nHost: localhost\r\n${SLOW}`, more: " " },
};

/** Opens connections, and keeps them open for so long. */
export async function hold(target: Target, what: Held, count: number, seconds: number): Promise<Outcome> {
  const { begin, more } = HELD[what];
  const end = Date.now() + seconds * 1000;
  const [counter, held] = [new Counter(), new Set<TLSSocket>()];
  const lane = async (own: number) => {
    for (let done = 0; done < own && Date.now() < end; done++) {
      const socket = await open(target).catch((error: Error) => counter.add(codeOf(error)));
      if (!socket) continue;
      counter.add("opened");
      held.add(socket);
      socket.setEncoding("latin1").on("data", (text: string) => counter.add(...statusesIn(text)));
      socket.on("error", () => undefined).on("close", () => held.delete(socket) && counter.add("closed by the server"));
      if (begin) socket.write(begin);
    }
  };
  const lanes = Math.min(AT_ONCE, count);
  const opening = Promise.all(Array.from({ length: lanes }, (_, index) => lane(Math.floor((count + index) / lanes))));
  while (Date.now() < end) {
    await sleep(1000);
    if (more) for (const socket of held) socket.write(more);
  }
  await opening;
  for (const socket of held) held.delete(socket) && socket.destroy();
  return { counts: counter.counts };
}

/** Sends bodies that say how long they are, as fast as the server takes them, until it answers. */
export async function large(target: Target, bytes: number, count: number, seconds: number): Promise<Outcome> {
  const counter = new Counter();
  const piece = Buffer.alloc(64 * 1024, " ");
  const end = Date.now() + seconds * 1000;
  const one = async () => {
    const socket = await open(target);
    let [answered, left] = [false, bytes];
    socket.setEncoding("latin1").on("data", (text: string) => {
      answered = true;
      counter.add(...statusesIn(text));
    });
    const closed = new Promise((resolve) => socket.on("error", () => undefined).on("close", resolve));
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.write(`${POST}\r\nConnection: close\r\nContent-Length: ${bytes}\r\n\r\n`);
    const pour = () => {
      while (left > 0 && !answered && !socket.destroyed && Date.now() < end) {
        left -= piece.length;
        if (!socket.write(piece)) return void socket.once("drain", pour);
      }
    };
    pour();
    await closed;
    if (!answered) counter.add("closed without an answer");
  };
  await Promise.all(
    Array.from({ length: count }, async () => {
      while (Date.now() < end) await one().catch((error: Error) => counter.add(codeOf(error)));
    }),
  );
  return { counts: counter.counts };
}
