import { APPLICATION_OBJECTIVES, errorBudgetLeft, errorRatio } from "../slo.ts";
import { type DashboardSpec, lines, number } from "./panel.ts";

const { availability, latency, slow } = APPLICATION_OBJECTIVES;
/** The choice "All" matches every value, so also series of no application. */
const CHOSEN = 'application=~"$application",application!=""';
const of = (metric: string, matchers = "") => `${metric}{${CHOSEN}${matchers}}`;
const container = (metric: string) => of(metric, ',container!=""');
const rate = (selector: string) => `rate(${selector}[$__rate_interval])`;
const by = (label: string, selector: string) => `sum by(${label}) (${selector})`;
const requests = (matchers = "") => rate(of("traefik_router_requests_total", matchers));
const failed = `(${by("application", requests(',code=~"5.."'))} or 0 * ${by("application", requests())})`;
/** A WebSocket's request ends when the connection does. */
const buckets = by("application, le", rate(of("traefik_router_request_duration_seconds_bucket", ',code!="101"')));
const quantile = (q: number) => `histogram_quantile(${q}, ${buckets})`;
const each = (expr: string) => ({ "{{pod}}": by("pod", expr) });
const probes = (result: string) => by("pod, probe_type", rate(of("prober_probe_total", `,result${result}`)));
const LEFT = { yellow: 50, red: 20 };
const named = (expr: string) => ({ "{{application}}": expr });
const selected = `{${CHOSEN}}`;

