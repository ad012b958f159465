import { alert, NUMBER, PERCENT, type RuleGroup, type RuleSettings } from "./rule.ts";

/** Monitoring itself: scraping, rule evaluation and notification must not fail unnoticed. */
export function pipelineRules(settings: RuleSettings): RuleGroup {
  return {
    name: "pipeline",
    rules: [
      alert("TargetMissing", settings, {
        // Every configured job has this series, so no job has to be named that an environment does not have.
        expr: "prometheus_target_scrape_pool_targets == 0",
        for: "5m",
        severity: "critical",
        summary: {
          es: "El job de recolección {{ $labels.scrape_job }} no tiene objetivos",
          en: "The scrape job {{ $labels.scrape_job }} has no targets",
        },
        description: {
          es: `Prometheus encuentra ${NUMBER} pods o nodos para este job desde hace 5m.`,
          en: `Prometheus has found ${NUMBER} pods or nodes for this job for 5m.`,
        },
      }),
      alert("PrometheusConfigReloadFailed", settings, {
        expr: "prometheus_config_last_reload_successful == 0",
        for: "5m",
        severity: "critical",
        summary: { es: "Prometheus rechaza su configuración", en: "Prometheus rejects its configuration" },
        description: {
          es: `La última recarga falló (valor ${NUMBER}); la configuración anterior sigue activa.`,
          en: `The last reload failed (value ${NUMBER}); the previous configuration stays active.`,
        },
      }),
      alert("PrometheusRuleFailures", settings, {
        expr: "increase(prometheus_rule_evaluation_failures_total[5m]) > 0",
        for: "5m",
        severity: "critical",
        summary: { es: "Fallan reglas de Prometheus", en: "Prometheus rules fail" },
        description: {
          es: `${NUMBER} evaluaciones fallidas en 5m en {{ $labels.rule_group }}: sus alertas no se disparan.`,
          en: `${NUMBER} failed evaluations in 5m in {{ $labels.rule_group }}: its alerts do not fire.`,
        },
      }),
      alert("PrometheusNotificationsFailing", settings, {
        expr: "rate(prometheus_notifications_dropped_total[5m]) + on(instance) sum by(instance) (rate(prometheus_notifications_errors_total[5m])) > 0",
        for: "5m",
        severity: "critical",
        summary: { es: "Las alertas no llegan a Alertmanager", en: "Alerts do not reach Alertmanager" },
        description: {
          es: 'Se pierden {{ $value | printf "%.2f" }} alertas por segundo desde hace 5m.',
          en: '{{ $value | printf "%.2f" }} alerts per second have been lost for 5m.',
        },
      }),
      alert("PrometheusWalCorrupted", settings, {
        expr: "prometheus_tsdb_wal_corruptions_total > 0",
        severity: "warning",
        summary: { es: "El write-ahead log de Prometheus estaba dañado", en: "The write-ahead log of Prometheus was corrupted" },
        description: {
          es: `${NUMBER} daños desde su inicio; faltan muestras.`,
          en: `${NUMBER} corruptions since its start; samples are missing.`,
        },
      }),
      alert("PrometheusCompactionsFailing", settings, {
        // Prometheus tries again within a minute. Cutting the write-ahead log is part of it, so a failure there is counted too.
        expr: "increase(prometheus_tsdb_compactions_failed_total[10m]) > 0",
        for: "15m",
        severity: "warning",
        summary: { es: "Prometheus no puede compactar sus datos", en: "Prometheus cannot compact its data" },
        description: {
          es: `${NUMBER} intentos fallidos en 10m; su write-ahead log crece hasta llenar el volumen.`,
          en: `${NUMBER} attempts failed in 10m; its write-ahead log grows until the volume is full.`,
        },
      }),
      alert("PrometheusTooManySeries", settings, {
        // Measured on a node of 2 GiB: 5,234 series take 32 MiB, 29,259 take 88 MiB. CloudNova keeps fewer than 4,000.
        expr: "prometheus_tsdb_head_series > 12000",
        for: "15m",
        severity: "warning",
        summary: { es: "Prometheus guarda demasiadas series", en: "Prometheus stores too many series" },
        description: {
          es: `${NUMBER} series en memoria (límite: 12.000).`,
          en: `${NUMBER} series in memory (limit: 12,000).`,
        },
      }),
      alert("AlertmanagerConfigReloadFailed", settings, {
        expr: "alertmanager_config_last_reload_successful == 0",
        for: "5m",
        severity: "critical",
        summary: { es: "Alertmanager rechaza su configuración", en: "Alertmanager rejects its configuration" },
        description: {
          es: `La última recarga falló (valor ${NUMBER}); la configuración anterior sigue activa.`,
          en: `The last reload failed (value ${NUMBER}); the previous configuration stays active.`,
        },
      }),
      alert("AlertmanagerNotificationsFailing", settings, {
        // A single failing group is notified again every five minutes at the most: three of these rounds.
        expr: "100 * sum by(instance, integration) (rate(alertmanager_notifications_failed_total[15m])) / sum by(instance, integration) (rate(alertmanager_notifications_total[15m])) > 1",
        for: "5m",
        severity: "critical",
        summary: {
          es: "No se entregan notificaciones por {{ $labels.integration }}",
          en: "Notifications via {{ $labels.integration }} are not delivered",
        },
        description: {
          es: `Falla el ${PERCENT} de las notificaciones (límite: 1 %).`,
          en: `${PERCENT} of the notifications fail (limit: 1 %).`,
        },
      }),
    ],
  };
}
