import { request as http, type RequestOptions } from "node:http";
import { request as https } from "node:https";
import { isIP, type Socket, connect as tcp } from "node:net";
import { networkInterfaces } from "node:os";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { checkServerIdentity, connect, type SecureVersion } from "node:tls";

/** The application's public ingress, from where this program runs. */
export interface IngressEndpoint {
  /** Address to connect to. */
  readonly address: string;
  /** Name to ask for. */
  readonly host: string;
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** A host with its port, unless that is the usual one. */
const authority = (host: string, port: number, usual: number) => (port === usual ? host : `${host}:${port}`);

/** What the application's addresses begin with. */
export const originOf = ({ host, httpsPort }: IngressEndpoint): string => `https://${authority(host, httpsPort, 443)}`;

/** The header that says a user and a password (RFC 7617). */
export const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** An answer over HTTP. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const TIMEOUT_MS = 15_000;

/** The server name of a TLS connection; an address is none (RFC 6066). */
const serverName = (host: string): string => (isIP(host) ? "" : host);

/** A certificate as the server showed it. */
export interface Shown {
  readonly names: readonly string[];
  readonly issuer: string;
  /** The issuer's organization. */
  readonly organization: string;
  /** Whether it is for the name that was asked for. */
  readonly fits: boolean;
  readonly from: Date;
  readonly until: Date;
  /** The certificate itself. */
  readonly der: Buffer;
}

/** Options of a request. */
export interface Asked {
  /** @default GET */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function exchange(send: typeof http, options: RequestOptions, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = send({ ...options, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on("error", (error) => reject(error.name === "AbortError" ? new Error(`no answer within ${TIMEOUT_MS / 1000} s`) : error));
    sent.end(body);
  });
}

/** One request. Certificates are checked by a check of their own, so that one bad one does not hide all the rest. */
export function ask(
  { address, host, httpPort, httpsPort }: IngressEndpoint,
  path: string,
  { method, headers, body, secure = true }: Asked & { readonly secure?: boolean } = {},
): Promise<Reply> {
  const port = secure ? httpsPort : httpPort;
  const named = { ...headers, host: authority(host, port, secure ? 443 : 80) };
  const options = { agent: false, host: address, port, path, method, headers: named };
  return secure
    ? exchange(https, { ...options, servername: serverName(host), rejectUnauthorized: false } as RequestOptions, body)
    : exchange(http, options, body);
}

/** Requests after the first that the ingress may answer with 429. */
const MOST_LIMITED = 5;
/** Traefik refills its bucket by `ingress.rateLimit.average` requests a second: one more request at the least. */
const LIMITED_MS = 1000;

/** As `ask`, repeated while the ingress' rate limit answers: 429 says nothing about the path that was asked for. */
export async function askUnlimited(ingress: IngressEndpoint, path: string): Promise<Reply> {
  for (let left = MOST_LIMITED; ; left--) {
    const reply = await ask(ingress, path);
    if (reply.status !== 429 || left === 0) return reply;
    await sleep(LIMITED_MS);
  }
}

/** The ingress shows another certificate than the expected one. */
export class OtherCertificate extends Error {}

/**
 * What a server must prove before credentials are sent to it: that it holds this certificate (DER), with any issuer; or a certificate for the
 * host by these authorities (PEM), without them by those that Node.js trusts.
 */
export type Trusted = Buffer | { readonly ca?: string };

/** A TLS connection to a server that proves to be the right one. @throws OtherCertificate before any data was sent */
function connectTo({ address, host, httpsPort }: IngressEndpoint, trusted: Trusted): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port: httpsPort,
      servername: serverName(host),
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
      checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
      ...(!Buffer.isBuffer(trusted) && trusted.ca !== undefined && { ca: trusted.ca }),
    });
    socket
      .on("secureConnect", () => {
        const { raw, subject, subjectaltname = "" } = socket.getPeerCertificate();
        if (Buffer.isBuffer(trusted) ? raw?.equals(trusted) : socket.authorized) return resolve(socket);
        socket.destroy();
        reject(new OtherCertificate(String(subject?.CN ?? subjectaltname)));
      })
      .on("timeout", () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
      .on("error", reject);
  });
}

/**
 * One request with credentials. They are sent only to a server that proves to be the right one.
 *
 * @throws OtherCertificate
 */
export async function askTrusted(ingress: IngressEndpoint, trusted: Trusted, path: string, asked: Asked): Promise<Reply> {
  const headers = { ...asked.headers, host: authority(ingress.host, ingress.httpsPort, 443) };
  return askThrough(await connectTo(ingress, trusted), path, { ...asked, headers });
}

/** One request over a connection that is there already, which it ends. */
export function askThrough(connection: Duplex, path: string, { method, headers, body }: Asked): Promise<Reply> {
  const named = { host: "localhost", connection: "close", ...headers };
  const options = { path, method, headers: named, createConnection: () => connection as Socket };
  return exchange(http, options, body).finally(() => connection.destroy());
}

/** A handshake of one TLS version, or of one from `oldest` to `newest`: the certificate shown, or the error's code. */
export function handshake(
  { address, host, httpsPort }: IngressEndpoint,
  oldest: SecureVersion,
  newest = oldest,
): Promise<Shown | { readonly refused: string }> {
  return new Promise((resolve) => {
    // Old versions need OpenSSL's lowest level on our side; else it would be us who refuse.
    const old = oldest === "TLSv1" || oldest === "TLSv1.1" ? { ciphers: "DEFAULT@SECLEVEL=0" } : {};
    const options = {
      host: address,
      port: httpsPort,
      servername: serverName(host),
      minVersion: oldest,
      maxVersion: newest,
      rejectUnauthorized: false,
      ...old,
    };
    const socket = connect({ ...options, timeout: TIMEOUT_MS }, () => {
      const shown = socket.getPeerCertificate();
      const { issuer, subjectaltname = "", valid_from, valid_to } = shown;
      const fits = checkServerIdentity(host, shown) === undefined;
      socket.end();
      const names = subjectaltname.split(", ").map((name) => name.replace(/^(DNS|IP Address):/, ""));
      resolve({
        names,
        issuer: String(issuer?.CN ?? ""),
        organization: String(issuer?.O ?? ""),
        fits,
        from: new Date(valid_from),
        until: new Date(valid_to),
        der: shown.raw,
      });
    });
    socket.on("timeout", () => socket.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve({ refused: error.code ?? error.message }));
  });
}

/** How long a port is tried: where a firewall drops packets, nothing ever answers. */
const CONNECT_MS = 2000;

/** Whether a TCP port can be connected to. */
export function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tcp({ host, port, timeout: CONNECT_MS });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket
      .on("connect", () => end(true))
      .on("timeout", () => end(false))
      .on("error", () => end(false));
  });
}

/** Whether an address is this machine's own: what is reachable there says nothing of what others reach. */
export function isOwnAddress(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return address === "localhost" || /^127\./.test(address) || own.some((one) => one.address === address);
}
