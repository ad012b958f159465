import type { Reply } from "../../src/cluster/entrance.ts";
import type { KubeObject } from "../../src/cluster/objects.ts";
import { verify } from "../../src/cluster/verify/index.ts";
import type { Subject } from "../../src/cluster/verify/subject.ts";
import type { Standing } from "../../src/cluster/watch.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { ruleGroups } from "../../src/monitoring/rules/index.ts";
import { scrapeJobs } from "../../src/monitoring/scrape.ts";

export const { config } = loadEnvironment("environments/kind.yaml");
const { monitoring, language, webapp } = config;
const jobs = scrapeJobs({ namespace: "n", interval: "15s", traefik: { namespace: "n" }, grafana: true, probe: { url: "u", host: "h" } });
export const MIB = 1024 ** 2;

/** A target of Prometheus that is up, for each that there must be. */
export const TARGETS = jobs.flatMap(({ job_name: job }) =>
  Array.from({ length: job === "webapp" ? webapp.replicas : 1 }, () => ({ health: "up", lastError: "", labels: { job } })),
);
const GROUPS_BROUGHT = ruleGroups({ alerts: monitoring.alerts, language, runbooks: monitoring.runbooks, replicas: webapp.replicas });
/** A ConfigMap as the manifests have it. */
const RULES = {
  kind: "ConfigMap",
  metadata: { name: "prometheus-rules-all" },
  data: { "all.yaml": JSON.stringify({ groups: GROUPS_BROUGHT }) },
} as unknown as KubeObject;
/** The groups of rules as Prometheus tells them, all well. */
export const GROUPS = GROUPS_BROUGHT.map(({ name, rules }) => ({
  name,
  rules: rules.map((rule) => ({ name: "alert" in rule ? rule.alert : rule.record, health: "ok" })),
}));
const WATCHDOG = { state: "firing", labels: { alertname: "Watchdog" } };

/** What a healthy cluster answers inside, by the beginning of the path. */
const ANSWERS: Record<string, unknown> = {
  "/api/v1/targets": { data: { activeTargets: TARGETS } },
  "/api/v1/rules": { data: { groups: GROUPS } },
  "/api/v1/alertmanagers": { data: { activeAlertmanagers: [{ url: "http://alertmanager:9093/api/v2/alerts" }] } },
  "/api/v1/alerts": { data: { alerts: [WATCHDOG] } },
  "/api/v2/alerts": [WATCHDOG],
  "/api/health": { database: "ok" },
  "/api/datasources": { status: "OK" },
  "/api/search": monitoring.dashboards.map((title) => ({ title })),
};

/** A pod that runs and is ready. */
export const pod = (name: string, component: string, container: object = {}, spec: object = {}): KubeObject =>
  ({
    metadata: { name, labels: { "app.kubernetes.io/name": component } },
    spec: { containers: [{ name: component, image: `${component}:1`, ...container }], ...spec },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  }) as unknown as KubeObject;

/** A cluster in which all is well, with nobody at the entrance; a test changes what it is about. */
export function subject(answers: Record<string, unknown> = {}, more: Partial<Subject> = {}): Subject {
  const standing = { ref: { kind: "StatefulSet", name: "mysql" }, state: "ready", words: "", troubles: [] } as unknown as Standing;
  return {
    config,
    manifests: [RULES],
    entrance: { address: "127.0.0.1", host: "localhost", httpPort: 1, httpsPort: 1 },
    thorough: false,
    standings: async () => [standing],
    pods: async () => [pod("mysql-0", "mysql", { resources: { requests: { memory: "200Mi" } } })],
    nodes: async () => [{ metadata: { name: "one" } } as KubeObject],
    services: async () => [],
    workingSets: async () => new Map([["mysql-0/mysql", 100 * MIB]]),
    mayEnd: async () => 1,
    evict: async () => undefined,
    log: async () => "",
    inside: async (_component, _port, path): Promise<Reply[]> => {
      const all = Object.entries({ ...ANSWERS, ...answers }).sort(([a], [b]) => b.length - a.length);
      const [, answer] = all.find(([start]) => path.startsWith(start)) ?? [];
      return answer === undefined ? [] : [{ status: 200, headers: {}, text: JSON.stringify(answer) }];
    },
    secret: async () => "password",
    connects: async () => false,
    ...more,
  };
}

/** All that the checks find, or one of it. */
export const findings = (of: Subject, patienceMs = 0) => verify(of, { patienceMs, onFinding: () => undefined });
export const find = async (check: string, of: Subject) => (await findings(of)).find((one) => one.check === check);
