import { connect, constants } from "node:http2";
import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { Counter, type Outcome, type Target } from "./task.ts";

const TIMEOUT_MS = 10_000;
const CONNECTIONS = 4;
const PATHS = ["/", "/users", "/api/v1/users?limit=10"];
/** Streams begun at once: what servers allow at least (RFC 9113, 6.5.2). */
const STREAMS_AT_ONCE = 100;

/** Asks for pages at a fixed rate. */
export async function visit({ address, port }: Target, rate: number, seconds: number, forged = false): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, rejectUnauthorized: false });
  const [counter, times] = [new Counter(), [] as number[]];
  const one = (path = "/") =>
    new Promise<void>((resolve) => {
      const begun = performance.now();
      const ends = (name: string | number) => {
        counter.add(name);
        times.push(performance.now() - begun);
        resolve();
      };
      const headers = { host: "localhost", ...(forged && { "x-forwarded-for": `203.0.113.${Math.floor(Math.random() * 256)}` }) };
      const options = { host: address, port, path, agent, servername: "localhost", headers };
      const sent = request({ ...options, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
        response.resume().on("error", () => ends("cut off"));
        response.on("end", () => ends(response.statusCode ?? 0));
      });
      sent.on("error", (error: NodeJS.ErrnoException) => ends(error.code ?? error.name)).end();
    });
  const underWay: Promise<void>[] = [];
  for (const begun = Date.now(); underWay.length < rate * seconds; ) {
    const due = Math.min(rate * seconds, ((Date.now() - begun) / 1000) * rate);
    while (underWay.length < due) underWay.push(one(PATHS[underWay.length % PATHS.length]));
    await sleep(5);
  }
  await Promise.all(underWay);
  agent.destroy();
  return { counts: counter.counts, times };
}

/** Begins streams and resets each at once; a connection that the server ends is opened again. */
export async function reset({ address, port }: Target, streams: number, seconds: number): Promise<Outcome> {
  const counter = new Counter();
  const end = Date.now() + seconds * 1000;
  let begun = 0;
  while (begun < streams && Date.now() < end) {
    const session = connect(`https://${address}:${port}`, { rejectUnauthorized: false, servername: "localhost" });
    const gone = new Promise<void>((resolve) => session.on("close", resolve));
    session.on("goaway", (code) => counter.add(`GOAWAY ${code}`)).on("error", () => undefined);
    while (begun < streams && !session.closed && !session.destroyed && Date.now() < end) {
      const batch = Array.from({ length: Math.min(STREAMS_AT_ONCE, streams - begun) }, () => {
        const stream = session.request({ ":path": "/users", ":authority": "localhost" });
        // The request's own frame leaves first. Without a reader a stream that was answered before its reset never closes.
        stream.on("error", () => undefined).resume();
        setImmediate(() => stream.close(constants.NGHTTP2_CANCEL));
        return new Promise<void>((resolve) => stream.on("close", resolve));
      });
      begun += batch.length;
      await Promise.race([gone, Promise.all(batch)]);
    }
    session.destroy();
    counter.add("connections");
    await gone;
  }
  return { counts: { ...counter.counts, "streams reset": begun } };
}
