import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { refusal as say } from "../../messages/refusal.ts";
import { ClusterError, Interrupted } from "../cluster-error.ts";
import { managerConflicts } from "../objects/managers.ts";
import { type Connection, type Credentials, explainConnection } from "./connection.ts";
import { type Failure, retryDelay } from "./retry.ts";
import { pause } from "./until.ts";

/** A request to the API server. */
export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

/** What the API server answered; a refusal is an answer too. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an object of any kind, or a Status; callers read the few fields they know
  readonly body: any;
  /** The server's warnings, for instance about deprecated fields. */
  readonly warnings: readonly string[];
  /** The server's clock. */
  readonly date?: Date;
}

/** No single request of ours takes this long on a healthy server. */
const TIMEOUT_MS = 30_000;

/** Of ours, these name the version that they mean: once refused for it, they are refused for ever. */
const namesVersion = ({ method = "GET", contentType }: Call): boolean =>
  ["PUT", "DELETE"].includes(method) || contentType === "application/json-patch+json";

/** How long after a broken connection a refusal may be that of a server which has just started, ms (seen on a node: 2 s). */
const RESTART_MS = 20_000;

/**
 * The API server as plain HTTPS: every request of ours names its path and knows the few fields it reads,
 * and loading a class for each API would take longer than a whole `apply`.
 */
export class Client {
  private credentials: Promise<Credentials> | undefined;
  /** Agents of expired credentials: other requests may still be under way on their connections. */
  private readonly expired: Promise<Credentials>[] = [];
  /** How often it was closed. */
  private closed = 0;

  /**
   * @param signal ends what is under way, with Interrupted
   * @param onRetry called before each wait with a message
   * @param refused why no further request is sent, shared by all clients of one piece of work
   * @param seen what is known of the server, shared by all its clients: whether it has answered at all, and when a connection broke last,
   *   ms since 1970
   */
  constructor(
    readonly connection: Connection,
    readonly signal?: AbortSignal,
    private readonly onRetry: (words: string) => void = () => undefined,
    private readonly refused: { reason?: ClusterError } = {},
    private readonly seen = { answered: false, broken: 0 },
  ) {}

  /** Refuses every further request: this run has lost its lease. */
  refuse(reason: ClusterError): void {
    this.refused.reason ??= reason;
  }

  /** @throws ClusterError the reason, once every further request is refused */
  throwIfRefused(): void {
    if (this.refused.reason) throw this.refused.reason;
  }

  /** The same cluster, for what must still be done after Ctrl-C; what is refused here is refused there. */
  withoutSignal(): Client {
    return new Client(this.connection, undefined, undefined, this.refused, this.seen);
  }

  /** The same cluster, for another piece of work: nothing is refused yet. */
  anew(): Client {
    return new Client(this.connection, this.signal?.aborted ? undefined : this.signal, this.onRetry, {}, this.seen);
  }

  /**
   * Sends a request until there is an answer that trying again would not change.
   *
   * @throws ClusterError when the server cannot be reached  @throws Interrupted
   */
  async send(call: Call): Promise<Answer> {
    let renewed = false;
    const { closed } = this;
    for (let attempt = 1; ; attempt++) {
      const used = this.signal?.aborted ? undefined : this.logIn();
      const { answer, failure, error } = await this.attempt(call);
      if (answer?.status === 401 && !renewed) {
        renewed = true;
        this.renew(used); // tokens of exec plugins and cloud logins expire within a run
        continue;
      }
      if (answer && answer.status < 400) return answer;
      const delay = this.delayOf(attempt, failure, closed);
      if (delay === undefined) {
        if (answer) return answer;
        throw explainConnection(error as NodeJS.ErrnoException, this.connection);
      }
      this.onRetry(say.again(String(failure.status ?? failure.code), this.connection.server, (delay / 1000).toFixed(1)));
      await pause(delay, this.signal);
    }
  }

  /** How long to wait for the next attempt, ms; undefined when there is to be none. @param closed how often it was closed before the first */
  private delayOf(attempt: number, failure: Failure, closed: number): number | undefined {
    return closed === this.closed ? retryDelay(attempt, failure, Math.random()) : undefined;
  }

  /** An object; undefined when there is none. @param what for the message when it is refused */
  async find(path: string, what: string): Promise<Answer["body"] | undefined> {
    const answer = await this.send({ path });
    return answer.status === 404 ? undefined : this.expect(answer, what).body;
  }

  /** Deletes an object or a list; one that is gone already is no error. @param what for the message when it is refused */
  async remove(path: string, what: string): Promise<void> {
    const answer = await this.send({ method: "DELETE", path });
    if (answer.status !== 404) this.expect(answer, what);
  }

