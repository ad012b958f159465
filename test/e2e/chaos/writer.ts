import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../suite/wait.ts";
import type { Acknowledged } from "./compare.ts";

const TIMEOUT_MS = 3000;
/** Between the end of a write and the next of the same hand: with two hands some ten a second, far below what the ingress lets pass. */
const BETWEEN_MS = 150;
const HANDS = 2;
/** So many writes that were sent after a fault must be acknowledged before the next fault. */
const AGAIN = 3;

/**
 * Adds users through the ingress of 127.0.0.1 all the time, whatever happens. Each has a name that nobody else has. It waits for an
 * answer before it sends again: what a fault holds up does not come all at once afterwards.
 */
export class Writer {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: HANDS, rejectUnauthorized: false });
  private readonly hands: Promise<void>[] = [];
  private readonly times: number[] = [];
  private going = false;
  private count = 0;
  /** What all names of this run begin with. */
  readonly prefix = `chaos-${Date.now().toString(36)}-`;
  /** By name, what was answered 201 and must be there. */
  readonly acknowledged = new Map<string, Acknowledged>();

  constructor(readonly port: number) {}

  /** Writes that were acknowledged so far, also those that a restore took back since. */
  get total(): number {
    return this.times.length;
  }

  /** Writes that were sent so far. */
  get sent(): number {
    return this.count;
  }

  start(): void {
    this.going = true;
    for (let hand = 0; hand < HANDS; hand++) this.hands.push(this.goOn());
  }

  /** Waits until nothing is under way. */
  async end(): Promise<void> {
    this.going = false;
    await Promise.all(this.hands);
    this.agent.destroy();
  }

  /** Waits until writes that are sent from now on are acknowledged. @throws Error after so many seconds */
  async again(seconds: number): Promise<void> {
    const since = Date.now();
    const fresh = () => [...this.acknowledged.values()].slice(-10 * AGAIN).filter(({ sent }) => sent >= since);
    await until("writes are acknowledged again", seconds, async () => fresh().length >= AGAIN || undefined);
  }

  /** The longest time without an acknowledged write since then, in ms; it may have begun before. */
  pause(since: number): number {
    const first = Math.max(0, this.times.findIndex((time) => time >= since) - 1);
    const times = this.times.slice(first);
    return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
  }

  private async goOn(): Promise<void> {
    while (this.going) {
      const name = `${this.prefix}${++this.count}`;
      const sent = Date.now();
      const status = await this.post(name).catch(() => 0);
      const acknowledged = Date.now();
      if (status === 201) {
        this.acknowledged.set(name, { sent, acknowledged });
        this.times.push(acknowledged);
      }
      await sleep(BETWEEN_MS);
    }
  }

  private post(name: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const headers = { host: `localhost:${this.port}`, "content-type": "application/json" };
      const options = { host: "127.0.0.1", port: this.port, method: "POST", path: "/api/v1/users", headers, agent: this.agent };
      const sent = request({ ...options, servername: "localhost", signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
        response.on("error", reject).on("end", () => resolve(response.statusCode ?? 0));
        response.resume();
      });
      sent.on("error", reject);
      sent.end(JSON.stringify({ name, email: `${name}@example.org` }));
    });
  }
}
