import { alert, changed, LAST_DAY, NUMBER, PERCENT, type RuleGroup, type RuleSettings, SPAN } from "./rule.ts";

const busy = "sum by(instance) (rate(node_network_receive_packets_total[5m]) + rate(node_network_transmit_packets_total[5m]))";
const wrong = "sum by(instance) (rate(node_network_receive_errs_total[5m]) + rate(node_network_transmit_errs_total[5m]))";

/**
 * The machine beyond the sources' alerts: processor, memory, network, clock. Thresholds without a word of their own are
 * those of the Prometheus project's node mixin, which the field has run for years.
 */
export function machineRules(settings: RuleSettings): RuleGroup {
  return {
    name: "machine",
    rules: [
      alert("HighLoad", settings, {
        // Two runnable tasks for each core, as in the node mixin.
        expr: 'node_load5 / on(instance) count by(instance) (node_cpu_seconds_total{mode="idle"}) > 2',
        for: "15m",
        severity: "warning",
        summary: { es: "Carga alta en {{ $labels.instance }}", en: "High load on {{ $labels.instance }}" },
        description: {
          es: 'Esperan o corren {{ $value | printf "%.1f" }} tareas por núcleo (límite: 2) desde hace 15m.',
          en: '{{ $value | printf "%.1f" }} tasks a core run or wait (limit: 2) for 15m.',
        },
      }),
      alert("CPUStolen", settings, {
        // A t3.small without credits runs at 20 % of its cores: what it is refused shows as steal.
        expr: '100 * avg by(instance) (rate(node_cpu_seconds_total{mode="steal"}[5m])) > 25',
        for: "15m",
        severity: "warning",
        summary: { es: "La nube retiene CPU de {{ $labels.instance }}", en: "The cloud withholds CPU from {{ $labels.instance }}" },
        description: {
          es: `La máquina pide CPU y no se le da: ${PERCENT} del tiempo (límite: 25 %).`,
          en: `The machine asks for CPU and does not get it: ${PERCENT} of the time (limit: 25 %).`,
        },
      }),
      alert("OutOfMemoryKill", settings, {
        expr: "increase(node_vmstat_oom_kill[10m]) > 0",
        severity: "warning",
        summary: { es: "Linux mató un proceso por falta de memoria", en: "Linux killed a process for want of memory" },
        description: {
          es: `En {{ $labels.instance }}, ${NUMBER} procesos en los últimos 10m.`,
          en: `On {{ $labels.instance }}, ${NUMBER} processes in the last 10m.`,
        },
      }),
      alert("MemoryThrashing", settings, {
        // 500 a second, as in the node mixin: programs are read from the disk again and again.
        expr: "rate(node_vmstat_pgmajfault[5m]) > 500",
        for: "15m",
        severity: "warning",
        summary: { es: "La memoria de {{ $labels.instance }} no alcanza", en: "The memory of {{ $labels.instance }} does not suffice" },
        description: {
          es: `Lee del disco ${NUMBER} páginas por segundo que deberían estar en memoria (límite: 500).`,
          en: `It reads ${NUMBER} pages a second from the disk that ought to be in memory (limit: 500).`,
        },
      }),
      alert("NetworkErrors", settings, {
        expr: `100 * ${wrong} / ${busy} > 1`,
        for: "15m",
        severity: "warning",
        summary: { es: "Errores de red en {{ $labels.instance }}", en: "Network errors on {{ $labels.instance }}" },
        description: {
          es: `Llegan o salen con error el ${PERCENT} de los paquetes (límite: 1 %).`,
          en: `${PERCENT} of the packets arrive or leave with an error (limit: 1 %).`,
        },
      }),
      alert("ConntrackNearlyFull", settings, {
        expr: "100 * node_nf_conntrack_entries / node_nf_conntrack_entries_limit > 75",
        for: "5m",
        severity: "warning",
        summary: {
          es: "La tabla de conexiones de {{ $labels.instance }} se llena",
          en: "The connection table of {{ $labels.instance }} fills up",
        },
        description: {
          es: `Está ocupado el ${PERCENT} de la tabla (límite: 75 %); llena, Linux rechaza conexiones nuevas.`,
          en: `${PERCENT} of the table is in use (limit: 75 %); when it is full Linux refuses new connections.`,
        },
      }),
      alert("ClockSkew", settings, {
        expr: "abs(node_timex_offset_seconds) > 0.05",
        for: "10m",
        severity: "warning",
        summary: { es: "El reloj de {{ $labels.instance }} se desvía", en: "The clock of {{ $labels.instance }} is off" },
        description: { es: `Se desvía ${SPAN} (límite: 50 ms).`, en: `It is off by ${SPAN} (limit: 50 ms).` },
      }),
      alert("ClockNotSynchronised", settings, {
        // Only where it once was: many virtual machines and containers take the host's clock and never say so.
        expr: changed(
          "ClockNotSynchronised",
          "max_over_time(node_timex_sync_status[10m]) == 0",
          `max_over_time(node_timex_sync_status[${LAST_DAY}]) == 1`,
          "instance",
        ),
        for: "10m",
        severity: "warning",
        summary: {
          es: "El reloj de {{ $labels.instance }} ya no se sincroniza",
          en: "The clock of {{ $labels.instance }} is no longer synchronised",
        },
        description: {
          es: `Linux dice ${NUMBER} (1: sincronizado), y antes estaba sincronizado.`,
          en: `Linux says ${NUMBER} (1: synchronised), and before it was synchronised.`,
        },
      }),
    ],
  };
}
