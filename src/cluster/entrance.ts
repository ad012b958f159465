import { request as http } from "node:http";
import { Agent, request as https } from "node:https";
import { connect, type SecureVersion } from "node:tls";

/** The application's public entrance, from where this program runs. */
export interface Entrance {
  /** Address to connect to. */
  readonly address: string;
  /** Name to ask for. */
  readonly host: string;
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** An answer over HTTP. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const TIMEOUT_MS = 15_000;

/** A certificate as the server showed it. */
export interface Shown {
  readonly names: readonly string[];
  readonly subject: string;
  readonly issuer: string;
  readonly until: Date;
}

/** One request. Certificates are checked by a check of their own, so that one bad one does not hide all the rest. */
export function ask(
  { address, host, httpPort, httpsPort }: Entrance,
  path: string,
  options: { method?: string; secure?: boolean; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  const { method = "GET", secure = true, headers = {}, body } = options;
  const port = secure ? httpsPort : httpPort;
  const standard = port === (secure ? 443 : 80);
  return new Promise((resolve, reject) => {
    const sent = (secure ? https : http)(
      {
        host: address,
        port,
        path,
        method,
        headers: { ...headers, host: standard ? host : `${host}:${port}` },
        timeout: TIMEOUT_MS,
        ...(secure ? { servername: host, agent: new Agent({ rejectUnauthorized: false }) } : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }),
        );
      },
    );
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** A handshake of one TLS version: the certificate shown, or the error's code. */
export function handshake({ address, host, httpsPort }: Entrance, version: SecureVersion): Promise<Shown | { readonly refused: string }> {
  return new Promise((resolve) => {
    // Old versions need OpenSSL's lowest level on our side; else it would be us who refuse.
    const old = version === "TLSv1" || version === "TLSv1.1" ? { ciphers: "DEFAULT@SECLEVEL=0" } : {};
    const options = {
      host: address,
      port: httpsPort,
      servername: host,
      minVersion: version,
      maxVersion: version,
      rejectUnauthorized: false,
      ...old,
    };
    const socket = connect({ ...options, timeout: TIMEOUT_MS }, () => {
      const { subject, issuer, subjectaltname = "", valid_to } = socket.getPeerCertificate();
      socket.end();
      const names = subjectaltname.split(", ").map((name) => name.replace(/^(DNS|IP Address):/, ""));
      resolve({ names, subject: String(subject?.CN ?? ""), issuer: String(issuer?.CN ?? ""), until: new Date(valid_to) });
    });
    socket.on("timeout", () => socket.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve({ refused: error.code ?? error.message }));
  });
}
