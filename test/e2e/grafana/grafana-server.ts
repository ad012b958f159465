import { basic } from "../../../src/cluster/transport/ingress-client.ts";

/** An answer of Grafana's HTTP API. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of many kinds; each check reads the few fields that it knows
  readonly body: any;
}

/** Nothing answers, so that nothing more can be asked. */
export class Unreachable extends Error {}

const TIMEOUT_MS = 60_000;

/** Grafana's HTTP API at a port of this machine, as a user of it. */
export class GrafanaServer {
  private readonly authorization: string;

  constructor(
    readonly port: number,
    readonly user: string,
    readonly password: string,
    private readonly signal?: AbortSignal,
  ) {
    this.authorization = basic(user, password);
  }

  /**
   * Asks by GET, or by POST where there is a body. A refusal is an answer, too.
   *
   * @throws Unreachable when nothing answers  @throws Error in words when the answer is no JSON, or the password is wrong
   */
  async ask(path: string, body?: unknown): Promise<Answer> {
    const where = `http://127.0.0.1:${this.port}`;
    const headers = { authorization: this.authorization, "content-type": "application/json" };
    const late = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(`${where}${path}`, {
      headers,
      signal: this.signal ? AbortSignal.any([late, this.signal]) : late,
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    }).catch((error: Error & { cause?: NodeJS.ErrnoException }) => {
      throw new Unreachable(`nothing answers at ${where} (${error.cause?.code ?? error.message})`);
    });
    if (answer.status === 401) throw new Error(`Grafana does not know the user ${this.user} with this password`);
    const text = await answer.text();
    try {
      return { status: answer.status, body: JSON.parse(text) };
    } catch {
      throw new Error(`${path} answers ${answer.status} with something that is no JSON`);
    }
  }

  /** What a path gives. @throws Error in words when it gives anything but 200 */
  async get(path: string): Promise<Answer["body"]> {
    const { status, body } = await this.ask(path);
    if (status !== 200) throw new Error(`${path} answers ${status}: ${body?.message ?? "without a reason"}`);
    return body;
  }
}
