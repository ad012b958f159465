import { type Bytes, statusesIn } from "./task.ts";

/** A request that tries something. */
export interface Trick extends Bytes {
  /**
   * What must happen: a refusal, or a page as for any request. A client that still sends when it is refused can get a reset before it reads
   * the answer (RFC 9112, 9.6): "refused or cut off".
   */
  readonly wanted: "refused" | "refused or cut off" | "page";
}

/** A name that is not ours: an answer that holds it repeats what a stranger said. */
const FOREIGN = "evil.example";

const CLOSE = "Connection: close\r\n";
const get = (path: string, headers = "", host = "Host: localhost\r\n") => `GET ${path} HTTP/1.1\r\n${host}${CLOSE}${headers}\r\n`;
const post = (headers: string, body: string) =>
  `POST /api/v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;
const tricks = (wanted: Trick["wanted"], all: Readonly<Record<string, string>>): Trick[] =>
  Object.entries(all).map(([name, text]) => ({ name, text, wanted }));

const OUT_OF_FOLDER = ["/static/..%2f..%2fsettings.py", "/static/../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/..;/metrics"];
const STRANGE = ["/\\..\\..\\etc", "/%c0%ae%c0%ae/", "/%00", "/users/%00", "/static/app.css%00.py", "/users\0", "/%", `//${FOREIGN}/`];
/** The metrics of the application and its faults on purpose are at another port, or off. */
const INTERNAL = ["/metrics", "/users/../metrics", "/debug/error"];

const HOSTS = {
  "no host": get("/", "", ""),
  "two hosts": get("/", "", `Host: localhost\r\nHost: ${FOREIGN}\r\n`),
  "a host with a blank": get("/", "", "Host: a b\r\n"),
  "a host with a user": get("/", "", `Host: localhost@${FOREIGN}\r\n`),
};
/** An installation without a name of its own answers under every name, and must not repeat it. */
const FOREIGN_HOSTS = {
  "a foreign host": get("/users", "", `Host: ${FOREIGN}\r\n`),
  "a foreign absolute address": get(`http://${FOREIGN}/users`),
  "a foreign X-Forwarded-Host": get("/users", `X-Forwarded-Host: ${FOREIGN}\r\nForwarded: host=${FOREIGN}\r\n`),
};
/** What is still on its way when the server has read as much as it takes. */
const ENDLESS = {
  "a header of 2 MiB": get("/users", `X-Large: ${"a".repeat(2 ** 21)}\r\n`),
  "a body of 1 MiB": post(`${CLOSE}Content-Length: 1048576\r\n`, "x".repeat(2 ** 20)),
};
const LARGE = {
  "a header of 64 KiB": get("/users", `X-Large: ${"a".repeat(65_536)}\r\n`),
  "500 headers": get("/users", Array.from({ length: 500 }, (_, index) => `X-${index}: a\r\n`).join("")),
  "an address of 9 KiB": get(`/${"a".repeat(9000)}`),
  "a body of 20 KB": post(`${CLOSE}Content-Length: 20000\r\n`, "x".repeat(20_000)),
};

/** Two requests that a proxy and an application may divide at different bytes; the second asks for `path`. */
function smuggled(path: string): Record<string, string> {
  const second = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const end = `0\r\n\r\n${second}`;
  const hex = second.length.toString(16);
  return {
    "CL.TE": post(`Content-Length: ${end.length}\r\nTransfer-Encoding: chunked\r\n`, end),
    "TE.CL": post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", `${hex}\r\n${second}\r\n0\r\n\r\n`),
    "TE.TE, the second unknown": post("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n", end),
    "TE.TE, misspelt": post("Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", end),
    "TE with a blank": post("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", end),
    "TE folded": post("Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n", end),
    "TE folded below another": post("X-One: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", end),
    "CL.CL": post(`Content-Length: 5\r\nContent-Length: ${end.length}\r\n`, end),
    "CL below zero": post("Content-Length: -5\r\n", second),
  };
}

/** A request whose headers lie about the client, for `path`. */
const forged = (path: string): Record<string, string> => ({
  "a forged client": get(path, "X-Forwarded-For: 203.0.113.9\r\nX-Real-Ip: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\n"),
  "a client to be dropped": get(path, "Connection: X-Forwarded-For, X-Real-Ip\r\n"),
});

/** Everything that is tried. @param marker path that smuggled and forged requests ask for, which no page has */
export const everyTrick = (marker: string): Trick[] => [
  ...tricks("refused", Object.fromEntries([...OUT_OF_FOLDER, ...STRANGE, ...INTERNAL].map((path) => [JSON.stringify(path), get(path)]))),
  ...tricks("refused or cut off", ENDLESS),
  ...tricks("page", { "//users": get("//users"), ...FOREIGN_HOSTS }),
  ...tricks("refused", { ...HOSTS, ...LARGE, ...smuggled(`${marker}-smuggled`), ...forged(`${marker}-forged`) }),
];

/** What was answered to a trick that should not have been; undefined when all is well. */
export function faultIn({ name, wanted }: Trick, reply: string): string | undefined {
  const statuses = statusesIn(reply);
  const fits = (status: number) => (wanted === "page" ? status === 200 : (status >= 400 && status < 500) || status === 501);
  if (statuses.length === 0 && wanted === "refused or cut off" && reply === "(ECONNRESET)") return undefined;
  if (statuses.length === 0) return `${name}: no answer: ${reply.slice(0, 80)}`;
  if (!statuses.every(fits)) return `${name}: answered ${statuses.join(", ")}, should be ${wanted}`;
  if (reply.includes(FOREIGN)) return `${name}: the answer repeats ${FOREIGN}`;
  return undefined;
}
