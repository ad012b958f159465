import type { Config } from "../../config/resolve.ts";
import { type Language, pageName, pick, type Text } from "../../language.ts";
import type { Parts } from "../parts.ts";

/** An alerting rule, in the words of Prometheus. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: "critical" | "warning" | "none" };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
    /** Absent where the environment has no dashboard of its subject. */
    readonly dashboard_url?: string;
  };
}

/** A recording rule. */
export interface Recording {
  readonly record: string;
  readonly expr: string;
}

/** Rules that are evaluated together; one file in the ConfigMap of its subject. */
export interface RuleGroup {
  readonly name: string;
  /** @default the environment's interval */
  readonly interval?: string;
  readonly rules: readonly (Alert | Recording)[];
}

/** What the rules of an environment hang on. */
export interface RuleSettings {
  readonly alerts: Config["monitoring"]["alerts"];
  /** The scrape interval, such as `15s`. */
  readonly scrapeInterval: string;
  readonly language: Language;
  /** Where the runbooks lie: the address, or the folder in the repository, that holds docs/runbooks' pages. */
  readonly runbooks: string;
  /** Percent of the disk below which the kubelet evicts pods. @default 0: never */
  readonly evictsBelow?: number;
  /** Instances of the application that must answer. @default 1 */
  readonly replicas?: number;
  /** @default everything */
  readonly parts?: Parts;
  /** The age of the newest backup at which it is too old, in seconds. @default that of daily backups */
  readonly backupTooOld?: number;
  /** The public certificates: their names, and whether they are valid for days instead of months. @default for localhost, for months */
  readonly certificate?: { readonly hosts: readonly string[]; readonly shortLived: boolean };
  /** Addresses of the environment's dashboards, by name. @default none */
  readonly dashboards?: Readonly<Record<string, string | undefined>>;
}

/** `{{ $value }}` with one digit after the point, and a percent sign. */
export const PERCENT = '{{ $value | printf "%.1f" }} %';
/** `{{ $value }}` as a rounded number. */
export const NUMBER = '{{ $value | printf "%.0f" }}';
/** `{{ $value }}` as a time span such as 2m 5s. */
export const SPAN = "{{ $value | humanizeDuration }}";

/** The last day, looked at every five minutes: at a scrape interval of 5s each of its samples would be 17,280 a series and evaluation. */
export const LAST_DAY = "1d:5m";

/**
 * A condition that counts only as a change: one that has not held all day, or for which the alert has fired within the day. With the
 * first half alone the alert would end after a day, although nothing was repaired.
 *
 * @param now the condition
 * @param before what held before the change, over LAST_DAY
 * @param labels by which the series of the three are matched
 */
export const changed = (alertname: string, now: string, before: string, labels: string): string => {
  const fired = `max by(${labels}) (max_over_time(ALERTS{alertname="${alertname}",alertstate="firing"}[${LAST_DAY}]))`;
  return `${now} and on(${labels}) (${before} or on(${labels}) ${fired})`;
};

/** An alert with its texts in the environment's language. */
export function alert(
  name: string,
  { language, runbooks }: RuleSettings,
  rule: {
    readonly expr: string;
    readonly for?: string;
    readonly severity: Alert["labels"]["severity"];
    readonly summary: Text;
    readonly description: Text;
  },
): Alert {
  return {
    alert: name,
    expr: rule.expr,
    ...(rule.for && { for: rule.for }),
    labels: { severity: rule.severity },
    annotations: {
      summary: pick(rule.summary, language),
      description: pick(rule.description, language),
      runbook_url: `${runbooks}/${pageName(name, language)}`,
    },
  };
}
