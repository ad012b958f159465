import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { verify as words } from "../../messages/verify.ts";
import { PORTS } from "../../ports.ts";
import { secretNames } from "../../secrets.ts";
import { judge, problem, skipped, type Verdict } from "../finding.ts";
import { type Asked, ask, askTrusted, basic, OtherCertificate, type Reply, type Trusted } from "../transport/ingress-client.ts";
import type { Check, Subject } from "./subject.ts";

/** A user that was added for a check. */
export interface Added {
  /** Where the application shows it. */
  readonly path: string;
  readonly email: string;
}

/** Attempts to delete a user, once a second: while pods end, or above the rate limit, the request is refused. */
const DELETE_ATTEMPTS = 10;

/** Attempts to find a user whose creation was not answered: the application may still be creating it. */
const LOOKUP_ATTEMPTS = 3;

/** Errors of connections that were never established: no request was sent over them. */
const NOT_CONNECTED = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"]);

/** The address of the application's users. */
const USERS = "/api/v1/users";

type Administrator = (path: string, asked: Asked) => Promise<Reply>;

/** The server that may get credentials: one with the ingress certificate, or with one that Let's Encrypt issued for the host. */
async function trustedServer({ config, secret }: Subject): Promise<Trusted> {
  if (config.ingress.tls.letsEncrypt) return {};
  const name = secretNames(config).certificate;
  const pem = await secret(name, "tls.crt");
  if (!pem) throw new Error(words.noSecret(name));
  return new X509Certificate(pem).raw;
}

/** Calls the application as its administrator. */
async function administrator(subject: Subject): Promise<Administrator> {
  const { config, ingress, secret } = subject;
  if (config.webapp.writeAccess !== "login") return (path, asked) => ask(ingress, path, asked);
  const name = secretNames(config).webapp;
  const password = await secret(name, "admin-password");
  if (!password) throw new Error(words.noSecret(name));
  const authorization = basic("admin", password);
  const trusted = await trustedServer(subject);
  return (path, { headers, ...asked }) => askTrusted(ingress, trusted, path, { ...asked, headers: { ...headers, authorization } });
}

/** Creates a user through the ingress, and deletes it again after `look`. */
export async function withUser(subject: Subject, request: string, look: (added: Added) => Promise<Verdict>): Promise<Verdict> {
  const email = `${request}@example.org`;
  const { ingress, webapp } = subject.config;
  if (webapp.writeAccess === "login" && ingress.tls.letsEncrypt?.staging) return skipped(words.noPasswordOnStaging);
  try {
    const asAdministrator = await administrator(subject);
    const headers = { "content-type": "application/json", "x-request-id": request };
    const body = JSON.stringify({ name: "Verify", email });
    const made = await asAdministrator(USERS, { method: "POST", headers, body }).catch((error: Error) => {
      if (error instanceof OtherCertificate || NOT_CONNECTED.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      return { status: undefined, text: error.message };
    });
    if (made.status !== 201) {
      const verdict = problem(made.status ? words.notAdded(made.status, made.text.slice(0, 200)) : words.addingLost(made.text));
      return made.status && made.status < 500 ? verdict : await deletedByEmail(asAdministrator, email, headers, verdict);
    }
    const path = `${USERS}/${(JSON.parse(made.text) as { id: number }).id}`;
    const verdict = await look({ path, email }).catch((error: Error) => problem(error.message));
    return await deletedAfterwards(() => asAdministrator(path, { method: "DELETE", headers }), email, verdict);
  } catch (error) {
    if (error instanceof OtherCertificate) return problem(words.otherCertificate(error.message), words.whoAnswers);
    throw error;
  }
}

/** The verdict, once the user is gone that may have been added although that was not answered. */
async function deletedByEmail(ask: Administrator, email: string, headers: Asked["headers"], verdict: Verdict): Promise<Verdict> {
  for (let left = LOOKUP_ATTEMPTS; ; left--) {
    const reply = await ask(`${USERS}?q=${encodeURIComponent(email)}`, {}).catch(() => undefined);
    const items: readonly { id: number; email: string }[] | undefined = reply?.status === 200 ? JSON.parse(reply.text).items : undefined;
    const found = items?.find((one) => one.email === email);
    if (found) return deletedAfterwards(() => ask(`${USERS}/${found.id}`, { method: "DELETE", headers }), email, verdict);
    if (left === 1) return items ? verdict : problem(`${verdict.saw}; ${words.mayBeThere(email)}`, words.removeByHand(email));
    await sleep(1000);
  }
}

/** The verdict, once the user was taken away. */
async function deletedAfterwards(ask: () => Promise<Reply>, email: string, verdict: Verdict): Promise<Verdict> {
  const left = await remove(ask);
  return left === undefined ? verdict : problem(words.notRemoved(email, left), words.removeByHand(email));
}

/** Takes a user away. @returns what was answered last when that did not come about */
async function remove(ask: () => Promise<Reply>): Promise<string | undefined> {
  for (let left = DELETE_ATTEMPTS; ; left--) {
    const answer = await ask().then(
      ({ status }) => (status === 204 || status === 404 ? undefined : String(status)),
      (error: Error) => error.message,
    );
    if (answer === undefined || left === 1) return answer;
    await sleep(1000);
  }
}

/** On how many of the ready replicas the user is. */
export async function replicasWith({ inside }: Subject, { path, email }: Added): Promise<{ good: number; all: number }> {
  const replies = await inside("webapp", PORTS.webapp, path);
  return { good: replies.filter(({ status, text }) => status === 200 && text.includes(email)).length, all: replies.length };
}

const user = (subject: Subject) =>
  withUser(subject, `verify-${Date.now()}`, async (added) => {
    const { good, all } = await replicasWith(subject, added);
    const { replicas } = subject.config.webapp;
    return judge(good === all && good >= replicas, words.added(good, all, replicas));
  });

/** A user created through the ingress is read from every replica. */
export const userChecks: readonly Check[] = [{ name: "user", applies: ({ sample }) => sample, run: user }];
