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
    { name: "namespace", title: { es: "Espacio", en: "Namespace" }, metric: "container_memory_working_set_bytes", label: "namespace" },
  ],
  panels: [
    number(["Contenedores", "Containers"], "short", ["En marcha.", "Running."], {
      "": `count(${of("container_memory_working_set_bytes")})`,
    }),
    number(["CPU", "CPU"], "short", ["Núcleos que usan todos.", "Cores that all of them use."], {
      "": `sum(${rate(of("container_cpu_usage_seconds_total"))})`,
    }),
    number(["Memoria", "Memory"], "bytes", ["Memoria de trabajo de todos.", "Working set of all of them."], {
      "": `sum(${of("container_memory_working_set_bytes")})`,
    }),
    number(["Límites de memoria", "Memory limits"], "bytes", ["Suma de los límites.", "Sum of the limits."], {
      "": `sum(${of("container_spec_memory_limit_bytes")})`,
    }),
    number(
      ["El más nuevo", "The youngest"],
      "s",
      ["Edad del contenedor que arrancó el último.", "Age of the container that started last."],
      { "": `time() - max(${of("container_start_time_seconds")})` },
    ),
    number(
      ["Kubelet", "Kubelet"],
      "s",
      ["Tiempo desde que miró sus contenedores.", "Time since it looked at its containers."],
      { "{{instance}}": "time() - kubelet_pleg_last_seen_seconds" },
      { thresholds: { yellow: 90, red: 180 } },
    ),
    heading("CPU", "CPU"),
    lines(["CPU por contenedor", "CPU by container"], "short", ["Núcleos.", "Cores."], each(rate(of("container_cpu_usage_seconds_total")))),
    lines(["CPU por espacio", "CPU by namespace"], "short", ["Núcleos.", "Cores."], {
      "{{namespace}}": `sum by(namespace) (${rate(of("container_cpu_usage_seconds_total"))})`,
    }),
    lines(
      ["Frenados por su límite", "Throttled by their limit"],
      "percent",
      ["Parte de los periodos de 100 ms.", "Share of the periods of 100 ms."],
      share(rate(of("container_cpu_cfs_throttled_periods_total")), rate(of("container_cpu_cfs_periods_total"))),
      { thresholds: { yellow: 25, red: 50 } },
    ),
    heading("Memoria", "Memory"),
    lines(
      ["Memoria por contenedor", "Memory by container"],
      "bytes",
      ["Memoria de trabajo.", "Working set."],
      each(of("container_memory_working_set_bytes")),
    ),
    lines(
      ["Memoria frente al límite", "Memory against the limit"],
      "percent",
      ["Al 100 % Linux lo mata.", "At 100 % Linux kills it."],
      share(of("container_memory_working_set_bytes"), `${of("container_spec_memory_limit_bytes")} > 0`),
      { thresholds: { yellow: 80, red: 90 } },
    ),
    lines(
      ["Memoria residente", "Resident memory"],
      "bytes",
      ["Sin la caché de archivos.", "Without the cache of files."],
      each(of("container_memory_rss")),
    ),
    lines(
      ["Caché de archivos", "Cache of files"],
      "bytes",
      ["Linux la recupera si hace falta.", "Linux takes it back when it is needed."],
      each(of("container_memory_cache")),
    ),
    lines(
      ["Muertes por memoria", "Out-of-memory kills"],
      "short",
      ["Por contenedor, desde que arrancó.", "By container, since it started."],
      each(of("container_oom_events_total")),
    ),
    lines(
      ["Arranques en una hora", "Starts within an hour"],
      "short",
      ["Más de tres en media hora es un bucle.", "More than three in half an hour is a loop."],
      { "{{pod}}/{{container}}": `count by(pod, container) (max_over_time(${of("container_start_time_seconds")}[1h]))` },
      { thresholds: { yellow: 3, red: 5 } },
    ),
    heading("Red, procesos y sondas", "Network, processes and probes"),
    lines(["Red: entrada", "Network: in"], "Bps", ["Por pod.", "By pod."], pods(rate(`container_network_receive_bytes_total{${OURS}}`))),
    lines(["Red: salida", "Network: out"], "Bps", ["Por pod.", "By pod."], pods(rate(`container_network_transmit_bytes_total{${OURS}}`))),
    lines(
      ["Paquetes perdidos", "Packets dropped"],
      "short",
      ["Por segundo y pod.", "A second, by pod."],
      pods(
        `${rate(`container_network_receive_packets_dropped_total{${OURS}}`)} + ${rate(`container_network_transmit_packets_dropped_total{${OURS}}`)}`,
      ),
    ),
    lines(["Procesos", "Processes"], "short", ["Por contenedor.", "By container."], each(of("container_processes"))),
    lines(["Sondas bien", "Probes that succeed"], "short", ["Por segundo y clase.", "A second, by kind."], {
      "{{pod}} {{probe_type}}": probes('="successful"'),
    }),
    lines(
      ["Sondas mal", "Probes that fail"],
      "short",
      ["Por segundo y clase; 0 si no falla ninguna.", "A second, by kind; 0 where none fails."],
      {
        "{{pod}} {{probe_type}}": `${probes('!="successful"')} or ${probes('="successful"')} * 0`,
      },
    ),
  ],
};
