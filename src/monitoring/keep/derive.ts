import { dashboardQueries } from "../dashboards/index.ts";
import { EVERYTHING, type Parts } from "../parts.ts";
import { labelNames, selectors } from "../promql.ts";
import { ruleGroups } from "../rules/index.ts";
import type { RuleSettings } from "../rules/rule.ts";

/** Whose metrics begin so. Programs share `process_` and `go_`: a query of those has to name its job. */
const OWNERS: Readonly<Record<string, string>> = {
  prometheus_: "prometheus",
  node_: "node",
  webapp_: "webapp",
  mysql_: "mysql",
  cloudnova_backup_: "backups",
  traefik_: "traefik",
  alertmanager_: "alertmanager",
  grafana_: "grafana",
  container_: "cadvisor",
  kubelet_: "kubelet",
  prober_: "kubelet-probes",
  probe_: "probe",
  blackbox_: "blackbox-exporter",
};

/** The job whose metrics begin as this one does; undefined where several jobs may have it. */
export const ownerOf = (metric: string): string | undefined => Object.entries(OWNERS).find(([prefix]) => metric.startsWith(prefix))?.[1];

/** Prometheus makes these by itself, with every scrape and every rule. */
const OWN = /^(up|scrape_.*|ALERTS|ALERTS_FOR_STATE|.*:.*)$/;

/** Every rule that an environment may have; thresholds change no metric, so any will do. */
const SETTINGS: RuleSettings = {
  alerts: {
    cpu: { threshold: 80, for: "5m", window: "5m" },
    memory: { threshold: 20, for: "5m" },
    disk: { threshold: 15, for: "5m" },
    targetDown: { for: "1m" },
  },
  scrapeInterval: "15s",
  language: "en",
  runbooks: "docs/runbooks",
};

/** Every query of every rule and panel. */
export function allQueries(parts: Parts = EVERYTHING): string[] {
  return [...ruleGroups({ ...SETTINGS, parts }).flatMap(({ rules }) => rules.map(({ expr }) => expr)), ...dashboardQueries(parts)];
}

/** The names that our rules record. */
export function recordedNames(): ReadonlySet<string> {
  return new Set(ruleGroups(SETTINGS).flatMap(({ rules }) => rules.flatMap((rule) => ("record" in rule ? [rule.record] : []))));
}

function jobsOf(metric: string, job: { operator: string; value: string } | undefined, query: string): string[] {
  if (job) {
    if (!/^=~?$/.test(job.operator)) throw new Error(`which jobs does this query mean? ${query}`);
    return job.value.split("|");
  }
  const owner = ownerOf(metric);
  if (!owner) throw new Error(`${metric} belongs to several jobs, so the query has to name one: ${query}`);
  return [owner];
}

/** The metrics that rules and panels ask for, by the job that exports them, sorted. */
export const usedMetrics = (queries: readonly string[] = allQueries()) => used(queries, (_, metric) => [metric]);

/** The same, and each label that such a query names, as `metric{label}`, of every metric in it. */
export const usedNames = (queries: readonly string[] = allQueries()) =>
  used(queries, (query, metric) => [metric, ...labelNames(query).map((label) => `${metric}{${label}}`)]);

function used(queries: readonly string[], namesOf: (query: string, metric: string) => readonly string[]): Record<string, string[]> {
  const used = new Map<string, Set<string>>();
  for (const query of queries) {
    for (const { metric, labels } of selectors(query)) {
      if (OWN.test(metric)) continue;
      for (const job of jobsOf(metric, labels.get("job"), query)) {
        used.set(job, new Set([...(used.get(job) ?? []), ...namesOf(query, metric)]));
      }
    }
  }
  return Object.fromEntries([...used].sort(([one], [other]) => (one < other ? -1 : 1)).map(([job, names]) => [job, [...names].sort()]));
}

/** The metrics that are stored only of the user's applications: no rule and no panel about anything else asks for them. */
export function applicationMetrics(): Record<string, string[]> {
  const others = usedMetrics(allQueries({ ...EVERYTHING, applications: false }));
  return Object.fromEntries(
    Object.entries(usedMetrics())
      .map(([job, names]) => [job, names.filter((metric) => !others[job]?.includes(metric))] as const)
      .filter(([, names]) => names.length > 0),
  );
}

/** The text of kept.ts. Committed, because the parser would cost every synth more than the list is worth. */
export function keptSource(): string {
  const lists = (metrics: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(metrics)
      .map(([job, names]) => `  "${job}": \`\n    ${names.join("\n    ")}\`,\n`)
      .join("");
  return `// Made from the queries of rules and dashboards by src/monitoring/keep/derive.ts; never edited.
// biome-ignore-all format: one metric a line

/** What is stored of each job's metrics: those that a rule or a panel asks for, and no other. */
export const KEPT: Readonly<Record<string, string>> = {
${lists(usedMetrics(allQueries({ ...EVERYTHING, applications: false, remoteWrite: false })))}};

/** What is stored besides of the series of the user's applications. */
export const KEPT_OF_APPLICATIONS: Readonly<Record<string, string>> = {
${lists(applicationMetrics())}};
`;
}
