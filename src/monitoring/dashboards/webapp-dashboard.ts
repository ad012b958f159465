import { badShare, budgetLeft, OBJECTIVES, REQUESTS, VISITORS } from "../slo.ts";
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
  title: { es: "Aplicación y SLO", en: "Web app and SLO" },
  panels: [
    number(
      ["Presupuesto de errores, ≤ 30 d", "Error budget, ≤ 30 d"],
      "percent",
      [
        "Lo que queda del 0,5 % de los últimos 30 días, o de los que guarda Prometheus (monitoring.retention; 15 por defecto).",
        "What is left of the 0.5 % of the last 30 days, or of as many as Prometheus keeps (monitoring.retention; 15 by default).",
      ],
      { "": `100 * (${budgetLeft(availability)})` },
      { thresholds: LEFT, max: 100 },
    ),
    number(
      ["Presupuesto de lentitud, ≤ 30 d", "Latency budget, ≤ 30 d"],
      "percent",
      [
        "Lo que queda del 1 % de los últimos 30 días, o de los que guarda Prometheus (monitoring.retention; 15 por defecto).",
        "What is left of the 1 % of the last 30 days, or of as many as Prometheus keeps (monitoring.retention; 15 by default).",
      ],
      { "": `100 * (${budgetLeft(latency)})` },
      { thresholds: LEFT, max: 100 },
    ),
    number(
      ["Disponibilidad, 1 día", "Availability, 1 day"],
      "percent",
      ["Peticiones sin error del servidor.", "Requests without an error of the server."],
      { "": `100 * (1 - ${badShare(availability, "1d")})` },
      { thresholds: { yellow: 99.9, red: 99.5 } },
    ),
    number(
      ["Rápidas, 1 día", "Fast, 1 day"],
      "percent",
      ["Peticiones en menos de medio segundo.", "Requests within half a second."],
      { "": `100 * (1 - ${badShare(latency, "1d")})` },
      { thresholds: { yellow: 99.5, red: 99 } },
    ),
    number(
      ["Réplicas", "Replicas"],
      "short",
      ["Las que responden a Prometheus.", "Those that answer Prometheus."],
      { "": 'count(up{job="webapp"} == 1)' },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(
      ["Peticiones por segundo", "Requests a second"],
      "reqps",
      ["De visitantes y de la sonda pública.", "Of visitors and of the public probe."],
      { "": REQUESTS },
    ),
    heading("Lo prometido", "What was promised"),
    lines(
      ["Ritmo del gasto: errores", "Burn rate: errors"],
      "short",
      ["1 gasta justo el presupuesto; desde 14,4 avisa.", "1 spends just the budget; from 14.4 on it alerts."],
      {
        "1 h": `(${badShare(availability, "1h")}) / ${availability.budget}`,
        "6 h": `(${badShare(availability, "6h")}) / ${availability.budget}`,
      },
      { width: 12, thresholds: { yellow: 1, red: 6 } },
    ),
    lines(
      ["Ritmo del gasto: lentitud", "Burn rate: latency"],
      "short",
      ["1 gasta justo el presupuesto; desde 14,4 avisa.", "1 spends just the budget; from 14.4 on it alerts."],
      {
        "1 h": `(${badShare(latency, "1h")}) / ${latency.budget}`,
        "6 h": `(${badShare(latency, "6h")}) / ${latency.budget}`,
      },
      { width: 12, thresholds: { yellow: 1, red: 6 } },
    ),
    heading("Peticiones", "Requests"),
    lines(["Peticiones por clase", "Requests by status class"], "reqps", ["2xx, 3xx, 4xx, 5xx.", "2xx, 3xx, 4xx, 5xx."], {
      "{{status}}": by("status", total()),
    }),
    lines(["Peticiones por ruta", "Requests by route"], "reqps", ["Por plantilla de ruta.", "By route template."], {
      "{{method}} {{route}}": by("method, route", total()),
    }),
    lines(["Errores por ruta", "Errors by route"], "reqps", ["5xx por segundo.", "5xx a second."], {
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
    lines(["Latencia p95 por ruta", "Latency p95 by route"], "s", ["¿Cuál es la lenta?", "Which is the slow one?"], {
      "{{route}}": quantile(0.95, by("le, route", bucket)),
    }),
    lines(["Peticiones en curso", "Requests in progress"], "short", ["Por réplica.", "By replica."], {
      "{{instance}}": "sum by(instance) (webapp_http_requests_in_progress)",
    }),
    heading("Base de datos", "Database"),
    lines(["Conexiones en uso", "Connections in use"], "short", ["Por réplica, y cuántas tiene.", "By replica, and how many it has."], {
      "en uso / in use {{instance}}": "webapp_database_pool_in_use",
      "tiene / size {{instance}}": "webapp_database_pool_size",
    }),
    lines(["Espera por una conexión", "Wait for a connection"], "s", ["Cuantil 0,95.", "Quantile 0.95."], {
      p95: quantile(0.95, by("le", "webapp_database_pool_wait_seconds_bucket")),
    }),
    lines(["Consultas por operación", "Queries by operation"], "short", ["Por segundo.", "A second."], {
      "{{operation}}": by("operation", "webapp_database_query_duration_seconds_count"),
    }),
    lines(["Duración de las consultas", "Query duration"], "s", ["Media por operación.", "Mean by operation."], {
      "{{operation}}": `${by("operation", "webapp_database_query_duration_seconds_sum")} / ${by("operation", "webapp_database_query_duration_seconds_count")}`,
    }),
    lines(["Consultas fallidas", "Failed queries"], "short", ["Por segundo y clase.", "A second, by kind."], {
      "{{kind}}": by("kind", "webapp_database_errors_total"),
    }),
    lines(["Sondas fallidas", "Failed probes"], "short", ["Respuestas de /readyz, por motivo.", "Answers of /readyz, by reason."], {
      "{{reason}}": by("reason", "webapp_readiness_failures_total"),
    }),
    heading("Usuarios", "Users"),
    lines(
      ["Cambios de usuarios", "Changes of users"],
      "short",
      ["Por segundo, operación y resultado.", "A second, by operation and outcome."],
      { "{{operation}} {{outcome}}": by("operation, outcome", "webapp_user_operations_total") },
    ),
    lines(["Intentos de entrar", "Attempts to log in"], "short", ["Por segundo y resultado.", "A second, by outcome."], {
      "{{outcome}}": by("outcome", "webapp_logins_total"),
    }),
    lines(
      ["Trabajadores", "Workers"],
      "short",
      ["Procesos de cada réplica, y si se está yendo.", "Processes of each replica, and whether it leaves."],
      { "{{instance}}": "webapp_workers", "se va / draining {{instance}}": "webapp_draining" },
    ),
  ],
};
