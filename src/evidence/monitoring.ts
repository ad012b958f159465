import type { AskJson, PrometheusApi } from "../monitoring/prometheus-api.ts";
import type { AlertRule, HeldAlert, Target } from "./model.ts";

interface ApiTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError: string;
  readonly lastScrapeDuration: number;
}

/** Every target that Prometheus scrapes, with what it exports and how much of that is stored. */
export async function readTargets(server: PrometheusApi, at: Date): Promise<Target[]> {
  const { activeTargets } = await server.get<{ activeTargets: ApiTarget[] }>("/api/v1/targets?state=active");
  const [exported, stored] = await Promise.all([
    server.newest("scrape_samples_scraped", at),
    server.newest("scrape_samples_post_metric_relabeling", at),
  ]);
  const of = (samples: typeof exported, { job, instance }: ApiTarget["labels"]) =>
    samples.find(({ labels }) => labels.job === job && labels.instance === instance)?.value;
  return activeTargets
    .map(({ labels, health, lastError, lastScrapeDuration }) => ({
      job: labels.job ?? "",
      instance: labels.instance ?? "",
      up: health === "up",
      error: lastError,
      seconds: lastScrapeDuration,
      exported: of(exported, labels),
      stored: of(stored, labels),
    }))
    .sort((one, other) => `${one.job} ${one.instance}`.localeCompare(`${other.job} ${other.instance}`, "en"));
}

interface ApiRule {
  readonly type: string;
  readonly name: string;
  readonly state?: AlertRule["state"];
  readonly health: string;
  readonly lastError?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Every alerting rule with its state: those that fire first, then in the order of their groups. */
export async function readRules(server: PrometheusApi): Promise<AlertRule[]> {
  const { groups } = await server.get<{ groups: { name: string; rules: ApiRule[] }[] }>("/api/v1/rules?type=alert");
  const order = ["firing", "pending", "unknown", "inactive"];
  return groups
    .flatMap(({ name: group, rules }) =>
      rules.map(({ name, state = "unknown", health, lastError, labels, annotations }) => ({
        group,
        name,
        state,
        severity: labels?.severity ?? "",
        summary: annotations?.summary ?? "",
        health: health === "ok" ? "ok" : lastError || health,
      })),
    )
    .sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state));
}

interface ApiAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly status: { readonly state: string };
  readonly receivers: readonly { readonly name: string }[];
}

/** The alerts that Alertmanager holds (its API, version 2). */
export async function readAlertmanager(ask: AskJson): Promise<HeldAlert[]> {
  const alerts = (await ask("/api/v2/alerts")) as ApiAlert[];
  return alerts.map(({ labels, startsAt, status, receivers }) => ({
    name: labels.alertname ?? "",
    state: status.state,
    severity: labels.severity ?? "",
    since: new Date(startsAt),
    receivers: receivers.map(({ name }) => name),
  }));
}
