import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Serves the bare repositories of a folder over git's smart HTTP on a loopback address, by git's own `http-backend`. */
export class GitServer {
  private server: Server | undefined;
  private port = 0;

  private constructor(private readonly folder: string) {}

  static async start(folder: string): Promise<GitServer> {
    const server = new GitServer(folder);
    await server.start();
    return server;
  }

  /** Address of a repository. @param name of its folder */
  url(name: string): string {
    return `http://127.0.0.1:${this.port}/${name}`;
  }

  /** Listens, after `stop` at the same port as before. */
  async start(): Promise<void> {
    const server = createServer((request, response) => this.answer(request, response)).listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** From now on connections are refused. */
  async stop(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    server.closeAllConnections();
    await once(server.close(), "close");
  }

  /** One request, by CGI. */
  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, search } = new URL(request.url ?? "/", "http://127.0.0.1");
    const header = (name: string) => String(request.headers[name] ?? "");
    const env = {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: this.folder,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: header("git-protocol"),
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: header("content-type"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
    };
    const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "ignore"] });
    request.pipe(child.stdin).on("error", () => undefined);
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", () => response.writeHead(500).end());
    child.on("close", () => {
      const all = Buffer.concat(chunks);
      const end = all.indexOf("\r\n\r\n");
      const headers = all
        .subarray(0, end)
        .toString()
        .split("\r\n")
        .map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
      const status = headers.find(([name]) => name === "Status")?.[1] ?? "200";
      response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== "Status")));
      response.end(all.subarray(end + 4));
    });
  }
}