  /** The answer, unless it is a refusal. @throws ClusterError that says what was refused, and why */
  expect(answer: Answer, what: string): Answer {
    if (answer.status < 400) return answer;
    const message = answer.body?.message ?? `status ${answer.status}`;
    if (answer.status === 401) {
      throw new ClusterError(say.credentials(this.connection.context), say.logIn);
    }
    if (answer.status === 403) {
      throw new ClusterError(`${what}: ${say.notAllowed(message)}`, say.otherAccount);
    }
    throw new ClusterError(`${what}: ${message}`);
  }

  /** Opens a streaming answer, such as followed logs. */
  async stream(path: string): Promise<IncomingMessage> {
    const response = await this.open({ path }, 0).catch((error) => {
      throw this.signal?.aborted ? new Interrupted() : explainConnection(error, this.connection);
    });
    if ((response.statusCode ?? 0) < 400) return response;
    const { body } = await read(response);
    throw new ClusterError(body?.message ?? String(body));
  }

  /** The credentials of now. A failure to get them is not kept: the next request is a new attempt. */
  private logIn(): Promise<Credentials> {
    if (this.credentials) return this.credentials;
    const asked = this.connection.credentials();
    this.credentials = asked;
    asked.catch(() => {
      if (this.credentials === asked) this.credentials = undefined;
    });
    return asked;
  }

  /** Has the next request get new credentials, unless another request has done so since. @param used those that were not accepted */
  private renew(used: Promise<Credentials> | undefined): void {
    if (!used || this.credentials !== used) return;
    this.expired.push(used);
    this.credentials = undefined;
  }

  /** Closes every connection. A request that is still under way fails, and is not tried again: a tunnel may end with the client. */
  close(): void {
    this.closed += 1;
    for (const one of [...this.expired.splice(0), this.credentials]) one?.then(({ agent }) => agent.destroy()).catch(() => undefined);
    this.credentials = undefined;
  }

  private async attempt(call: Call): Promise<{ answer?: Answer; failure: Failure; error?: unknown }> {
    try {
      const answer = await read(await this.open(call, TIMEOUT_MS));
      const { status, retryAfter, body } = answer;
      this.seen.answered = true;
      const restarted = Date.now() - this.seen.broken < RESTART_MS;
      const lastingConflict = namesVersion(call) || managerConflicts(body).length > 0;
      return { answer, failure: { status, retryAfter, reason: body?.reason, lastingConflict, restarted } };
    } catch (error) {
      if (this.signal?.aborted) throw new Interrupted();
      if (error instanceof ClusterError) throw error;
      this.seen.broken = Date.now();
      return { failure: { code: (error as NodeJS.ErrnoException).code, restarted: this.seen.answered }, error };
    }
  }

  private async open(
    { method = "GET", path, body, contentType = "application/json", accept }: Call,
    timeout: number,
  ): Promise<IncomingMessage> {
    if (this.signal?.aborted) throw new Interrupted();
    this.throwIfRefused();
    const { agent, headers, auth } = await this.logIn();
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.connection.server}${path}`,
        {
          method,
          agent,
          auth,
          timeout,
          signal: this.signal,
          headers: {
            ...headers,
            accept: accept ?? "application/json",
            "user-agent": "cloudnova",
            ...(payload ? { "content-type": contentType, "content-length": payload.length } : {}),
          },
        },
        resolve,
      );
      sent.on("timeout", () => sent.destroy(Object.assign(new Error(`no answer within ${timeout / 1000} s`), { code: "ETIMEDOUT" })));
      sent.on("error", reject);
      sent.end(payload);
    });
  }
}

async function read(response: IncomingMessage): Promise<Answer & { readonly retryAfter?: number }> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  // Node ends the loop quietly when the connection breaks in the middle of a body of unknown length.
  if (!response.complete) throw Object.assign(new Error("the connection broke within the answer"), { code: "ECONNRESET" });
  const text = Buffer.concat(chunks).toString();
  const { headers } = response;
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  return {
    status: response.statusCode ?? 0,
    body: headers["content-type"]?.includes("json") && text !== "" ? JSON.parse(text) : text,
    warnings: warningsIn([headers.warning ?? ""].flat().join(", ")),
    ...(headers.date ? { date: new Date(headers.date) } : {}),
    ...(Number.isFinite(seconds) ? { retryAfter: seconds * 1000 } : {}),
  };
}

/** The texts of a Warning header, which reads `299 - "text"`, several in one. */
export function warningsIn(header: string): string[] {
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text.replace(/\\(.)/g, "$1"));
}
