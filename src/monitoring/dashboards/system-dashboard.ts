import { cpu, disk, memory, services } from "./machine-panels.ts";
import type { DashboardSpec } from "./panel.ts";

const REQUESTS = "webapp_http_requests_total";

/** Source S4's dashboard `system_monitoring.json`, "Sistema de Monitoreo Completo": all of its list. */
export const system: DashboardSpec = {
  uid: "cloudnova-system",
  title: { es: "Sistema de Monitoreo Completo", en: "Complete Monitoring System" },
  panels: [
    { ...cpu("$__rate_interval"), kind: "timeseries", width: 8 },
    { ...memory, kind: "timeseries", width: 8 },
    { ...disk, kind: "timeseries", width: 8 },
    {
      kind: "timeseries",
      title: { es: "Conexiones activas de MySQL", en: "Active MySQL connections" },
      description: {
        es: "Conexiones abiertas y conexiones que ejecutan una consulta.",
        en: "Open connections, and connections that run a query.",
      },
      unit: "short",
      min: 0,
      queries: {
        "abiertas / open": "max by(instance) (mysql_global_status_threads_connected)",
        "activas / running": "max by(instance) (mysql_global_status_threads_running)",
      },
    },
    {
      kind: "timeseries",
      title: { es: "Tráfico del servidor web", en: "Web server traffic" },
      description: { es: "Bytes recibidos y enviados por Traefik.", en: "Bytes received and sent by Traefik." },
      unit: "Bps",
      min: 0,
      queries: {
        "entrada / in": "sum(rate(traefik_entrypoint_requests_bytes_total[$__rate_interval]))",
        "salida / out": "sum(rate(traefik_entrypoint_responses_bytes_total[$__rate_interval]))",
      },
    },
    {
      needs: "sample",
      kind: "timeseries",
      title: { es: "Latencia p95 de las peticiones", en: "Request latency p95" },
      description: { es: "El 95 % de las peticiones se responde en menos tiempo.", en: "95 % of the requests are answered in less time." },
      unit: "s",
      min: 0,
      thresholds: { yellow: 0.5, red: 1 },
      queries: { p95: "histogram_quantile(0.95, sum by(le) (rate(webapp_http_request_duration_seconds_bucket[$__rate_interval])))" },
    },
    {
      needs: "sample",
      kind: "timeseries",
      title: { es: "Peticiones por segundo", en: "Requests per second" },
      description: { es: "Peticiones respondidas, por instancia.", en: "Answered requests, by instance." },
      unit: "reqps",
      min: 0,
      queries: { "{{instance}}": `sum by(instance) (rate(${REQUESTS}[$__rate_interval]))` },
    },
    {
      needs: "sample",
      kind: "timeseries",
      title: { es: "Errores 5xx", en: "5xx errors" },
      description: {
        es: "Porcentaje de peticiones con error del servidor.",
        en: "Percentage of requests with a server error.",
      },
      unit: "percent",
      min: 0,
      thresholds: { yellow: 1, red: 5 },
      queries: { "5xx": `100 * sum(rate(${REQUESTS}{status="5xx"}[$__rate_interval])) / sum(rate(${REQUESTS}[$__rate_interval]))` },
    },
    { ...services, width: 12 },
    {
      kind: "timeseries",
      title: { es: "CPU por contenedor", en: "CPU by container" },
      description: {
        es: "Núcleos que usa cada contenedor, sumadas sus réplicas (cAdvisor).",
        en: "Cores used by each container, summed over its replicas (cAdvisor).",
      },
      unit: "short",
      min: 0,
      queries: {
        // Not by pod: a replaced pod has another name, and would be drawn as another line.
        "{{container}}": `sum by(container) (rate(container_cpu_usage_seconds_total{container!=""}[$__rate_interval]))`,
      },
    },
    {
      kind: "timeseries",
      title: { es: "Memoria por contenedor", en: "Memory by container" },
      description: {
        es: "Working set de cada contenedor, sumadas sus réplicas (cAdvisor).",
        en: "Working set of each container, summed over its replicas (cAdvisor).",
      },
      unit: "bytes",
      min: 0,
      queries: { "{{container}}": `sum by(container) (container_memory_working_set_bytes{container!=""})` },
    },
  ],
};
