import { ask } from "../entrance.ts";
import { judge, problem, type Verdict } from "../finding.ts";
import type { Check, Subject } from "./subject.ts";

/** What every answer of the application must carry. */
const HEADERS: Readonly<Record<string, RegExp>> = {
  "strict-transport-security": /max-age=[1-9]/,
  "content-security-policy": /default-src/,
  "x-content-type-options": /nosniff/,
};

/** A user added through the entrance is there on every replica; it is taken away again. */
async function user(subject: Subject): Promise<Verdict> {
  const { config, entrance } = subject;
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (config.webapp.writeAccess === "login") {
    const password = await subject.secret(config.secrets.webapp ?? "webapp", "admin-password");
    headers.authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  }
  const email = `verify-${Date.now()}@example.org`;
  const made = await ask(entrance, "/api/v1/users", { method: "POST", headers, body: JSON.stringify({ name: "Verify", email }) });
  if (made.status !== 201) return problem(`adding one was answered ${made.status}: ${made.text.slice(0, 200)}`);
  const { id } = JSON.parse(made.text) as { id: number };
  try {
    const replies = await subject.inside("webapp", 8000, `/api/v1/users/${id}`);
    const good = replies.filter(({ status, text }) => status === 200 && text.includes(email)).length;
    const enough = good === replies.length && good >= config.webapp.replicas;
    return judge(enough, `added through the entrance; there on ${good} of ${replies.length} replicas (${config.webapp.replicas} wanted)`);
  } finally {
    await ask(entrance, `/api/v1/users/${id}`, { method: "DELETE", headers });
  }
}

export const applicationChecks: readonly Check[] = [
  {
    name: "redirect to HTTPS",
    run: async ({ entrance }) => {
      const { status, headers } = await ask(entrance, "/users?page=2", { secure: false });
      const location = String(headers.location ?? "");
      return judge(
        [301, 308].includes(status) && location.startsWith("https://") && location.endsWith("/users?page=2"),
        `${status} to ${location || "nowhere"}`,
      );
    },
  },
  {
    name: "security headers",
    run: async ({ entrance }) => {
      const { status, headers } = await ask(entrance, "/users");
      const missing = Object.entries(HEADERS).filter(([name, pattern]) => !pattern.test(String(headers[name] ?? "")));
      const server = headers.server ? [`server: ${headers.server} gives the software away`] : [];
      const faults = [...missing.map(([name]) => `${name} is ${headers[name] ?? "missing"}`), ...server];
      return judge(status === 200 && faults.length === 0, [`${status}`, ...(faults.length > 0 ? faults : Object.keys(HEADERS))].join(", "));
    },
  },
  { name: "a user on every replica", run: user },
];
