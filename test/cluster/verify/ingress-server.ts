import { createServer as createHttp, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import type { SecureVersion } from "node:tls";
import type { IngressEndpoint } from "../../../src/cluster/transport/ingress-client.ts";
import { selfSigned } from "../../certificate.ts";

/** How an ingress behaves; by default as it should. */
export interface Behaviour {
  readonly oldest?: SecureVersion;
  /** @default TLSv1.3 */
  readonly newest?: SecureVersion;
  /** What each request is answered instead, by its path and how often that path was asked for. */
  readonly instead?: (path: string, count: number) => number | undefined;
  /** The certificate's name. @default localhost */
  readonly name?: string;
  /** The certificate's owner, which is its issuer too. @default CloudNova */
  readonly issuer?: string;
  /** For how many days the certificate is good. @default 90 */
  readonly days?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Paths that are answered though nobody should get them. */
  readonly leaks?: readonly string[];
  readonly redirect?: (path: string, port: number) => string;
  /** What DELETE is answered instead of doing it. */
  readonly refuses?: () => number | undefined;
  /** What becomes of the answer to a POST that was done: its status, or the connection breaks. @default 201 */
  readonly added?: () => number | "lost";
  /** Whether lists of users are answered. @default always */
  readonly lists?: () => boolean;
  /** Whether a user that was added is there. @default always */
  readonly keeps?: () => boolean;
}

export const HEADERS = {
  "strict-transport-security": "max-age=300",
  "content-security-policy": "default-src 'none'; script-src 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

const listen = (server: Server) =>
  new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));

/** What is at the ingress, and what was seen there. */
export interface Served {
  readonly ingress: IngressEndpoint;
  /** Users by path, as the application would answer them. */
  readonly users: ReadonlyMap<string, string>;
  /** X-Request-Id of each POST. */
  readonly requests: readonly string[];
  /** What was said as `Authorization`. */
  readonly told: readonly string[];
  /** The certificate that is shown, in PEM. */
  readonly certificate: string;
  stop(): void;
}

/** Traefik and the application behind it, as far as somebody outside can tell. */
export async function startEntrance(behaviour: Behaviour = {}): Promise<Served> {
  const {
    oldest = "TLSv1.2",
    newest = "TLSv1.3",
    instead = () => undefined,
    name = "localhost",
    days = 90,
    headers = HEADERS,
    leaks = [],
    keeps = () => true,
    refuses = () => undefined,
    added = () => 201,
    lists = () => true,
  } = behaviour;
  const users = new Map<string, string>();
  const requests: string[] = [];
  const told: string[] = [];
  const counts = new Map<string, number>();
  const removed = (url: string) => (users.delete(url) ? 204 : 404);
  /** What a search for users is answered; undefined for other addresses. */
  const list = (url: string): [number | "lost", string] | undefined => {
    const start = new URL(url, "https://localhost").searchParams.get("q");
    if (start === null) return undefined;
    if (!lists()) return ["lost", ""];
    const all = [...users].map(([path, body]) => ({ id: Number(path.split("/").at(-1)), ...(JSON.parse(body) as { email: string }) }));
    return [200, JSON.stringify({ items: all.filter(({ email }) => email.startsWith(start)) })];
  };
  const answer = (method: string, url: string, body: string): [number | "lost", string] => {
    if (method === "POST") {
      users.set(`${url}/7`, body);
      return [added(), JSON.stringify({ id: 7 })];
    }
    if (method === "DELETE") return [refuses() ?? removed(url), ""];
    const user = keeps() ? users.get(url) : undefined;
    return list(url) ?? (url === "/users" || leaks.includes(url) || user ? [200, user ?? ""] : [404, ""]);
  };
  const shown = selfSigned(`DNS:${name}`, days, behaviour.issuer);
  const options = { ...shown, minVersion: oldest, maxVersion: newest, ciphers: "DEFAULT@SECLEVEL=0" };
  const secure = createHttps(options, async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.headers.authorization) told.push(request.headers.authorization);
    if (request.method === "POST") requests.push(String(request.headers["x-request-id"]));
    const path = request.url ?? "";
    counts.set(path, (counts.get(path) ?? 0) + 1);
    const other = instead(path, counts.get(path) ?? 0);
    const [status, text] = other === undefined ? answer(request.method ?? "", path, body) : [other, ""];
    if (status === "lost") request.socket.destroy();
    else response.writeHead(status, headers).end(text);
  });
  const httpsPort = await listen(secure);
  const { redirect = (path, port) => `https://localhost:${port}${path}` } = behaviour;
  const plain = createHttp(({ url = "" }, response) => void response.writeHead(301, { location: redirect(url, httpsPort) }).end());
  const httpPort = await listen(plain);
  return {
    ingress: { address: "127.0.0.1", host: "localhost", httpPort, httpsPort },
    users,
    requests,
    told,
    certificate: String(shown.cert),
    stop: () => {
      for (const server of [secure, plain]) server.close().closeAllConnections();
    },
  };
}
