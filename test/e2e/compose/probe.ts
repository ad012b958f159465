import { Agent, request } from "node:https";
import type { Sample } from "./outage.ts";

/** A request that takes longer is lost: a visitor has gone. */
const TIMEOUT_MS = 10_000;
const PATH = "/users";

/** Asks for the list of users on a port of 127.0.0.1. A whole answer of 200 is a good one. */
export async function ask(port: number, agent?: Agent): Promise<Sample> {
  const sent = Date.now();
  const failure = await new Promise<string | undefined>((resolve) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const broken = (error: NodeJS.ErrnoException) => resolve(signal.aborted ? "time-out" : (error.code ?? error.message));
    const options = { host: "127.0.0.1", port, path: PATH, headers: { host: "localhost" }, servername: "localhost" };
    const asked = request({ ...options, rejectUnauthorized: false, agent, signal });
    asked.on("error", broken).on("response", (response) => {
      response.on("error", broken).on("end", () => resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`));
      response.resume();
    });
    asked.end();
  });
  return { sent, ended: Date.now(), ...(failure === undefined ? {} : { failure }) };
}

/** Asks at a fixed rate, whatever the answers: slow ones are not waited for. Connections are kept, and opened when all are busy. */
export class Probe {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly samples: Sample[] = [];
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly timer: NodeJS.Timeout;

  /** Starts. @param port of HTTPS on 127.0.0.1 @param rate requests a second */
  constructor(port: number, rate: number) {
    this.timer = setInterval(() => {
      const one = ask(port, this.agent)
        .then((sample) => this.samples.push(sample))
        .finally(() => this.underWay.delete(one));
      this.underWay.add(one);
    }, 1000 / rate);
  }

  /** When the last request that failed was sent, in ms since 1970; 0 when none failed. */
  get lastFailed(): number {
    return this.samples.reduce((last, { sent, failure }) => (failure === undefined ? last : Math.max(last, sent)), 0);
  }

  /** Ends when every request has. @returns all of them */
  async stop(): Promise<readonly Sample[]> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
    this.agent.destroy();
    return this.samples;
  }
}
