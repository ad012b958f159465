import { errorBudgetLeft, errorRatio, OBJECTIVES, VISITORS } from "../slo.ts";
import { type DashboardSpec, heading, lines, number } from "./panel.ts";

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
      ["Presupuesto de errores, ≤ 30 d", "Error budget, ≤ 30 d"],
      "percent",
      [
        "Lo que queda del presupuesto (0,5 % de las peticiones) en los últimos 30 días, o en los que guarda Prometheus (monitoring.retention; 15 por defecto).",
        "What remains of the budget (0.5 % of the requests) over the last 30 days, or over the retention of Prometheus (monitoring.retention; 15 days by default).",
      ],
      { "": `100 * (${errorBudgetLeft(availability)})` },
      { thresholds: LEFT, max: 100 },
    ),
    number(
      ["Presupuesto de latencia, ≤ 30 d", "Latency budget, ≤ 30 d"],
      "percent",
      [
        "Lo que queda del presupuesto (1 % de las peticiones) en los últimos 30 días, o en los que guarda Prometheus (monitoring.retention; 15 por defecto).",
        "What remains of the budget (1 % of the requests) over the last 30 days, or over the retention of Prometheus (monitoring.retention; 15 days by default).",
      ],
      { "": `100 * (${errorBudgetLeft(latency)})` },
      { thresholds: LEFT, max: 100 },
    ),
    number(
      ["Disponibilidad, 1 día", "Availability, 1 day"],
      "percent",
      ["Peticiones sin error del servidor.", "Requests without a server error."],
      { "": `100 * (1 - ${errorRatio(availability, "1d")})` },
      { thresholds: { yellow: 99.9, red: 99.5 } },
    ),
    number(
      ["Peticiones rápidas, 1 día", "Fast requests, 1 day"],
      "percent",
      ["Peticiones respondidas en menos de medio segundo.", "Requests answered in less than half a second."],
      { "": `100 * (1 - ${errorRatio(latency, "1d")})` },
      { thresholds: { yellow: 99.5, red: 99 } },
    ),
    number(
      ["Réplicas", "Replicas"],
      "short",
      ["Réplicas que responden a Prometheus.", "Replicas that respond to Prometheus."],
      { "": 'count(up{job="webapp"} == 1)' },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(
      ["Peticiones por segundo", "Requests per second"],
      "reqps",
      ["De visitantes y de la sonda de la dirección pública.", "From visitors and from the probe of the public address."],
      { "": availability.all },
    ),
    heading("Objetivos de nivel de servicio (SLO)", "Service level objectives (SLO)"),
    lines(
      ["Burn rate: errores", "Burn rate: errors"],
      "short",
      ["Con 1, el presupuesto dura 30 días; desde 14,4 hay una alerta.", "At 1 the budget lasts 30 days; from 14.4 on an alert fires."],
      {
        "1 h": `(${errorRatio(availability, "1h")}) / ${availability.budget}`,
        "6 h": `(${errorRatio(availability, "6h")}) / ${availability.budget}`,
      },
      { width: 12, thresholds: { yellow: 1, red: 6 } },
    ),
    lines(
      ["Burn rate: latencia", "Burn rate: latency"],
      "short",
      ["Con 1, el presupuesto dura 30 días; desde 14,4 hay una alerta.", "At 1 the budget lasts 30 days; from 14.4 on an alert fires."],
      {
        "1 h": `(${errorRatio(latency, "1h")}) / ${latency.budget}`,
        "6 h": `(${errorRatio(latency, "6h")}) / ${latency.budget}`,
      },
      { width: 12, thresholds: { yellow: 1, red: 6 } },
    ),
    heading("Peticiones", "Requests"),
    lines(["Peticiones por clase de código", "Requests by status class"], "reqps", ["2xx, 3xx, 4xx, 5xx.", "2xx, 3xx, 4xx, 5xx."], {
      "{{status}}": by("status", total()),
    }),
    lines(["Peticiones por ruta", "Requests by route"], "reqps", ["Por plantilla de ruta.", "By route template."], {
      "{{method}} {{route}}": by("method, route", total()),
    }),
    lines(["Errores por ruta", "Errors by route"], "reqps", ["5xx por segundo.", "5xx per second."], {
      "{{route}}": by("route", total(',status="5xx"')),
    }),
    lines(
      ["Latencia", "Latency"],
      "s",
      ["Cuantiles de todas las peticiones.", "Quantiles of all requests."],
      {
        p50: quantile(0.5, by("le", bucket)),
        p95: quantile(0.95, by("le", bucket)),
        p99: quantile(0.99, by("le", bucket)),
      },
      { thresholds: { yellow: 0.5, red: 1 } },
    ),
    lines(["Latencia p95 por ruta", "Latency p95 by route"], "s", ["Muestra qué ruta es lenta.", "Shows which route is slow."], {
      "{{route}}": quantile(0.95, by("le, route", bucket)),
    }),
    lines(["Peticiones en curso", "Requests in progress"], "short", ["Por réplica.", "By replica."], {
      "{{instance}}": "sum by(instance) (webapp_http_requests_in_progress)",
    }),
    heading("Base de datos", "Database"),
    lines(["Conexiones en uso", "Connections in use"], "short", ["Por réplica, y tamaño del pool.", "By replica, and the pool size."], {
      "en uso / in use {{instance}}": "webapp_database_pool_in_use",
      "tiene / size {{instance}}": "webapp_database_pool_size",
    }),
    lines(["Espera por una conexión", "Wait for a connection"], "s", ["Cuantil 0,95.", "0.95 quantile."], {
      p95: quantile(0.95, by("le", "webapp_database_pool_wait_seconds_bucket")),
    }),
    lines(["Consultas por operación", "Queries by operation"], "short", ["Por segundo.", "Per second."], {
      "{{operation}}": by("operation", "webapp_database_query_duration_seconds_count"),
    }),
    lines(["Duración de las consultas", "Query duration"], "s", ["Promedio por operación.", "Average by operation."], {
      "{{operation}}": `${by("operation", "webapp_database_query_duration_seconds_sum")} / ${by("operation", "webapp_database_query_duration_seconds_count")}`,
    }),
    lines(["Consultas fallidas", "Failed queries"], "short", ["Por segundo y tipo.", "Per second, by type."], {
      "{{kind}}": by("kind", "webapp_database_errors_total"),
    }),
    lines(["Sondas fallidas", "Failed probes"], "short", ["Respuestas de /readyz, por motivo.", "Responses of /readyz, by reason."], {
      "{{reason}}": by("reason", "webapp_readiness_failures_total"),
    }),
    heading("Usuarios", "Users"),
    lines(
      ["Cambios de usuarios", "User changes"],
      "short",
      ["Por segundo, por operación y resultado.", "Per second, by operation and outcome."],
      { "{{operation}} {{outcome}}": by("operation, outcome", "webapp_user_operations_total") },
    ),
    lines(["Inicios de sesión", "Login attempts"], "short", ["Por segundo y resultado.", "Per second, by outcome."], {
      "{{outcome}}": by("outcome", "webapp_logins_total"),
    }),
    lines(
      ["Workers", "Workers"],
      "short",
      ["Procesos de cada réplica, y si se está apagando.", "Processes of each replica, and whether it is shutting down."],
      { "{{instance}}": "webapp_workers", "se va / draining {{instance}}": "webapp_draining" },
    ),
  ],
};
