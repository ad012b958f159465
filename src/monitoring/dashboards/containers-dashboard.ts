import { type DashboardSpec, heading, lines, number } from "./panel.ts";

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
    number(["Contenedores", "Containers"], "short", ["En ejecución.", "Running."], {
      "": `count(${of("container_memory_working_set_bytes")})`,
    }),
    number(["CPU", "CPU"], "short", ["Núcleos que usan todos los contenedores.", "Cores used by all containers."], {
      "": `sum(${rate(of("container_cpu_usage_seconds_total"))})`,
    }),
    number(["Memoria", "Memory"], "bytes", ["Working set de todos los contenedores.", "Working set of all containers."], {
      "": `sum(${of("container_memory_working_set_bytes")})`,
    }),
    number(["Límites de memoria", "Memory limits"], "bytes", ["Suma de los límites.", "Sum of the limits."], {
      "": `sum(${of("container_spec_memory_limit_bytes")})`,
    }),
    number(
      ["Contenedor más nuevo", "Newest container"],
      "s",
      ["Tiempo desde el inicio del contenedor más nuevo.", "Time since the start of the newest container."],
      { "": `time() - max(${of("container_start_time_seconds")})` },
    ),
    number(
      ["Kubelet", "Kubelet"],
      "s",
      ["Tiempo desde que revisó sus contenedores.", "Time since it checked its containers."],
      { "{{instance}}": "time() - kubelet_pleg_last_seen_seconds" },
      { thresholds: { yellow: 90, red: 180 } },
    ),
    heading("CPU", "CPU"),
    lines(["CPU por contenedor", "CPU by container"], "short", ["Núcleos.", "Cores."], each(rate(of("container_cpu_usage_seconds_total")))),
    lines(["CPU por namespace", "CPU by namespace"], "short", ["Núcleos.", "Cores."], {
      "{{namespace}}": `sum by(namespace) (${rate(of("container_cpu_usage_seconds_total"))})`,
    }),
    lines(
      ["Limitados por su límite de CPU (throttling)", "Throttled by their CPU limit"],
      "percent",
      ["Porcentaje de los periodos de 100 ms.", "Percentage of the 100 ms periods."],
      share(rate(of("container_cpu_cfs_throttled_periods_total")), rate(of("container_cpu_cfs_periods_total"))),
      { thresholds: { yellow: 25, red: 50 } },
    ),
    heading("Memoria", "Memory"),
    lines(
      ["Memoria por contenedor", "Memory by container"],
      "bytes",
      ["Working set.", "Working set."],
      each(of("container_memory_working_set_bytes")),
    ),
    lines(
      ["Memoria en relación con el límite", "Memory relative to the limit"],
      "percent",
      ["Al 100 %, Linux termina el proceso (OOM kill).", "At 100 % Linux kills the process (OOM kill)."],
      share(of("container_memory_working_set_bytes"), `${of("container_spec_memory_limit_bytes")} > 0`),
      { thresholds: { yellow: 80, red: 90 } },
    ),
    lines(
      ["Memoria residente", "Resident memory"],
      "bytes",
      ["Sin la caché de archivos (page cache).", "Without the page cache."],
      each(of("container_memory_rss")),
    ),
    lines(
      ["Caché de archivos (page cache)", "Page cache"],
      "bytes",
      ["Linux la libera cuando necesita memoria.", "Linux reclaims it when memory is needed."],
      each(of("container_memory_cache")),
    ),
    lines(
      ["OOM kills", "OOM kills"],
      "short",
      ["Por contenedor, desde su inicio.", "By container, since it started."],
      each(of("container_oom_events_total")),
    ),
    lines(
      ["Inicios en una hora", "Starts in one hour"],
      "short",
      ["Más de tres en media hora indican un crash loop.", "More than three in half an hour indicate a crash loop."],
      { "{{pod}}/{{container}}": `count by(pod, container) (max_over_time(${of("container_start_time_seconds")}[1h]))` },
      { thresholds: { yellow: 3, red: 5 } },
    ),
    heading("Red, procesos y sondas", "Network, processes and probes"),
    lines(["Red: entrada", "Network: in"], "Bps", ["Por pod.", "By pod."], pods(rate(`container_network_receive_bytes_total{${OURS}}`))),
    lines(["Red: salida", "Network: out"], "Bps", ["Por pod.", "By pod."], pods(rate(`container_network_transmit_bytes_total{${OURS}}`))),
    lines(
      ["Paquetes descartados", "Packets dropped"],
      "short",
      ["Por segundo y pod.", "Per second, by pod."],
      pods(
        `${rate(`container_network_receive_packets_dropped_total{${OURS}}`)} + ${rate(`container_network_transmit_packets_dropped_total{${OURS}}`)}`,
      ),
    ),
    lines(["Procesos", "Processes"], "short", ["Por contenedor.", "By container."], each(of("container_processes"))),
    lines(["Sondas exitosas", "Successful probes"], "short", ["Por segundo y tipo.", "Per second, by type."], {
      "{{pod}} {{probe_type}}": probes('="successful"'),
    }),
    lines(
      ["Sondas fallidas", "Failed probes"],
      "short",
      ["Por segundo y tipo; 0 si no falla ninguna.", "Per second, by type; 0 if none fails."],
      {
        "{{pod}} {{probe_type}}": `${probes('!="successful"')} or ${probes('="successful"')} * 0`,
      },
    ),
  ],
};
