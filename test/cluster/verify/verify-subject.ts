import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import type { Standing } from "../../../src/cluster/observe/watch.ts";
import type { Reply } from "../../../src/cluster/transport/ingress-client.ts";
import { verify } from "../../../src/cluster/verify/index.ts";
import type { Subject } from "../../../src/cluster/verify/subject.ts";
import { loadEnvironment } from "../../../src/config/load.ts";

export const { config } = loadEnvironment("environments/kind.yaml");
export const MIB = 1024 ** 2;

// What the manifests bring and what a healthy Prometheus and Grafana answer, written out: nothing here is made by the code under test.
const map = (name: string, file: string, text: string) =>
  ({ kind: "ConfigMap", metadata: { name }, data: { [file]: text } }) as unknown as KubeObject;
const BROUGHT: readonly KubeObject[] = [
  map("prometheus", "prometheus.yml", "scrape_configs:\n- job_name: webapp\n- job_name: mysql\n- job_name: kubelet\n- job_name: grafana\n"),
  map(
    "prometheus-rules-machine",
    "machine.yaml",
    `groups:
- name: machine
  rules:
  - record: instance:load
    expr: node_load1
  - alert: HighCPUUsage
    expr: instance:load > 1
`,
  ),
  map("prometheus-rules-watchdog", "watchdog.yaml", "groups:\n- name: watchdog\n  rules:\n  - alert: Watchdog\n    expr: vector(1)\n"),
  map("dashboard-overview", "overview.json", '{"uid":"cloudnova-overview","title":"Overview"}'),
  map("dashboard-mine", "mine.json", '{"uid":"rYdddlPWk","title":"Node Exporter Full"}'),
];
const target = (job: string) => ({ health: "up", lastError: "", labels: { job } });
/** The targets of kind's environment, which has two replicas of the application. */
export const TARGETS = [target("webapp"), target("webapp"), target("mysql"), target("kubelet"), target("grafana")];
const rule = (name: string) => ({ name, health: "ok" });
/** The groups of rules as Prometheus' API returns them, without a fault. */
export const GROUPS = [
  { name: "machine", rules: [rule("instance:load"), rule("HighCPUUsage")] },
  { name: "watchdog", rules: [rule("Watchdog")] },
];
/** The dashboards as Grafana's search returns them. */
export const BOARDS = [
  { uid: "cloudnova-overview", title: "Overview" },
  { uid: "rYdddlPWk", title: "Node Exporter Full" },
];
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
  "/api/search": BOARDS,
};

/** A pod that runs and is ready. */
export const pod = (name: string, component: string, container: object = {}, spec: object = {}): KubeObject =>
  ({
    metadata: { name, labels: { "app.kubernetes.io/name": component } },
    spec: { containers: [{ name: component, image: `${component}:1`, ...container }], ...spec },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  }) as unknown as KubeObject;

/** A cluster in which all is well, with nobody at the ingress; a test changes what it is about. */
export function subject(answers: Record<string, unknown> = {}, more: Partial<Subject> = {}): Subject {
  const standing = { ref: { kind: "StatefulSet", name: "mysql" }, state: "ready", words: "", troubles: [] } as unknown as Standing;
  return {
    config,
    manifests: BROUGHT,
    ingress: { address: "127.0.0.1", host: "localhost", httpPort: 1, httpsPort: 1 },
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
    reach: async () => {
      throw new Error("no MySQL here");
    },
    connects: async () => false,
    ...more,
  };
}

/** All that the checks find, or one of it. */
export const findings = (of: Subject, patienceMs = 0) => verify(of, { patienceMs, onFinding: () => undefined });
export const find = async (check: string, of: Subject) => (await findings(of)).find((one) => one.check === check);