/** The user's applications: what Traefik, the probe and the kubelet see of them, so nothing that they would have to export. */
export const applications: DashboardSpec = {
  uid: "cloudnova-applications",
  needs: "applications",
  title: { es: "Aplicaciones", en: "Applications" },
  variables: [{ name: "application", title: { es: "Aplicación", en: "Application" }, metric: "probe_success", label: "application" }],
  panels: [
    number(
      { es: "Responde", en: "Up" },
      "short",
      { es: "1: la página de inicio responde por debajo de 500; 0: no.", en: "1: the start page responds below 500; 0: it does not." },
      named(of("probe_success")),
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(
      { es: "Presupuesto de errores, ≤ 30 d", en: "Error budget, ≤ 30 d" },
      "percent",
      {
        es: "Lo que queda del presupuesto (0,5 % de las peticiones) en los últimos 30 días, o en los que guarda Prometheus (monitoring.retention; 15 por defecto).",
        en: "What remains of the budget (0.5 % of the requests) over the last 30 days, or over the retention of Prometheus (monitoring.retention; 15 days by default).",
      },
      named(`100 * (${errorBudgetLeft(availability, selected)})`),
      { thresholds: LEFT, max: 100 },
    ),
    number(
      { es: "Presupuesto de latencia, ≤ 30 d", en: "Latency budget, ≤ 30 d" },
      "percent",
      {
        es: `Lo que queda del presupuesto (1 % de las peticiones en más de ${slow} s) en los últimos 30 días, o en los que guarda Prometheus.`,
        en: `What remains of the budget (1 % of the requests in more than ${slow} s) over the last 30 days, or over the retention of Prometheus.`,
      },
      named(`100 * (${errorBudgetLeft(latency, selected)})`),
      { thresholds: LEFT, max: 100 },
    ),
    number(
      { es: "Disponibilidad, 1 día", en: "Availability, 1 day" },
      "percent",
      { es: "Peticiones sin error del servidor.", en: "Requests without a server error." },
      named(`100 * (1 - ${errorRatio(availability, "1d", selected)})`),
      { thresholds: { yellow: 99.9, red: 99.5 } },
    ),
    number(
      { es: "Contenedores", en: "Containers" },
      "short",
      { es: "En ejecución.", en: "Running." },
      named(`count by(application) (${container("container_memory_working_set_bytes")})`),
    ),
    number(
      { es: "Peticiones por segundo", en: "Requests per second" },
      "reqps",
      { es: "De visitantes y de la sonda.", en: "From visitors and from the probe." },
      named(of(availability.all)),
    ),
    { heading: { es: "Peticiones", en: "Requests" } },
    lines(
      { es: "Peticiones por código", en: "Requests by status code" },
      "reqps",
      {
        es: "Respuestas de su router en Traefik, también las de Traefik mismo.",
        en: "Responses of its router in Traefik, including Traefik's own.",
      },
      { "{{application}} {{code}}": by("application, code", requests()) },
    ),
    lines(
      { es: "Errores 5xx", en: "5xx errors" },
      "percent",
      { es: "Porcentaje de peticiones con error del servidor.", en: "Percentage of requests with a server error." },
      named(`100 * ${failed} / ${by("application", requests())}`),
      { thresholds: { yellow: 1, red: 5 } },
    ),
    lines(
      { es: "Latencia", en: "Latency" },
      "s",
      { es: "Cuantiles, con Traefik. Más de 5 s se muestra como 5 s.", en: "Quantiles, including Traefik. More than 5 s is shown as 5 s." },
      {
        "p50 {{application}}": quantile(0.5),
        "p95 {{application}}": quantile(0.95),
        "p99 {{application}}": quantile(0.99),
      },
      { thresholds: { yellow: slow, red: 5 } },
    ),
    lines(
      { es: "Disponible", en: "Up over time" },
      "short",
      { es: "1: la página de inicio responde por debajo de 500.", en: "1: the start page responds below 500." },
      named(`min by(application) (${of("probe_success")})`),
    ),
    lines(
      { es: "Duración de la sonda", en: "Probe duration" },
      "s",
      { es: "De su página de inicio.", en: "Of its start page." },
      named(of("probe_duration_seconds")),
    ),
    lines(
      { es: "Objetivos de recolección", en: "Scrape targets" },
      "short",
      { es: "1: Prometheus recibe sus métricas; 0: no responde.", en: "1: Prometheus receives its metrics; 0: it does not respond." },
      { "{{job}} {{instance}}": of("up") },
    ),
    { heading: { es: "Objetivos de nivel de servicio (SLO)", en: "Service level objectives (SLO)" } },
    ...(
      [
        ["errores", "errors", availability],
        ["latencia", "latency", latency],
      ] as const
    ).map(([es, en, objective]) =>
      lines(
        { es: `Burn rate: ${es}`, en: `Burn rate: ${en}` },
        "short",
        {
          es: "Con 1, el presupuesto dura 30 días; desde 14,4 hay una alerta.",
          en: "At 1 the budget lasts 30 days; from 14.4 on an alert fires.",
        },
        {
          "1 h {{application}}": `(${errorRatio(objective, "1h", selected)}) / ${objective.budget}`,
          "6 h {{application}}": `(${errorRatio(objective, "6h", selected)}) / ${objective.budget}`,
        },
        { width: 12, thresholds: { yellow: 1, red: 6 } },
      ),
    ),
    { heading: { es: "Contenedores", en: "Containers" } },
    lines(
      { es: "CPU por pod", en: "CPU by pod" },
      "short",
      { es: "Núcleos, y su límite.", en: "Cores, and their limit." },
      {
        "usa / used {{pod}}": by("pod", rate(container("container_cpu_usage_seconds_total"))),
        "límite / limit {{pod}}": by("pod", `${container("container_spec_cpu_quota")} / ${container("container_spec_cpu_period")}`),
      },
    ),
    lines(
      { es: "Memoria por pod", en: "Memory by pod" },
      "bytes",
      { es: "Working set, y su límite.", en: "Working set, and its limit." },
      {
        "usa / used {{pod}}": by("pod", container("container_memory_working_set_bytes")),
        "límite / limit {{pod}}": by("pod", container("container_spec_memory_limit_bytes")),
      },
    ),
    lines(
      { es: "Limitados por su límite de CPU (throttling)", en: "Throttled by their CPU limit" },
      "percent",
      { es: "Porcentaje de los periodos de 100 ms.", en: "Percentage of the 100 ms periods." },
      {
        "{{pod}}": `100 * ${by("pod", rate(container("container_cpu_cfs_throttled_periods_total")))} / ${by("pod", rate(container("container_cpu_cfs_periods_total")))}`,
      },
      { thresholds: { yellow: 25, red: 50 } },
    ),
    lines(
      { es: "Inicios en una hora", en: "Starts in one hour" },
      "short",
      { es: "Más de tres en media hora indican un crash loop.", en: "More than three in half an hour indicate a crash loop." },
      { "{{pod}}/{{container}}": `count by(pod, container) (max_over_time(${container("container_start_time_seconds")}[1h]))` },
      { thresholds: { yellow: 3, red: 5 } },
    ),
    lines(
      { es: "OOM kills", en: "OOM kills" },
      "short",
      { es: "Por pod, desde su inicio.", en: "By pod, since it started." },
      each(container("container_oom_events_total")),
    ),
    lines(
      { es: "Sondas fallidas", en: "Failed probes" },
      "short",
      { es: "Del kubelet, por segundo y tipo; 0 si no falla ninguna.", en: "By the kubelet, per second and type; 0 if none fails." },
      { "{{pod}} {{probe_type}}": `${probes('!="successful"')} or ${probes('="successful"')} * 0` },
    ),
    lines(
      { es: "Red: entrada", en: "Network: in" },
      "Bps",
      { es: "Por pod.", en: "By pod." },
      each(rate(of("container_network_receive_bytes_total"))),
    ),
    lines(
      { es: "Red: salida", en: "Network: out" },
      "Bps",
      { es: "Por pod.", en: "By pod." },
      each(rate(of("container_network_transmit_bytes_total"))),
    ),
  ],
};
