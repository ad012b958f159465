import type { Evidence } from "../../src/evidence/model.ts";
import { boardView, spanOf } from "../../src/evidence/panels.ts";
import { dashboards } from "../../src/monitoring/dashboards/index.ts";
import { type AskJson, PrometheusApi } from "../../src/monitoring/prometheus-api.ts";

export const NOW = new Date("2026-11-22T12:00:00Z");

/** A Prometheus that has one series for every query, of a value that goes up and down. */
export const anyPrometheus: AskJson = async (path) => {
  const { pathname, searchParams } = new URL(path, "http://prometheus");
  const metric = { job: "node", instance: "my-node", pod: "webapp-0", container: "webapp", alertname: "Watchdog" };
  if (pathname === "/api/v1/query") {
    return { status: "success", data: { resultType: "vector", result: [{ metric, value: [NOW.getTime() / 1000, "42.5"] }] } };
  }
  const [start, end, step] = ["start", "end", "step"].map((name) => Number(searchParams.get(name))) as [number, number, number];
  const values = Array.from({ length: (end - start) / step }, (_, index) => [start + index * step, String(50 + 40 * Math.sin(index / 9))]);
  return { status: "success", data: { resultType: "matrix", result: [{ metric, values }] } };
};

/** The smallest picture: one pixel. */
const PIXEL = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==";

/** A whole evidence, as a cluster that is well gives it. */
export async function example(language: Evidence["language"], changes: Partial<Evidence> = {}): Promise<Evidence> {
  const span = spanOf(NOW, "1h", "15s");
  const server = new PrometheusApi(anyPrometheus);
  const boards = await Promise.all(
    dashboards(["overview", "alerts"], language).map(async ({ name, json }) => ({ value: await boardView(name, json, server, span) })),
  );
  return {
    language,
    taken: NOW,
    timeZone: "UTC",
    environment: "kind",
    facts: [{ name: "Cluster", value: "kind · cloudnova" }],
    application: {
      value: [{ value: { title: "Home", address: "https://localhost:8443/", data: PIXEL } }, { failed: "the browser failed" }],
    },
    certificate: { value: "for localhost, 396 days" },
    targets: {
      value: [
        { job: "node", instance: "my-node", up: true, error: "", seconds: 0.02, exported: 847, stored: 407 },
        { job: "mysql", instance: "mysql-0", up: false, error: "connection refused", seconds: 0 },
      ],
    },
    grafana: { absent: "a ballast answers in Grafana's place" },
    range: "1h",
    boards,
    rules: {
      value: [
        { group: "node", name: "HighCPUUsage", state: "firing", severity: "warning", summary: "CPU alta", health: "ok" },
        { group: "pipeline", name: "Watchdog", state: "firing", severity: "none", summary: "", health: "ok" },
        { group: "mysql", name: "MysqlDown", state: "inactive", severity: "critical", summary: "", health: "many-to-many" },
      ],
    },
    alertmanager: { value: [{ name: "Watchdog", state: "active", severity: "none", since: NOW, receivers: ["none"] }] },
    pods: {
      value: [
        {
          namespace: "cloudnova",
          name: "mysql-0",
          node: "my-node",
          status: "Running",
          well: true,
          ready: "2/2",
          restarts: 0,
          memory: 2e8,
          request: 3e8,
        },
        { namespace: "cloudnova", name: "webapp-1", node: "my-node", status: "CrashLoopBackOff", well: false, ready: "0/1", restarts: 7 },
      ],
    },
    findings: {
      value: [
        { check: "TLS 1.2", state: "ok", saw: "accepted" },
        { check: "certificate", state: "problem", saw: "3 days left", advice: "renew it" },
        { check: "Grafana", state: "skipped", saw: "a ballast" },
      ],
    },
    commit: { value: { id: "0123456789abcdef", date: "2026-11-22T10:00:00Z", subject: "A commit", changed: true } },
    layout: {
      value: [
        { path: "charts/", files: 20 },
        { path: "charts/files/", files: 2 },
        { path: "package.json", files: 0 },
      ],
    },
    versions: { value: [{ what: "Kubernetes", version: "v1.34.2" }] },
    ...changes,
  };
}
