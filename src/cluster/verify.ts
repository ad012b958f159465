import type { SecureVersion } from "node:tls";
import type { Config } from "../config/resolve.ts";
import { scrapeJobs } from "../monitoring/scrape.ts";
import { amount, type Finding } from "./doctor.ts";
import { ask, type Entrance, handshake, type Reply } from "./entrance.ts";
import type { KubeObject } from "./objects.ts";
import type { Standing } from "./watch.ts";

/** What the checks may look at; effects behind functions, so that each check is tried without a cluster. */
export interface Subject {
  readonly config: Config;
  readonly entrance: Entrance;
  /** The workloads as they stand. */
  standings(): Promise<readonly Standing[]>;
  /** Our pods. */
  pods(): Promise<readonly KubeObject[]>;
  services(): Promise<readonly KubeObject[]>;
  /** A request to a component inside the cluster, to each of its ready pods. */
  inside(component: string, port: number, path: string, headers?: Record<string, string>): Promise<readonly Reply[]>;
  /** A value of a Secret of ours; undefined when there is none. */
  secret(name: string, key: string): Promise<string | undefined>;
}

type Verdict = Omit<Finding, "check">;
interface Check {
  readonly name: string;
  /** Whether the environment has what is checked. @default always */
  readonly applies?: (config: Config) => boolean;
  readonly run: (subject: Subject) => Promise<Verdict>;
}

const ok = (saw: string): Verdict => ({ state: "ok", saw });
const bad = (saw: string, advice?: string): Verdict => ({ state: "problem", saw, ...(advice ? { advice } : {}) });
const judge = (good: boolean, saw: string, advice?: string): Verdict => (good ? ok(saw) : bad(saw, advice));

const LEAST_DAYS = 14;

/** What every answer of the application must carry. */
const HEADERS: Readonly<Record<string, RegExp>> = {
  "strict-transport-security": /max-age=[1-9]/,
  "content-security-policy": /default-src/,
  "x-content-type-options": /nosniff/,
};

async function tls({ entrance }: Subject, version: SecureVersion, wanted: boolean): Promise<Verdict> {
  const result = await handshake(entrance, version);
  if (!("refused" in result)) return judge(wanted, "accepted", "allow TLS 1.2 and newer alone");
  // Only the server's own alert is a refusal; a server that is not there refuses nothing.
  const alert = /ALERT|WRONG_VERSION|UNSUPPORTED_PROTOCOL/.test(result.refused);
  return judge(!wanted && alert, `${alert ? "refused by the server" : "no handshake"} (${result.refused})`);
}

async function certificate({ entrance, config }: Subject): Promise<Verdict> {
  const shown = await handshake(entrance, "TLSv1.2");
  if ("refused" in shown) return bad(`no handshake (${shown.refused})`);
  const days = Math.floor((shown.until.getTime() - Date.now()) / 86_400_000);
  const saw = `for ${shown.names.join(", ")}, by '${shown.issuer}', ${days} days left`;
  if (!shown.names.includes(config.ingress.host))
    return bad(saw, `its names must include ${config.ingress.host}: delete its Secret, and the daily Job makes another`);
  return judge(days >= LEAST_DAYS, saw, "renew it");
}

/** What Prometheus' API answers, if it does. */
async function prometheus(subject: Subject, path: string): Promise<Record<string, never[]>> {
  const [reply] = await subject.inside("prometheus", 9090, path);
  if (reply?.status !== 200) throw new Error(`Prometheus answers ${reply?.status ?? "nothing"} to ${path}`);
  return JSON.parse(reply.text).data;
}

