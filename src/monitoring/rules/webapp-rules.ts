import { windowOf } from "../../config/scrape-interval.ts";
import { EVERYTHING } from "../parts.ts";
import { VISITORS } from "../slo.ts";
import { alert, NUMBER, PERCENT, type RuleGroup, type RuleSettings } from "./rule.ts";

const REQUESTS = "webapp_http_requests_total";

/** The web application, from its own metrics: what goes wrong now, while the promises in slo.ts look at hours and days. */
export function webappRules(settings: RuleSettings): RuleGroup {
  const { replicas = 1, scrapeInterval, parts = EVERYTHING } = settings;
  // The user's applications have probes of their own.
  const probe = parts.applications ? 'probe_success{application=""}' : "probe_success";
  const requests = (matcher = "") => `sum(rate(${REQUESTS}{${VISITORS}${matcher}}[${windowOf("3m", scrapeInterval)}]))`;
  return {
    name: "webapp",
    rules: [
      alert("WebappServerErrors", settings, {
        // Three minutes back, for five: the seconds in which MySQL restarts are no alert.
        expr: `100 * ${requests(',status="5xx"')} / ${requests()} > 5`,
        for: "5m",
        severity: "warning",
        summary: { es: "La aplicación responde con errores 5xx", en: "The application responds with 5xx errors" },
        description: {
          es: `El ${PERCENT} de las peticiones falla (límite: 5 %) desde hace 5m.`,
          en: `${PERCENT} of the requests have failed (limit: 5 %) for 5m.`,
        },
      }),
      alert("WebappSaturated", settings, {
        // By instance on both sides: a target whose labels change is two series for five minutes.
        // The pool is smaller than the threads of a worker by construction: at this many, requests wait for each other.
        expr: "sum by(instance) (avg_over_time(webapp_http_requests_in_progress[5m])) > max by(instance) (avg_over_time(webapp_database_pool_size[5m]))",
        for: "5m",
        severity: "warning",
        summary: { es: "{{ $labels.instance }} está saturada", en: "{{ $labels.instance }} is saturated" },
        description: {
          es: 'Procesa {{ $value | printf "%.1f" }} peticiones a la vez, más que sus conexiones a la base de datos.',
          en: 'It processes {{ $value | printf "%.1f" }} requests at once, more than it has database connections.',
        },
      }),
      alert("WebappPoolExhausted", settings, {
        expr: "100 * avg_over_time(webapp_database_pool_in_use[5m]) / avg_over_time(webapp_database_pool_size[5m]) > 90",
        for: "2m",
        severity: "warning",
        summary: {
          es: "{{ $labels.instance }} se queda sin conexiones a MySQL",
          en: "{{ $labels.instance }} is running out of MySQL connections",
        },
        description: {
          es: `El ${PERCENT} de su pool de conexiones está en uso (límite: 90 %); las peticiones esperan una conexión libre.`,
          en: `${PERCENT} of its connection pool is in use (limit: 90 %); requests wait for a free connection.`,
        },
      }),
      alert("WebappDatabaseErrors", settings, {
        expr: "sum by(kind) (increase(webapp_database_errors_total[5m])) > 5",
        for: "2m",
        severity: "warning",
        summary: { es: "Fallan consultas a la base de datos: {{ $labels.kind }}", en: "Database queries fail: {{ $labels.kind }}" },
        description: {
          es: `${NUMBER} consultas fallidas en 5m (límite: 5).`,
          en: `${NUMBER} queries failed in 5m (limit: 5).`,
        },
      }),
      alert("WebappNotReady", settings, {
        // From its start until it has seen a schema that fits. A replica that leaves is not ready on purpose.
        expr: `sum by(instance, reason) (rate(webapp_readiness_failures_total{reason!="draining"}[${windowOf("2m", scrapeInterval)}])) > 0`,
        for: "3m",
        severity: "critical",
        summary: {
          es: "{{ $labels.instance }} no está lista: {{ $labels.reason }}",
          en: "{{ $labels.instance }} is not ready: {{ $labels.reason }}",
        },
        description: {
          es: 'Desde su inicio no ha encontrado el esquema de base de datos esperado. Su sonda de readiness falla {{ $value | printf "%.2f" }} veces por segundo desde hace 3m; el pod no recibe tráfico.',
          en: 'Since its start it has not found the expected database schema. Its readiness probe has failed {{ $value | printf "%.2f" }} times per second for 3m; the pod receives no traffic.',
        },
      }),
      alert("WebappReplicasMissing", settings, {
        expr: `(count(up{job="webapp"} == 1) or vector(0)) < ${replicas}`,
        for: "5m",
        severity: "critical",
        summary: { es: "Faltan réplicas de la aplicación", en: "Application replicas are missing" },
        description: {
          es: `Solo responden ${NUMBER} de ${replicas} réplicas desde hace 5m.`,
          en: `Only ${NUMBER} of ${replicas} replicas have responded for 5m.`,
        },
      }),
      alert("WebappNoTraffic", settings, {
        // Without visitors there is still the probe of the public address: it succeeds, so its requests must arrive here.
        expr: `sum(rate(${REQUESTS}{${VISITORS}}[10m])) == 0 and on() min_over_time(${probe}[10m]) == 1`,
        for: "5m",
        severity: "warning",
        summary: { es: "La aplicación no recibe peticiones", en: "The application receives no requests" },
        description: {
          es: `Recibe ${NUMBER} peticiones por segundo, aunque la dirección pública responde: otro servidor responde en su lugar.`,
          en: `It receives ${NUMBER} requests per second although the public address responds: another server responds instead.`,
        },
      }),
      alert("WebappLoginAttacks", settings, {
        // Wrong ones too: from many networks each stays below the limit, and none is refused.
        expr: 'sum(increase(webapp_logins_total{outcome=~"wrong|limited"}[15m])) > 20',
        severity: "warning",
        summary: { es: "Muchos inicios de sesión fallidos", en: "Many failed logins" },
        description: {
          es: `${NUMBER} inicios de sesión en 15m tenían una contraseña incorrecta o fueron rechazados por el límite (umbral: 20).`,
          en: `${NUMBER} logins in 15m had a wrong password or were rejected by the login limit (threshold: 20).`,
        },
      }),
    ],
  };
}
