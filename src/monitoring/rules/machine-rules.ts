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
          es: '{{ $value | printf "%.1f" }} tareas por núcleo están en ejecución o en espera (límite: 2) desde hace 15m.',
          en: '{{ $value | printf "%.1f" }} tasks per core have been running or waiting (limit: 2) for 15m.',
        },
      }),
      alert("CPUStolen", settings, {
        // A t3.small without credits runs at 20 % of its cores: what it is refused shows as steal.
        expr: '100 * avg by(instance) (rate(node_cpu_seconds_total{mode="steal"}[5m])) > 25',
        for: "15m",
        severity: "warning",
        summary: { es: "Alto CPU steal en {{ $labels.instance }}", en: "High CPU steal on {{ $labels.instance }}" },
        description: {
          es: `La máquina espera CPU del hipervisor el ${PERCENT} del tiempo (límite: 25 %).`,
          en: `The machine waits for CPU from the hypervisor ${PERCENT} of the time (limit: 25 %).`,
        },
      }),
      alert("OutOfMemoryKill", settings, {
        expr: "increase(node_vmstat_oom_kill[10m]) > 0",
        severity: "warning",
        summary: {
          es: "Linux terminó un proceso por falta de memoria (OOM kill)",
          en: "Linux killed a process because memory ran out (OOM kill)",
        },
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
        summary: { es: "La memoria de {{ $labels.instance }} es insuficiente", en: "{{ $labels.instance }} does not have enough memory" },
        description: {
          es: `${NUMBER} fallos de página mayores por segundo leen del disco (límite: 500).`,
          en: `${NUMBER} major page faults per second read from the disk (limit: 500).`,
        },
      }),
      alert("NetworkErrors", settings, {
        expr: `100 * ${wrong} / ${busy} > 1`,
        for: "15m",
        severity: "warning",
        summary: { es: "Errores de red en {{ $labels.instance }}", en: "Network errors on {{ $labels.instance }}" },
        description: {
          es: `El ${PERCENT} de los paquetes recibidos o enviados tiene errores (límite: 1 %).`,
          en: `${PERCENT} of the received or sent packets have errors (limit: 1 %).`,
        },
      }),
      alert("ConntrackNearlyFull", settings, {
        expr: "100 * node_nf_conntrack_entries / node_nf_conntrack_entries_limit > 75",
        for: "5m",
        severity: "warning",
        summary: {
          es: "La tabla conntrack de {{ $labels.instance }} está casi llena",
          en: "The conntrack table of {{ $labels.instance }} is nearly full",
        },
        description: {
          es: `El ${PERCENT} de la tabla está en uso (límite: 75 %); cuando se llena, Linux rechaza conexiones nuevas.`,
          en: `${PERCENT} of the table is in use (limit: 75 %); when it is full, Linux drops new connections.`,
        },
      }),
      alert("ClockSkew", settings, {
        expr: "abs(node_timex_offset_seconds) > 0.05",
        for: "10m",
        severity: "warning",
        summary: { es: "El reloj de {{ $labels.instance }} está desviado", en: "The clock of {{ $labels.instance }} is skewed" },
        description: { es: `La desviación es de ${SPAN} (límite: 50 ms).`, en: `The offset is ${SPAN} (limit: 50 ms).` },
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
          es: `node_timex_sync_status es ${NUMBER} (1: sincronizado); antes era 1.`,
          en: `node_timex_sync_status is ${NUMBER} (1: synchronised); before, it was 1.`,
        },
      }),
    ],
  };
}
