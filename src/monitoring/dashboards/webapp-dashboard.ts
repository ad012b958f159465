import { errorBudgetLeft, errorRatio, OBJECTIVES, VISITORS } from "../slo.ts";
import { type DashboardSpec, lines, number } from "./panel.ts";

const { availability, latency } = OBJECTIVES;
const total = (matchers = "") => `webapp_http_requests_total{${VISITORS}${matchers}}`;
const rate = (selector: string) => `rate(${selector}[$__rate_interval])`;
const by = (label: string, selector: string) => `sum by(${label}) (${rate(selector)})`;
const bucket = `webapp_http_request_duration_seconds_bucket{${VISITORS}}`;
const quantile = (q: number, inner: string) => `histogram_quantile(${q}, ${inner})`;
const LEFT = { yellow: 50, red: 20 };

/** The application: what its visitors get, what it promised them, and where it waits. */
export const webapp: DashboardSpec = {
  uid: "cloudnova-webapp",
  needs: "sample",
  title: { es: "Aplicación y SLO", en: "Web app and SLO" },
  panels: [
    number(
      { es: "Presupuesto de errores, ≤ 30 d", en: "Error budget, ≤ 30 d" },
      "percent",
      {
        es: "Lo que queda del presupuesto (0,5 % de las peticiones) en los últimos 30 días, o en los que guarda Prometheus (monitoring.retention; 15 por defecto).",
        en: "What remains of the budget (0.5 % of the requests) over the last 30 days, or over the retention of Prometheus (monitoring.retention; 15 days by default).",
      },
      { "": `100 * (${errorBudgetLeft(availability)})` },
      { thresholds: LEFT, max: 100 },
    ),
    number(
      { es: "Presupuesto de latencia, ≤ 30 d", en: "Latency budget, ≤ 30 d" },
      "percent",
      {
        es: "Lo que queda del presupuesto (1 % de las peticiones) en los últimos 30 días, o en los que guarda Prometheus (monitoring.retention; 15 por defecto).",
        en: "What remains of the budget (1 % of the requests) over the last 30 days, or over the retention of Prometheus (monitoring.retention; 15 days by default).",
      },
      { "": `100 * (${errorBudgetLeft(latency)})` },
      { thresholds: LEFT, max: 100 },
    ),
    number(
      { es: "Disponibilidad, 1 día", en: "Availability, 1 day" },
      "percent",
      { es: "Peticiones sin error del servidor.", en: "Requests without a server error." },
      { "": `100 * (1 - ${errorRatio(availability, "1d")})` },
      { thresholds: { yellow: 99.9, red: 99.5 } },
    ),
    number(
      { es: "Peticiones rápidas, 1 día", en: "Fast requests, 1 day" },
      "percent",
      { es: "Peticiones respondidas en menos de medio segundo.", en: "Requests answered in less than half a second." },
      { "": `100 * (1 - ${errorRatio(latency, "1d")})` },
      { thresholds: { yellow: 99.5, red: 99 } },
    ),
    number(
      { es: "Réplicas", en: "Replicas" },
      "short",
      { es: "Réplicas que responden a Prometheus.", en: "Replicas that respond to Prometheus." },
      { "": 'count(up{job="webapp"} == 1)' },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(
      { es: "Peticiones por segundo", en: "Requests per second" },
      "reqps",
      { es: "De visitantes y de la sonda de la dirección pública.", en: "From visitors and from the probe of the public address." },
      { "": availability.all },
    ),
    { heading: { es: "Objetivos de nivel de servicio (SLO)", en: "Service level objectives (SLO)" } },
    lines(
      { es: "Burn rate: errores", en: "Burn rate: errors" },
      "short",
      {
        es: "Con 1, el presupuesto dura 30 días; desde 14,4 hay una alerta.",
        en: "At 1 the budget lasts 30 days; from 14.4 on an alert fires.",
      },
      {
        "1 h": `(${errorRatio(availability, "1h")}) / ${availability.budget}`,
        "6 h": `(${errorRatio(availability, "6h")}) / ${availability.budget}`,
      },
      { width: 12, thresholds: { yellow: 1, red: 6 } },
    ),
    lines(
      { es: "Burn rate: latencia", en: "Burn rate: latency" },
      "short",
      {
        es: "Con 1, el presupuesto dura 30 días; desde 14,4 hay una alerta.",
        en: "At 1 the budget lasts 30 days; from 14.4 on an alert fires.",
      },
      {
        "1 h": `(${errorRatio(latency, "1h")}) / ${latency.budget}`,
        "6 h": `(${errorRatio(latency, "6h")}) / ${latency.budget}`,
      },
      { width: 12, thresholds: { yellow: 1, red: 6 } },
    ),
    { heading: { es: "Peticiones", en: "Requests" } },
    lines(
      { es: "Peticiones por clase de código", en: "Requests by status class" },
      "reqps",
      { es: "2xx, 3xx, 4xx, 5xx.", en: "2xx, 3xx, 4xx, 5xx." },
      { "{{status}}": by("status", total()) },
    ),
    lines(
      { es: "Peticiones por ruta", en: "Requests by route" },
      "reqps",
      { es: "Por plantilla de ruta.", en: "By route template." },
      { "{{method}} {{route}}": by("method, route", total()) },
    ),
    lines(
      { es: "Errores por ruta", en: "Errors by route" },
      "reqps",
      { es: "5xx por segundo.", en: "5xx per second." },
      { "{{route}}": by("route", total(',status="5xx"')) },
    ),
    lines(
      { es: "Latencia", en: "Latency" },
      "s",
      { es: "Cuantiles de todas las peticiones.", en: "Quantiles of all requests." },
      {
        p50: quantile(0.5, by("le", bucket)),
        p95: quantile(0.95, by("le", bucket)),
        p99: quantile(0.99, by("le", bucket)),
      },
      { thresholds: { yellow: 0.5, red: 1 } },
    ),
    lines(
      { es: "Latencia p95 por ruta", en: "Latency p95 by route" },
      "s",
      { es: "Muestra qué ruta es lenta.", en: "Shows which route is slow." },
      { "{{route}}": quantile(0.95, by("le, route", bucket)) },
    ),
    lines(
      { es: "Peticiones en curso", en: "Requests in progress" },
      "short",
      { es: "Por réplica.", en: "By replica." },
      { "{{instance}}": "sum by(instance) (webapp_http_requests_in_progress)" },
    ),
    { heading: { es: "Base de datos", en: "Database" } },
    lines(
      { es: "Conexiones en uso", en: "Connections in use" },
      "short",
      { es: "Por réplica, y tamaño del pool.", en: "By replica, and the pool size." },
      {
        "en uso / in use {{instance}}": "webapp_database_pool_in_use",
        "tiene / size {{instance}}": "webapp_database_pool_size",
      },
    ),
    lines(
      { es: "Espera por una conexión", en: "Wait for a connection" },
      "s",
      { es: "Cuantil 0,95.", en: "0.95 quantile." },
      { p95: quantile(0.95, by("le", "webapp_database_pool_wait_seconds_bucket")) },
    ),
    lines(
      { es: "Consultas por operación", en: "Queries by operation" },
      "short",
      { es: "Por segundo.", en: "Per second." },
      { "{{operation}}": by("operation", "webapp_database_query_duration_seconds_count") },
    ),
    lines(
      { es: "Duración de las consultas", en: "Query duration" },
      "s",
      { es: "Promedio por operación.", en: "Average by operation." },
      {
        "{{operation}}": `${by("operation", "webapp_database_query_duration_seconds_sum")} / ${by("operation", "webapp_database_query_duration_seconds_count")}`,
      },
    ),
    lines(
      { es: "Consultas fallidas", en: "Failed queries" },
      "short",
      { es: "Por segundo y tipo.", en: "Per second, by type." },
      { "{{kind}}": by("kind", "webapp_database_errors_total") },
    ),
    lines(
      { es: "Sondas fallidas", en: "Failed probes" },
      "short",
      { es: "Respuestas de /readyz, por motivo.", en: "Responses of /readyz, by reason." },
      { "{{reason}}": by("reason", "webapp_readiness_failures_total") },
    ),
    { heading: { es: "Usuarios", en: "Users" } },
    lines(
      { es: "Cambios de usuarios", en: "User changes" },
      "short",
      { es: "Por segundo, por operación y resultado.", en: "Per second, by operation and outcome." },
      { "{{operation}} {{outcome}}": by("operation, outcome", "webapp_user_operations_total") },
    ),
    lines(
      { es: "Inicios de sesión", en: "Login attempts" },
      "short",
      { es: "Por segundo y resultado.", en: "Per second, by outcome." },
      { "{{outcome}}": by("outcome", "webapp_logins_total") },
    ),
    lines(
      { es: "Workers", en: "Workers" },
      "short",
      { es: "Procesos de cada réplica, y si se está apagando.", en: "Processes of each replica, and whether it is shutting down." },
      { "{{instance}}": "webapp_workers", "se va / draining {{instance}}": "webapp_draining" },
    ),
  ],
};
