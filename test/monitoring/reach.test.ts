import { readFileSync } from "node:fs";
import { panelQueries } from "../../src/monitoring/dashboards/index.ts";
import { LEFT_OUT, NOT_EXPORTED } from "../../src/monitoring/dashboards/left-out.ts";
import { selectors } from "../../src/monitoring/promql.ts";

// How far the dashboards reach, beside those that the sources used.

const EXPORTED: Record<string, Record<string, string[]>> = JSON.parse(readFileSync("src/monitoring/keep/exported.json", "utf8"));
const shown = (...dashboards: readonly string[]) =>
  new Set(
    panelQueries()
      .filter(({ dashboard }) => dashboards.includes(dashboard))
      .flatMap(({ expr }) => selectors(expr).map(({ metric }) => metric)),
  );

describe("Node Exporter Full (1860): all that the exporter of a small machine exports is shown, or left out with its reason", () => {
  const exported = Object.keys(EXPORTED.node ?? {}).filter((metric) => metric.startsWith("node_"));
  const ours = shown("node", "node-io");
  const left = (metric: string) => LEFT_OUT.filter(({ metrics }) => metrics.test(metric));

  test("each metric is on a panel, or on the list once", () => {
    expect(exported.filter((metric) => Number(ours.has(metric)) + left(metric).length !== 1)).toEqual([]);
  });
  test("no entry of the list is about nothing", () => {
    expect(LEFT_OUT.filter(({ metrics }) => !exported.some((metric) => metrics.test(metric)))).toEqual([]);
  });
  test("and what is said not to be exported is not", () => {
    expect(exported.filter((metric) => NOT_EXPORTED.some(({ metrics }) => metrics.test(metric)))).toEqual([]);
  });
});

/** What the panels of Prometheus 2.0 Overview (3662) ask for, as far as Prometheus 3 has it under this or another name. */
const OVERVIEW_3662 = [
  "up",
  "scrape_duration_seconds",
  "prometheus_tsdb_head_series",
  "prometheus_tsdb_head_chunks",
  "prometheus_tsdb_head_series_created_total",
  "prometheus_tsdb_head_series_removed_total",
  "prometheus_tsdb_head_samples_appended_total",
  "prometheus_tsdb_head_series_not_found_total",
  "prometheus_tsdb_reloads_failures_total",
  "prometheus_tsdb_compactions_failed_total",
  // 2.0's prometheus_evaluator_iterations_missed_total
  "prometheus_rule_group_iterations_missed_total",
  "prometheus_rule_evaluation_failures_total",
  "prometheus_target_scrapes_exceeded_sample_limit_total",
  "prometheus_target_scrapes_sample_duplicate_timestamp_total",
  "prometheus_target_scrapes_sample_out_of_bounds_total",
  "prometheus_target_scrapes_sample_out_of_order_total",
  "prometheus_target_scrape_pool_sync_total",
  "prometheus_target_sync_length_seconds_sum",
  "prometheus_engine_query_duration_seconds",
  "prometheus_notifications_sent_total",
  "prometheus_config_last_reload_success_timestamp_seconds",
  "prometheus_config_last_reload_successful",
  "prometheus_sd_dns_lookup_failures_total",
  "net_conntrack_dialer_conn_failed_total",
  "go_gc_duration_seconds_sum",
];

test("Prometheus 2.0 Overview (3662): all that it shows; but for clouds that nobody discovers here, and counters that Prometheus 3 no longer has", () => {
  const ours = shown("prometheus");
  expect(OVERVIEW_3662.filter((metric) => !ours.has(metric))).toEqual([]);
  const gone = ["prometheus_evaluator_iterations_skipped_total", "prometheus_sd_marathon_refresh_failures_total"];
  expect(gone.filter((metric) => metric in (EXPORTED.prometheus ?? {}))).toEqual([]);
});

/** The list of source S4's "Sistema de Monitoreo Completo", and what it is drawn from here. */
const COMPLETE_SYSTEM: Readonly<Record<string, string>> = {
  CPU: "node_cpu_seconds_total",
  memory: "node_memory_MemAvailable_bytes",
  disk: "node_filesystem_avail_bytes",
  "MySQL active connections": "mysql_global_status_threads_connected",
  "web-server traffic": "traefik_entrypoint_requests_bytes_total",
  "request latency p95": "webapp_http_request_duration_seconds_bucket",
  "requests per second, 5xx error rate": "webapp_http_requests_total",
  "state of services": "up",
  "CPU per container": "container_cpu_usage_seconds_total",
  "memory per container": "container_memory_working_set_bytes",
};

test.each(Object.entries(COMPLETE_SYSTEM))("Sistema de Monitoreo Completo shows %s", (_, metric) => {
  expect(shown("system")).toContain(metric);
});
