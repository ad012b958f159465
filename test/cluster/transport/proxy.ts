import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as requestHttps, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiServer } from "../../../tools/apiserver/server.ts";

/** What happens to a request on its way. */
export type Fault =
  | "pass"
  /** The connection breaks before the server has seen the request. */
  | "drop"
  /** The server has acted, but its answer is lost: the hardest one. */
  | "lose the answer"
  /** The answer breaks off in the middle. */
  | "cut the answer"
  | { readonly delayMs: number }
  | { readonly status: number; readonly retryAfter?: number; readonly delayMs?: number };

/** A request that came by. */
export interface Seen {
  readonly method: string;
  readonly path: string;
}

/** An HTTPS proxy before a real API server that harms what passes as it is told. */
export class FaultyProxy {
  readonly seen: Seen[] = [];
  /** Decides each request's fate. */
  fault: (seen: Seen, count: number) => Fault = () => "pass";
  private readonly agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  /** Starts one on a free port of the loopback address, with the server's own certificate, which its clients trust. */
  static async start(api: ApiServer): Promise<FaultyProxy> {
    const folder = dirname(api.ca);
    const server = createServer({ key: readFileSync(join(folder, "apiserver.key")), cert: readFileSync(api.ca) });
    const proxy = new FaultyProxy(server, new URL(api.url));
    server.on("request", (incoming, outgoing) => {
      proxy.pass(incoming, outgoing).catch(() => incoming.socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Requests that change something. */
  get writes(): Seen[] {
    return this.seen.filter(({ method }) => method !== "GET");
  }

  /** Forgets what came by, and lets everything pass again. */
  reset(): void {
    this.seen.length = 0;
    this.fault = () => "pass";
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
    this.agent.destroy();
  }

  private async pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const seen = { method: incoming.method ?? "", path: incoming.url ?? "" };
    this.seen.push(seen);
    const fault = this.fault(seen, this.seen.length);
    if (fault === "drop") return void incoming.socket.destroy();
    if (typeof fault === "object" && fault.delayMs) await sleep(fault.delayMs);
    if (typeof fault === "object" && "status" in fault) {
      incoming.resume();
      const headers = {
        "content-type": "application/json",
        ...(fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) }),
      };
      outgoing
        .writeHead(fault.status, headers)
        .end(JSON.stringify({ kind: "Status", code: fault.status, message: `made up: ${fault.status}` }));
      return;
    }
    const answer = await this.forward(incoming);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (fault === "lose the answer") return void incoming.socket.destroy();
    const { "transfer-encoding": _, ...headers } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, { ...headers, "content-length": body.length });
    if (fault === "cut the answer") {
      outgoing.write(body.subarray(0, body.length / 2), () => incoming.socket.destroy());
      return;
    }
    outgoing.end(body);
  }

  private forward(incoming: IncomingMessage): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.target;
      const options = { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers, agent: this.agent };
      incoming.pipe(requestHttps(options, resolve).on("error", reject)).on("error", reject);
    });
  }
}