interface Target {
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** How many targets a job must have, at least. One table; jobs that are not in it must have one. */
const targetsOf = (config: Config): Readonly<Record<string, number>> => ({ webapp: config.webapp.replicas });

async function targets(subject: Subject): Promise<Verdict> {
  const { activeTargets = [] } = (await prometheus(subject, "/api/v1/targets?state=active")) as unknown as { activeTargets: Target[] };
  const { config } = subject;
  const probe = { url: "https://traefik", host: config.ingress.host };
  const jobs = scrapeJobs({
    namespace: config.namespace,
    interval: "15s",
    traefik: { namespace: "" },
    grafana: config.monitoring.grafana,
    probe,
  });
  const found = jobs.map(({ job_name }) => {
    const own = activeTargets.filter(({ labels }) => labels.job === job_name);
    return {
      job: job_name,
      up: own.filter(({ health }) => health === "up").length,
      all: own.length,
      wanted: targetsOf(config)[job_name] ?? 1,
      own,
    };
  });
  const poor = found.filter(({ up, all, wanted }) => up < all || up < wanted);
  const saw = found.map(({ job, up, all }) => `${job} ${up}/${all}`).join(", ");
  const why = poor
    .flatMap(({ job, own, wanted, up }) => [up < wanted ? `${job} must have ${wanted}` : "", ...own.map(({ lastError }) => lastError)])
    .filter(Boolean);
  return judge(poor.length === 0, poor.length === 0 ? saw : `${saw}: ${why.join("; ")}`);
}

async function rules(subject: Subject): Promise<Verdict> {
  const data = (await prometheus(subject, "/api/v1/rules")) as unknown as {
    groups: { name: string; rules: { name: string; health: string; lastError?: string }[] }[];
  };
  const all = data.groups.flatMap((group) => group.rules);
  const broken = all.filter(({ health }) => health !== "ok");
  const saw = `${all.length} rules in ${data.groups.length} groups`;
  if (all.length === 0) return bad("Prometheus has no rules", "look at its log: cloudnova logs prometheus");
  return judge(
    broken.length === 0,
    broken.length === 0
      ? `${saw}, all evaluated`
      : `${saw}; ${broken.map(({ name, health, lastError }) => `${name}: ${lastError || health}`).join("; ")}`,
  );
}

async function alertmanager(subject: Subject): Promise<Verdict> {
  const data = (await prometheus(subject, "/api/v1/alertmanagers")) as unknown as { activeAlertmanagers: { url: string }[] };
  const [reply] = await subject.inside("alertmanager", 9093, "/-/ready");
  const reached = data.activeAlertmanagers.length > 0 && reply?.status === 200;
  return judge(reached, `Prometheus knows ${data.activeAlertmanagers.length}; it answers ${reply?.status ?? "nothing"}`);
}

async function grafana(subject: Subject): Promise<Verdict> {
  const password = await subject.secret(subject.config.secrets.grafana ?? "grafana", "admin-password");
  const headers = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString("base64")}` };
  const get = async (path: string) => (await subject.inside("grafana", 3000, path, headers))[0];
  const [health, source, boards] = [
    await get("/api/health"),
    await get("/api/datasources/uid/prometheus/health"),
    await get("/api/search?type=dash-db"),
  ];
  const count = boards?.status === 200 ? (JSON.parse(boards.text) as unknown[]).length : 0;
  const wanted = subject.config.monitoring.dashboards.length;
  const told = (reply: Reply | undefined) => reply?.status ?? "no answer";
  const saw = `health ${told(health)}, data source ${told(source)}, dashboards ${told(boards)}: ${count} of ${wanted}`;
  return judge(health?.status === 200 && source?.status === 200 && count >= wanted, saw);
}

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
  if (made.status !== 201) return bad(`adding one was answered ${made.status}: ${made.text.slice(0, 200)}`);
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

async function memory(subject: Subject): Promise<Verdict> {
  const spare = subject.config.namespace;
  const query = `sum by (pod, container) (container_memory_working_set_bytes{namespace=~"${spare}|${spare}-host",container!=""})`;
  const data = (await prometheus(subject, `/api/v1/query?query=${encodeURIComponent(query)}`)) as unknown as {
    result: { metric: { pod: string; container: string }; value: [number, string] }[];
  };
  const pods = await subject.pods();
  const over = data.result.flatMap(({ metric, value }) => {
    const containers: { name: string; resources?: { requests?: { memory?: string } } }[] =
      pods.find(({ metadata }) => metadata.name === metric.pod)?.spec.containers ?? [];
    const request = containers.find(({ name }) => name === metric.container)?.resources?.requests?.memory;
    const used = Number(value[1]);
    return request && used > amount(request) ? [`${metric.pod}/${metric.container} ${Math.round(used / 1024 ** 2)} MiB of ${request}`] : [];
  });
  if (data.result.length === 0) return bad("Prometheus has no figures of containers' memory");
  return judge(
    over.length === 0,
    over.length === 0 ? `${data.result.length} containers, all within their requests` : over.join("; "),
    "raise these requests under resources:",
  );
}

async function exposed(subject: Subject): Promise<Verdict> {
  const open = (await subject.services()).filter(
    ({ spec }) => spec.type === "NodePort" || spec.type === "LoadBalancer" || spec.externalIPs?.length,
  );
  const stray = open.filter(({ metadata }) => metadata.name !== "traefik").map(({ metadata }) => metadata.name);
  return judge(
    stray.length === 0,
    stray.length === 0 ? "nothing but the entrance is reachable from outside" : `reachable from outside: ${stray.join(", ")}`,
    "make these Services ClusterIP",
  );
}

/** The checks, in the order in which they are told. */
const CHECKS: readonly Check[] = [
  {
    name: "workloads",
    run: async (subject) => {
      const all = await subject.standings();
      const late = all.filter(({ state }) => state !== "ready");
      const words = late.map(({ ref, words: text, troubles }) => `${ref.name}: ${[text, ...troubles.map(({ what }) => what)].join("; ")}`);
      return judge(late.length === 0, late.length === 0 ? `${all.length} ready` : words.join(" | "), "see 'cloudnova status'");
    },
  },
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
  { name: "TLS 1.0", run: (subject) => tls(subject, "TLSv1", false) },
  { name: "TLS 1.1", run: (subject) => tls(subject, "TLSv1.1", false) },
  { name: "TLS 1.2", run: (subject) => tls(subject, "TLSv1.2", true) },
  { name: "TLS 1.3", run: (subject) => tls(subject, "TLSv1.3", true) },
  { name: "certificate", run: certificate },
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
  { name: "Prometheus' targets", run: targets },
  { name: "rules", run: rules },
  { name: "Alertmanager", run: alertmanager },
  { name: "Grafana", applies: ({ monitoring }) => monitoring.grafana, run: grafana },
  { name: "memory within requests", run: memory },
  { name: "exposure", run: exposed },
];

/** Runs every check; one that breaks is a problem, and the others still run. */
export async function verify(subject: Subject, onFinding: (finding: Finding) => void): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, applies = () => true, run } of CHECKS) {
    if (!applies(subject.config)) continue;
    const verdict = await run(subject).catch((error: Error): Verdict => bad(error.message));
    const finding = { check: name, ...verdict };
    findings.push(finding);
    onFinding(finding);
  }
  return findings;
}
