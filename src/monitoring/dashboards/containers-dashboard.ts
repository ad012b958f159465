import { type DashboardSpec, lines, number } from "./panel.ts";

const OURS = 'namespace=~"$namespace"';
const of = (metric: string) => `${metric}{${OURS},container!=""}`;
const rate = (selector: string) => `rate(${selector}[$__rate_interval])`;
const each = (expr: string) => ({ "{{pod}}/{{container}}": `sum by(pod, container) (${expr})` });
const pods = (expr: string) => ({ "{{pod}}": `sum by(pod) (${expr})` });
const share = (part: string, whole: string) => ({
  "{{pod}}/{{container}}": `100 * sum by(pod, container) (${part}) / sum by(pod, container) (${whole})`,
});
const probes = (result: string) => `sum by(pod, probe_type) (${rate(`prober_probe_total{${OURS},result${result}}`)})`;

/** Containers and pods, from cAdvisor and the kubelet's probes. */
export const containers: DashboardSpec = {
  uid: "cloudnova-containers",
  title: { es: "Contenedores y pods", en: "Containers and pods" },
  variables: [
    { name: "namespace", title: { es: "Namespace", en: "Namespace" }, metric: "container_memory_working_set_bytes", label: "namespace" },
  ],
  panels: [
    number(
      { es: "Contenedores", en: "Containers" },
      "short",
      { es: "En ejecución.", en: "Running." },
      { "": `count(${of("container_memory_working_set_bytes")})` },
    ),
    number(
      { es: "CPU", en: "CPU" },
      "short",
      { es: "Núcleos que usan todos los contenedores.", en: "Cores used by all containers." },
      { "": `sum(${rate(of("container_cpu_usage_seconds_total"))})` },
    ),
    number(
      { es: "Memoria", en: "Memory" },
      "bytes",
      { es: "Working set de todos los contenedores.", en: "Working set of all containers." },
      { "": `sum(${of("container_memory_working_set_bytes")})` },
    ),
    number(
      { es: "Límites de memoria", en: "Memory limits" },
      "bytes",
      { es: "Suma de los límites.", en: "Sum of the limits." },
      { "": `sum(${of("container_spec_memory_limit_bytes")})` },
    ),
    number(
      { es: "Contenedor más nuevo", en: "Newest container" },
      "s",
      { es: "Tiempo desde el inicio del contenedor más nuevo.", en: "Time since the start of the newest container." },
      { "": `time() - max(${of("container_start_time_seconds")})` },
    ),
    number(
      { es: "Kubelet", en: "Kubelet" },
      "s",
      { es: "Tiempo desde que revisó sus contenedores.", en: "Time since it checked its containers." },
      { "{{instance}}": "time() - kubelet_pleg_last_seen_seconds" },
      { thresholds: { yellow: 90, red: 180 } },
    ),
    { heading: { es: "CPU", en: "CPU" } },
    lines(
      { es: "CPU por contenedor", en: "CPU by container" },
      "short",
      { es: "Núcleos.", en: "Cores." },
      each(rate(of("container_cpu_usage_seconds_total"))),
    ),
    lines(
      { es: "CPU por namespace", en: "CPU by namespace" },
      "short",
      { es: "Núcleos.", en: "Cores." },
      { "{{namespace}}": `sum by(namespace) (${rate(of("container_cpu_usage_seconds_total"))})` },
    ),
    lines(
      { es: "Limitados por su límite de CPU (throttling)", en: "Throttled by their CPU limit" },
      "percent",
      { es: "Porcentaje de los periodos de 100 ms.", en: "Percentage of the 100 ms periods." },
      share(rate(of("container_cpu_cfs_throttled_periods_total")), rate(of("container_cpu_cfs_periods_total"))),
      { thresholds: { yellow: 25, red: 50 } },
    ),
    { heading: { es: "Memoria", en: "Memory" } },
    lines(
      { es: "Memoria por contenedor", en: "Memory by container" },
      "bytes",
      { es: "Working set.", en: "Working set." },
      each(of("container_memory_working_set_bytes")),
    ),
    lines(
      { es: "Memoria en relación con el límite", en: "Memory relative to the limit" },
      "percent",
      { es: "Al 100 %, Linux termina el proceso (OOM kill).", en: "At 100 % Linux kills the process (OOM kill)." },
      share(of("container_memory_working_set_bytes"), `${of("container_spec_memory_limit_bytes")} > 0`),
      { thresholds: { yellow: 80, red: 90 } },
    ),
    lines(
      { es: "Memoria residente", en: "Resident memory" },
      "bytes",
      { es: "Sin la caché de archivos (page cache).", en: "Without the page cache." },
      each(of("container_memory_rss")),
    ),
    lines(
      { es: "Caché de archivos (page cache)", en: "Page cache" },
      "bytes",
      { es: "Linux la libera cuando necesita memoria.", en: "Linux reclaims it when memory is needed." },
      each(of("container_memory_cache")),
    ),
    lines(
      { es: "OOM kills", en: "OOM kills" },
      "short",
      { es: "Por contenedor, desde su inicio.", en: "By container, since it started." },
      each(of("container_oom_events_total")),
    ),
    lines(
      { es: "Inicios en una hora", en: "Starts in one hour" },
      "short",
      { es: "Más de tres en media hora indican un crash loop.", en: "More than three in half an hour indicate a crash loop." },
      { "{{pod}}/{{container}}": `count by(pod, container) (max_over_time(${of("container_start_time_seconds")}[1h]))` },
      { thresholds: { yellow: 3, red: 5 } },
    ),
    { heading: { es: "Red, procesos y sondas", en: "Network, processes and probes" } },
    lines(
      { es: "Red: entrada", en: "Network: in" },
      "Bps",
      { es: "Por pod.", en: "By pod." },
      pods(rate(`container_network_receive_bytes_total{${OURS}}`)),
    ),
    lines(
      { es: "Red: salida", en: "Network: out" },
      "Bps",
      { es: "Por pod.", en: "By pod." },
      pods(rate(`container_network_transmit_bytes_total{${OURS}}`)),
    ),
    lines(
      { es: "Paquetes descartados", en: "Packets dropped" },
      "short",
      { es: "Por segundo y pod.", en: "Per second, by pod." },
      pods(
        `${rate(`container_network_receive_packets_dropped_total{${OURS}}`)} + ${rate(`container_network_transmit_packets_dropped_total{${OURS}}`)}`,
      ),
    ),
    lines({ es: "Procesos", en: "Processes" }, "short", { es: "Por contenedor.", en: "By container." }, each(of("container_processes"))),
    lines(
      { es: "Sondas exitosas", en: "Successful probes" },
      "short",
      { es: "Por segundo y tipo.", en: "Per second, by type." },
      { "{{pod}} {{probe_type}}": probes('="successful"') },
    ),
    lines(
      { es: "Sondas fallidas", en: "Failed probes" },
      "short",
      { es: "Por segundo y tipo; 0 si no falla ninguna.", en: "Per second, by type; 0 if none fails." },
      { "{{pod}} {{probe_type}}": `${probes('!="successful"')} or ${probes('="successful"')} * 0` },
    ),
  ],
};
