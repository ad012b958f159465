import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { basic } from "../cluster/transport/ingress-client.ts";

/** A port of this machine that leads to another, and says the password there. */
export interface LoggedIn {
  readonly port: number;
  /** The path with a key that opens the door once, to whoever asks first; that client's cookie opens it from then on. */
  entry(path: string): string;
  close(): Promise<void>;
}

const KEY = "door";
/** What a page needs to show itself. Panels ask for their data by POST. */
const NEEDED = (method = "", path = "") => ["GET", "HEAD"].includes(method) || (method === "POST" && path.startsWith("/api/ds/query"));

/**
 * Opens a port that passes a browser's requests on to `port` with a login, so that it sees what is behind it and the password
 * appears on no command line. Other users of this machine, who can reach the port as well, are refused, and nothing can be changed.
 */
export async function logIn(port: number, user: string, password: string): Promise<LoggedIn> {
  const authorization = basic(user, password);
  const cookie = `${KEY}=${newKey()}`;
  const keys = new Set<string>();

  /** Whether a login is needed, and whether by a one-time key. */
  const opens = ({ headers, url = "" }: IncomingMessage) => {
    if (headers.cookie?.split("; ").includes(cookie)) return "by cookie";
    const key = new URLSearchParams(url.split("?")[1]).get(KEY); // no URL: `//` is none, and would end this program
    return key && keys.delete(key) ? "by key" : undefined;
  };
  const server = createServer((asked, answered) => {
    const { url: path, method, headers } = asked;
    const how = opens(asked);
    if (!how || !NEEDED(method, path)) return void answered.writeHead(403).end();
    const passed = request({ host: "127.0.0.1", port, path, method, headers: { ...headers, authorization } }, (answer) => {
      if (how === "by key") answered.appendHeader("set-cookie", `${cookie}; HttpOnly; SameSite=Strict; Path=/`);
      for (const [name, value = ""] of Object.entries(answer.headers)) answered.appendHeader(name, value);
      answered.writeHead(answer.statusCode ?? 502);
      answer.pipe(answered);
    });
    passed.on("error", () => answered.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    entry: (path) => {
      const key = newKey();
      keys.add(key);
      return `${path}${path.includes("?") ? "&" : "?"}${KEY}=${key}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const newKey = () => randomBytes(24).toString("hex");
