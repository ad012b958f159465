import { X509Certificate } from "node:crypto";
import { Agent, request } from "node:https";
import type { TLSSocket } from "node:tls";
import { withoutLoss } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { valuesOf } from "./rotate-step.ts";

/** What the ingress answers to a browser. */
interface Answer {
  readonly status: number;
  readonly text: string;
  /** The cookies that it sets, as a browser sends them. */
  readonly cookie: string;
  /** The certificate that it shows. */
  readonly certificate: X509Certificate;
}

/** Asks for a page, or sends a form, over a new connection. @param ca whom to trust; without it the certificate is not verified */
function browse({ load: { port } }: Stage, path: string, cookie = "", form?: string, ca?: string): Promise<Answer> {
  const agent = new Agent({ maxCachedSessions: 0, rejectUnauthorized: ca !== undefined, ca });
  const origin = `https://localhost:${port}`;
  const headers = {
    host: `localhost:${port}`,
    referer: `${origin}${path}`,
    cookie,
    ...(form && { "content-type": "application/x-www-form-urlencoded" }),
  };
  const options = { host: "127.0.0.1", port, path, method: form ? "POST" : "GET", headers, agent, servername: "localhost" };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const certificate = new X509Certificate((response.socket as TLSSocket).getPeerCertificate(true).raw);
      const set = (response.headers["set-cookie"] ?? []).map((text) => text.split(";")[0]).join("; ");
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("error", reject).on("end", () => resolve({ status: response.statusCode ?? 0, text, cookie: set, certificate }));
    });
    sent.on("error", reject);
    sent.end(form);
  });
}

/** A form for a new user that a visitor has open. */
async function openForm(stage: Stage): Promise<{ readonly cookie: string; readonly token: string }> {
  const { text, cookie } = await browse(stage, "/users/new");
  const token = /name="csrf_token" value="([^"]+)"/.exec(text)?.[1];
  if (!token || !cookie) throw new Error(`the page /users/new has no form: ${text.slice(0, 80)}`);
  return { cookie, token };
}

async function sendForm(stage: Stage, { cookie, token }: { cookie: string; token: string }, name: string): Promise<number> {
  const form = new URLSearchParams({ csrf_token: token, name, email: `${name}-${Date.now()}@example.org` });
  return (await browse(stage, "/users/new", cookie, String(form))).status;
}

/** Runs a rotation under load. @returns what it took */
const rotated = (stage: Stage, what: string) =>
  withoutLoss(stage, async () => {
    const begun = Date.now();
    await stage.must(`rotate ${what}`, "--yes");
    return `done after ${Math.round((Date.now() - begun) / 1000)} s`;
  });

export const KEYS_ROTATED: Step = {
  name: "the application's keys changed",
  expects: "each key of its Secret is another, a form that was open before can be sent, and no request is lost",
  run: async (stage) => {
    const before = await valuesOf(stage, "webapp");
    const open = await openForm(stage);
    const saw = await rotated(stage, "webapp");
    const after = await valuesOf(stage, "webapp");
    const changed = Object.keys(before).filter((key) => after[key] !== before[key]);
    expect("keys with another value", changed.sort(), ["admin-password", "fault-token", "secret-key"]);
    expect("a form of before, sent after", await sendForm(stage, open, "open"), 303);
    expect("a form with a token that nobody signed", await sendForm(stage, { ...open, token: `${open.token}x` }, "forged"), 400);
    return `${saw}; ${changed.join(", ")} are others; a form that was open before is accepted, a forged one is not`;
  },
};

const IN_MYSQL = ["exec", "mysql-0", "--namespace", "cloudnova", "--container", "mysql", "--"] as const;
/** How long Traefik may take until it shows another certificate, s. */
const SHOWN_S = 30;

export const CERTIFICATES_ROTATED: Step = {
  name: "certificates changed",
  expects: "the ingress and MySQL show certificates of another authority, whoever verifies them trusts it alone, and no request is lost",
  run: async (stage) => {
    const before = await valuesOf(stage, "certificate-authority");
    const saw = await rotated(stage, "certificate");
    const authority = new X509Certificate((await valuesOf(stage, "certificate-authority"))["tls.crt"] ?? "");
    expect(
      "whether it is the authority of before",
      authority.fingerprint256 === new X509Certificate(before["tls.crt"] ?? "").fingerprint256,
      false,
    );
    for (const secret of ["webapp-certificate", "mysql-certificate"]) {
      const { "ca.crt": ca = "" } = await valuesOf(stage, secret);
      expect(`authorities in ca.crt of ${secret}`, ca.match(/BEGIN CERTIFICATE/g)?.length, 1);
      expect(`the authority of ${secret}`, new X509Certificate(ca).fingerprint256, authority.fingerprint256);
    }
    await until("the ingress shows a certificate of the new authority", SHOWN_S, async () => {
      const { certificate } = await browse(stage, "/", "", undefined, authority.toString());
      return certificate.verify(authority.publicKey) ? true : undefined;
    });
    // As a client that trusts the new authority alone: the kubelet may not have brought the file yet.
    const login = "mysql --host=localhost --protocol=TCP --ssl-mode=VERIFY_CA --ssl-ca=/tmp/ca --user=webapp --execute='DO 0'";
    const { webapp = "" } = await valuesOf(stage, "mysql-accounts");
    const variables = [`MYSQL_PWD=${webapp}`, `CA=${authority.toString()}`];
    await stage.kubectl(...IN_MYSQL, "env", ...variables, "bash", "-c", `printf '%s' "$CA" > /tmp/ca && ${login}`);
    return `${saw}; the ingress and MySQL show certificates of the new authority, which alone is trusted`;
  },
};
