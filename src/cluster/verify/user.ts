import { verify as words } from "../../messages/verify.ts";
import { PORTS } from "../../ports.ts";
import { ask } from "../entrance.ts";
import { judge, problem, type Verdict } from "../finding.ts";
import type { Check, Subject } from "./subject.ts";

/** A user that was added for a check. */
export interface Added {
  /** Where the application shows it. */
  readonly path: string;
  readonly email: string;
}

/** Adds a user through the entrance, and takes it away again when `look` has seen enough. */
export async function withUser(
  { config, entrance, secret }: Subject,
  request: string,
  look: (added: Added) => Promise<Verdict>,
): Promise<Verdict> {
  const headers: Record<string, string> = { "content-type": "application/json", "x-request-id": request };
  if (config.webapp.writeAccess === "login") {
    const password = await secret(config.secrets.webapp ?? "webapp", "admin-password");
    headers.authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  }
  const email = `${request}@example.org`;
  const made = await ask(entrance, "/api/v1/users", { method: "POST", headers, body: JSON.stringify({ name: "Verify", email }) });
  if (made.status !== 201) return problem(words.notAdded(made.status, made.text.slice(0, 200)));
  const path = `/api/v1/users/${(JSON.parse(made.text) as { id: number }).id}`;
  try {
    return await look({ path, email });
  } finally {
    await ask(entrance, path, { method: "DELETE", headers });
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

/** What is written at the entrance is read everywhere. */
export const userChecks: readonly Check[] = [{ name: "user", run: user }];
