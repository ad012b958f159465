import type { IncomingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

/** A request that did not end as it should. */
export interface Failure {
  readonly at: Date;
  readonly what: string;
}

/** What a request was answered. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What was sent, over some span of time. */
export interface Tally {
  readonly sent: number;
  readonly failed: readonly Failure[];
}

const TIMEOUT_MS = 10_000;
/** Connections that are kept open at most, as a proxy or a browser does. */
const CONNECTIONS = 4;
/** After an hour there are 160 pages of users to list, beside a load that leaves 5 of the 50 requests a second. */
const REFUSALS = 200;
/** Of so many requests, one adds a user; the others read. */
const WRITE_EVERY = 10;
const READS = ["/", "/users", "/api/v1/users?limit=10", "/api/v1/users?limit=10&sort=created"];

/**
 * Steady load on the ingress of 127.0.0.1, as visitors make it: a fixed rate whatever the answers, so that slow ones are
 * not waited for. Every answer counts, and every user that was acknowledged is remembered.
 */
export class Load {
  private readonly agent: Agent;
  private readonly failures: Failure[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private sent = 0;
  private begun = 0;
  private readonly run = Date.now().toString(36);
  /** Addresses of the users whose creation was answered 201. */
  readonly acknowledged = new Set<string>();

  /**
   * @param host whose pages are asked for. @default localhost
   * @param connections at most; where some hang, requests wait for the others
   */
  constructor(
    readonly port: number,
    private readonly host = "localhost",
    connections = CONNECTIONS,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections, rejectUnauthorized: false });
  }

  /** @param rate requests a second */
  start(rate: number): void {
    this.stop();
    this.timer = setInterval(() => {
      const request = this.one().finally(() => this.underWay.delete(request));
      this.underWay.add(request);
    }, 1000 / rate);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Waits until every request that is under way now has ended, well or not. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Waits until no request is under way, and lets go of the connections. */
  async end(): Promise<void> {
    this.stop();
    await this.settled();
    this.agent.destroy();
  }

  /** Everything so far; two of them give a span. */
  tally(): Tally {
    return { sent: this.sent, failed: [...this.failures] };
  }

  /** What was sent since. Requests that are under way are counted when they end. */
  since(before: Tally): Tally {
    return { sent: this.sent - before.sent, failed: this.failures.slice(before.failed.length) };
  }

  /** Adds a user now. @throws Error when it is not answered 201 */
  async add(): Promise<void> {
    const email = `e2e-${this.run}-${++this.begun}@example.org`;
    try {
      const { status, text } = await this.ask("POST", "/api/v1/users", JSON.stringify({ name: "End to end", email }));
      if (status !== 201) throw new Error(`POST /api/v1/users was answered ${status}: ${text.trim().slice(0, 120)}`);
      this.acknowledged.add(email);
    } finally {
      this.sent++;
    }
  }

  /** Addresses of all users that the application lists, page by page, as fast as the ingress lets one client ask. */
  async listed(): Promise<Set<string>> {
    const found = new Set<string>();
    for (let cursor = "", refused = 0; ; ) {
      const { status, text } = await this.ask("GET", `/api/v1/users?limit=100${cursor && `&cursor=${cursor}`}`);
      if (status === 429 && refused++ < REFUSALS) {
        await sleep(1000);
        continue;
      }
      if (status !== 200) throw new Error(`the list of users was answered ${status}: ${text.trim().slice(0, 120)}`);
      const { items, next }: { items: { email: string }[]; next: string | null } = JSON.parse(text);
      for (const { email } of items) found.add(email);
      if (!next) return found;
      cursor = encodeURIComponent(next);
    }
  }

  /** A page, in English, whatever its status; it does not count. */
  page(path: string): Promise<Reply> {
    return this.ask("GET", path);
  }

  /** Counts a failure. */
  note(error: Error): void {
    this.failures.push({ at: new Date(), what: error.message });
  }

  private async one(): Promise<void> {
    try {
      if (this.begun % WRITE_EVERY === 0) await this.add();
      else await this.read(READS[this.begun % READS.length] ?? "/");
    } catch (error) {
      this.note(error as Error);
    }
  }

  private async read(path: string): Promise<void> {
    this.begun++;
    try {
      const { status, text } = await this.ask("GET", path);
      if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${text.trim().slice(0, 120)}`);
    } finally {
      this.sent++;
    }
  }

  private ask(method: string, path: string, body?: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const type = body ? { "content-type": "application/json" } : {};
      const headers = { host: `${this.host}:${this.port}`, "accept-language": "en", ...type };
      const options = { host: "127.0.0.1", port: this.port, method, path, headers, agent: this.agent, servername: this.host };
      const sent = request({ ...options, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
        response.on("error", reject).on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      });
      sent.on("error", (error) => reject(new Error(`${method} ${path}: ${error.message || error.name}`)));
      sent.end(body);
    });
  }
}
