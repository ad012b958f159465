import { type DashboardSpec, heading, lines, number } from "./panel.ts";

const rate = (selector: string) => `rate(${selector}[$__rate_interval])`;
const told = `sum by(integration) (${rate("alertmanager_notification_latency_seconds_count")})`;
const firing = (severity: string) => `count(ALERTS{alertstate="firing",severity="${severity}"}) or vector(0)`;

/** What fires now, what fired before, and whether the way of the alerts works. */
export const alerts: DashboardSpec = {
  uid: "cloudnova-alerts",
  title: { es: "Alertas", en: "Alerts" },
  panels: [
    number(
      ["Críticas", "Critical"],
      "short",
      ["Que se disparan ahora.", "That fire now."],
      { "": firing("critical") },
      { thresholds: { yellow: 1, red: 1 } },
    ),
    number(
      ["Avisos", "Warnings"],
      "short",
      ["Que se disparan ahora.", "That fire now."],
      { "": firing("warning") },
      { thresholds: { yellow: 1, red: 5 } },
    ),
    number(["Pendientes", "Pending"], "short", ["Aún no duran lo bastante.", "They do not yet last long enough."], {
      "": 'count(ALERTS{alertstate="pending"}) or vector(0)',
    }),
    number(
      ["Watchdog", "Watchdog"],
      "short",
      ["1: el camino está vivo.", "1: the way is alive."],
      { "": 'count(ALERTS{alertname="Watchdog",alertstate="firing"}) or vector(0)' },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(["Reglas", "Rules"], "short", ["Que Prometheus evalúa.", "That Prometheus evaluates."], {
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
      ["Historia", "History"],
      "short",
      ["Cuántas de cada una se disparaban.", "How many of each were firing."],
      { "{{alertname}}": 'count by(alertname) (ALERTS{alertstate="firing"})' },
      { width: 24 },
    ),
    heading("El camino", "The way"),
    lines(
      ["De Prometheus a Alertmanager", "From Prometheus to Alertmanager"],
      "short",
      ["Por segundo: enviadas y perdidas.", "A second: sent and lost."],
      {
        "enviadas / sent": rate("prometheus_notifications_sent_total"),
        "fallidas / errors": rate("prometheus_notifications_errors_total"),
      },
    ),
    lines(["Alertas en Alertmanager", "Alerts in Alertmanager"], "short", ["Por estado.", "By state."], {
      "{{state}}": "alertmanager_alerts",
    }),
    lines(["Notificaciones por canal", "Notifications by channel"], "short", ["Por segundo.", "A second."], {
      "{{integration}}": `sum by(integration) (${rate("alertmanager_notifications_total")})`,
    }),
    lines(
      ["Notificaciones fallidas", "Failed notifications"],
      "short",
      ["Por segundo y canal.", "A second, by channel."],
      { "{{integration}}": `sum by(integration) (${rate("alertmanager_notifications_failed_total")})` },
      { thresholds: { yellow: 0.001, red: 0.01 } },
    ),
    lines(["Tiempo de entrega", "Delivery time"], "s", ["Media por canal.", "Mean by channel."], {
      // 0 while nothing is sent, not 0 / 0.
      "{{integration}}": `sum by(integration) (${rate("alertmanager_notification_latency_seconds_sum")}) / (${told} > 0) or ${told}`,
    }),
    lines(["Grupos", "Groups"], "short", ["De alertas que se avisan juntas.", "Of alerts that are told together."], {
      "{{instance}}": "alertmanager_dispatcher_aggregation_groups",
    }),
    lines(["Memoria de Alertmanager", "Memory of Alertmanager"], "bytes", ["Residente del proceso.", "Resident memory of the process."], {
      "{{instance}}": 'process_resident_memory_bytes{job="alertmanager"}',
    }),
    lines(["Configuración", "Configuration"], "short", ["1: la última carga fue correcta.", "1: the last reload was right."], {
      Prometheus: "prometheus_config_last_reload_successful",
      Alertmanager: "alertmanager_config_last_reload_successful",
    }),
    lines(
      ["Duración de los grupos de reglas", "Time of rule groups"],
      "s",
      ["La última evaluación de cada uno.", "The last evaluation of each."],
      { "{{rule_group}}": "prometheus_rule_group_last_duration_seconds" },
    ),
  ],
};
