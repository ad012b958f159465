import { type DashboardSpec, heading, lines, number } from "./panel.ts";

const rate = (selector: string) => `rate(${selector}[$__rate_interval])`;
const delivered = `sum by(integration) (${rate("alertmanager_notification_latency_seconds_count")})`;
const firing = (severity: string) => `count(ALERTS{alertstate="firing",severity="${severity}"}) or vector(0)`;

/** What fires now, what fired before, and whether the way of the alerts works. */
export const alerts: DashboardSpec = {
  uid: "cloudnova-alerts",
  title: { es: "Alertas", en: "Alerts" },
  panels: [
    number(
      ["Críticas", "Critical"],
      "short",
      ["Activas ahora.", "Firing now."],
      { "": firing("critical") },
      { thresholds: { yellow: 1, red: 1 } },
    ),
    number(
      ["Advertencias", "Warnings"],
      "short",
      ["Activas ahora.", "Firing now."],
      { "": firing("warning") },
      { thresholds: { yellow: 1, red: 5 } },
    ),
    number(
      ["Pendientes", "Pending"],
      "short",
      ["La condición aún no dura lo suficiente.", "The condition has not lasted long enough yet."],
      {
        "": 'count(ALERTS{alertstate="pending"}) or vector(0)',
      },
    ),
    number(
      ["Watchdog", "Watchdog"],
      "short",
      ["1: el sistema de alertas funciona correctamente.", "1: the alerting pipeline is healthy."],
      { "": 'count(ALERTS{alertname="Watchdog",alertstate="firing"}) or vector(0)' },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(["Reglas", "Rules"], "short", ["Evaluadas por Prometheus.", "Evaluated by Prometheus."], {
      "": "sum(prometheus_rule_group_rules)",
    }),
    number(["Silencios", "Silences"], "short", ["Activos en Alertmanager.", "Active in Alertmanager."], {
      "": 'sum(alertmanager_silences{state="active"})',
    }),
    {
      ...lines(["Ahora", "Now"], "none", ["Cada alerta con sus etiquetas.", "Each alert with its labels."], { "": "ALERTS" }),
      kind: "table",
      width: 24,
      min: undefined,
    },
    lines(
      ["Historial", "History"],
      "short",
      ["Número de alertas activas por nombre.", "Number of firing alerts by name."],
      { "{{alertname}}": 'count by(alertname) (ALERTS{alertstate="firing"})' },
      { width: 24 },
    ),
    heading("Sistema de alertas", "Alerting pipeline"),
    lines(
      ["De Prometheus a Alertmanager", "From Prometheus to Alertmanager"],
      "short",
      ["Por segundo: enviadas y descartadas.", "Per second: sent and dropped."],
      {
        "enviadas / sent": rate("prometheus_notifications_sent_total"),
        "fallidas / errors": rate("prometheus_notifications_errors_total"),
      },
    ),
    lines(["Alertas en Alertmanager", "Alerts in Alertmanager"], "short", ["Por estado.", "By state."], {
      "{{state}}": "alertmanager_alerts",
    }),
    lines(["Notificaciones por canal", "Notifications by channel"], "short", ["Por segundo.", "Per second."], {
      "{{integration}}": `sum by(integration) (${rate("alertmanager_notifications_total")})`,
    }),
    lines(
      ["Notificaciones fallidas", "Failed notifications"],
      "short",
      ["Por segundo y canal.", "Per second, by channel."],
      { "{{integration}}": `sum by(integration) (${rate("alertmanager_notifications_failed_total")})` },
      { thresholds: { yellow: 0.001, red: 0.01 } },
    ),
    lines(["Tiempo de entrega", "Delivery time"], "s", ["Promedio por canal.", "Average by channel."], {
      // 0 while nothing is sent, not 0 / 0.
      "{{integration}}": `sum by(integration) (${rate("alertmanager_notification_latency_seconds_sum")}) / (${delivered} > 0) or ${delivered}`,
    }),
    lines(["Grupos", "Groups"], "short", ["Alertas que se notifican juntas.", "Alerts that are notified together."], {
      "{{instance}}": "alertmanager_dispatcher_aggregation_groups",
    }),
    lines(["Memoria de Alertmanager", "Alertmanager memory"], "bytes", ["Residente del proceso.", "Resident memory of the process."], {
      "{{instance}}": 'process_resident_memory_bytes{job="alertmanager"}',
    }),
    lines(["Configuración", "Configuration"], "short", ["1: la última recarga fue correcta.", "1: the last reload succeeded."], {
      Prometheus: "prometheus_config_last_reload_successful",
      Alertmanager: "alertmanager_config_last_reload_successful",
    }),
    lines(
      ["Duración de los grupos de reglas", "Rule group duration"],
      "s",
      ["Última evaluación de cada grupo.", "Last evaluation of each group."],
      { "{{rule_group}}": "prometheus_rule_group_last_duration_seconds" },
    ),
  ],
};
