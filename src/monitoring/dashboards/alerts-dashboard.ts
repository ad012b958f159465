import { type DashboardSpec, lines, number } from "./panel.ts";

const rate = (selector: string) => `rate(${selector}[$__rate_interval])`;
const delivered = `sum by(integration) (${rate("alertmanager_notification_latency_seconds_count")})`;
const firing = (severity: string) => `count(ALERTS{alertstate="firing",severity="${severity}"}) or vector(0)`;

/** What fires now, what fired before, and whether the way of the alerts works. */
export const alerts: DashboardSpec = {
  uid: "cloudnova-alerts",
  title: { es: "Alertas", en: "Alerts" },
  panels: [
    number(
      { es: "Críticas", en: "Critical" },
      "short",
      { es: "Activas ahora.", en: "Firing now." },
      { "": firing("critical") },
      { thresholds: { yellow: 1, red: 1 } },
    ),
    number(
      { es: "Advertencias", en: "Warnings" },
      "short",
      { es: "Activas ahora.", en: "Firing now." },
      { "": firing("warning") },
      { thresholds: { yellow: 1, red: 5 } },
    ),
    number(
      { es: "Pendientes", en: "Pending" },
      "short",
      { es: "La condición aún no dura lo suficiente.", en: "The condition has not lasted long enough yet." },
      { "": 'count(ALERTS{alertstate="pending"}) or vector(0)' },
    ),
    number(
      { es: "Watchdog", en: "Watchdog" },
      "short",
      { es: "1: el sistema de alertas funciona correctamente.", en: "1: the alerting pipeline is healthy." },
      { "": 'count(ALERTS{alertname="Watchdog",alertstate="firing"}) or vector(0)' },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(
      { es: "Reglas", en: "Rules" },
      "short",
      { es: "Evaluadas por Prometheus.", en: "Evaluated by Prometheus." },
      { "": "sum(prometheus_rule_group_rules)" },
    ),
    number(
      { es: "Silencios", en: "Silences" },
      "short",
      { es: "Activos en Alertmanager.", en: "Active in Alertmanager." },
      { "": 'sum(alertmanager_silences{state="active"})' },
    ),
    {
      ...lines(
        { es: "Ahora", en: "Now" },
        "none",
        { es: "Cada alerta con sus etiquetas.", en: "Each alert with its labels." },
        { "": "ALERTS" },
      ),
      kind: "table",
      width: 24,
      min: undefined,
    },
    lines(
      { es: "Historial", en: "History" },
      "short",
      { es: "Número de alertas activas por nombre.", en: "Number of firing alerts by name." },
      { "{{alertname}}": 'count by(alertname) (ALERTS{alertstate="firing"})' },
      { width: 24 },
    ),
    { heading: { es: "Sistema de alertas", en: "Alerting pipeline" } },
    lines(
      { es: "De Prometheus a Alertmanager", en: "From Prometheus to Alertmanager" },
      "short",
      { es: "Por segundo: enviadas y descartadas.", en: "Per second: sent and dropped." },
      {
        "enviadas / sent": rate("prometheus_notifications_sent_total"),
        "fallidas / errors": rate("prometheus_notifications_errors_total"),
      },
    ),
    lines(
      { es: "Alertas en Alertmanager", en: "Alerts in Alertmanager" },
      "short",
      { es: "Por estado.", en: "By state." },
      { "{{state}}": "alertmanager_alerts" },
    ),
    lines(
      { es: "Notificaciones por canal", en: "Notifications by channel" },
      "short",
      { es: "Por segundo.", en: "Per second." },
      { "{{integration}}": `sum by(integration) (${rate("alertmanager_notifications_total")})` },
    ),
    lines(
      { es: "Notificaciones fallidas", en: "Failed notifications" },
      "short",
      { es: "Por segundo y canal.", en: "Per second, by channel." },
      { "{{integration}}": `sum by(integration) (${rate("alertmanager_notifications_failed_total")})` },
      { thresholds: { yellow: 0.001, red: 0.01 } },
    ),
    lines(
      { es: "Tiempo de entrega", en: "Delivery time" },
      "s",
      { es: "Promedio por canal.", en: "Average by channel." },
      {
        // 0 while nothing is sent, not 0 / 0.
        "{{integration}}": `sum by(integration) (${rate("alertmanager_notification_latency_seconds_sum")}) / (${delivered} > 0) or ${delivered}`,
      },
    ),
    lines(
      { es: "Grupos", en: "Groups" },
      "short",
      { es: "Alertas que se notifican juntas.", en: "Alerts that are notified together." },
      { "{{instance}}": "alertmanager_dispatcher_aggregation_groups" },
    ),
    lines(
      { es: "Memoria de Alertmanager", en: "Alertmanager memory" },
      "bytes",
      { es: "Residente del proceso.", en: "Resident memory of the process." },
      { "{{instance}}": 'process_resident_memory_bytes{job="alertmanager"}' },
    ),
    lines(
      { es: "Configuración", en: "Configuration" },
      "short",
      { es: "1: la última recarga fue correcta.", en: "1: the last reload succeeded." },
      {
        Prometheus: "prometheus_config_last_reload_successful",
        Alertmanager: "alertmanager_config_last_reload_successful",
      },
    ),
    lines(
      { es: "Duración de los grupos de reglas", en: "Rule group duration" },
      "s",
      { es: "Última evaluación de cada grupo.", en: "Last evaluation of each group." },
      { "{{rule_group}}": "prometheus_rule_group_last_duration_seconds" },
    ),
  ],
};
