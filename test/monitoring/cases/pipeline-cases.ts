import { type AlertCases, growing, NODE, steady } from "./case.ts";

const PROMETHEUS = 'instance="prometheus-0",job="prometheus"';
const own = (metric: string, values: string, labels = "") => ({ [`${metric}{${PROMETHEUS}${labels}}`]: values });
const up = (values: string) => ({ [`up{${NODE},job="node"}`]: values });
const notifications = (all: string, failed: string) => ({
  'alertmanager_notifications_total{instance="alertmanager-0",integration="email"}': all,
  'alertmanager_notifications_failed_total{instance="alertmanager-0",integration="email",reason="other"}': failed,
});
/** One more every five minutes, as a warning's group interval has it. */
const everyRound = Array.from({ length: 12 }, (_, round) => `${round}x4`).join(" ");
const reload = (metric: string) => ({ fires: own(metric, "1x3 0x20"), holds: own(metric, "1x8 0 1x20"), at: "15m" });
const RECEIVER = ',remote_name="receiver-0",url="https://metrics.example.com/write"';
/** The times of the newest sample, and of the newest that was sent. */
const written = (sent: string) => ({
  ...own("prometheus_remote_storage_highest_timestamp_in_seconds", growing(60)),
  ...own("prometheus_remote_storage_queue_highest_sent_timestamp_seconds", sent, RECEIVER),
});
const errors = (values: string) => ({
  ...own("prometheus_notifications_dropped_total", steady(0)),
  ...own("prometheus_notifications_errors_total", values, ',alertmanager="http://alertmanager:9093"'),
});

export const PIPELINE: AlertCases = {
  // Down for a minute, against a single scrape that failed.
  TargetDown: { fires: up("1 0x10"), holds: up("1 1 1 1 0"), at: "4m" },
  // It fires whatever there is; what must not be is that it needs anything.
  Watchdog: { fires: {}, holds: {}, at: "1m" },
  TargetMissing: {
    fires: own("prometheus_target_scrape_pool_targets", steady(0), ',scrape_job="mysql"'),
    holds: own("prometheus_target_scrape_pool_targets", "1x5 0x4 1x20", ',scrape_job="mysql"'),
    at: "10m",
  },
  PrometheusConfigReloadFailed: reload("prometheus_config_last_reload_successful"),
  AlertmanagerConfigReloadFailed: reload("alertmanager_config_last_reload_successful"),
  // Every minute, against once.
  PrometheusRuleFailures: {
    fires: own("prometheus_rule_evaluation_failures_total", growing(1), ',rule_group="x"'),
    holds: own("prometheus_rule_evaluation_failures_total", "0x8 1x30", ',rule_group="x"'),
    at: "12m",
  },
  // Alertmanager that starts later than Prometheus is no trouble.
  PrometheusNotificationsFailing: { fires: errors(growing(1)), holds: errors("0 3x30"), at: "10m" },
  PrometheusWalCorrupted: {
    fires: own("prometheus_tsdb_wal_corruptions_total", steady(1)),
    holds: own("prometheus_tsdb_wal_corruptions_total", steady(0)),
    at: "5m",
  },
  // Each attempt, one a minute, against one that failed and was repeated with success.
  PrometheusCompactionsFailing: {
    fires: own("prometheus_tsdb_compactions_failed_total", growing(1)),
    holds: own("prometheus_tsdb_compactions_failed_total", "0x10 1x40"),
    at: "30m",
  },
  // Away for ten minutes, against two minutes.
  PrometheusRemoteWriteBehind: { fires: written("0+60x5 300x20"), holds: written("0+60x5 300x2 480+60x20"), at: "13m" },
  PrometheusRemoteWriteFailing: {
    fires: own("prometheus_remote_storage_samples_failed_total", growing(100), RECEIVER),
    holds: own("prometheus_remote_storage_samples_failed_total", steady(100), RECEIVER),
    at: "12m",
  },
  PrometheusTooManySeries: {
    fires: own("prometheus_tsdb_head_series", steady(12_100)),
    holds: own("prometheus_tsdb_head_series", steady(11_900)),
    at: "20m",
  },
  // The only group there is, and none of its mails is taken; against 9 of 1,000.
  AlertmanagerNotificationsFailing: {
    fires: notifications(everyRound, everyRound),
    holds: notifications(growing(1000), growing(9)),
    at: "24m",
  },
};
