import { cpuUse, diskFree, memoryAvailable } from "../expressions.ts";
import { alert, type RuleGroup, type RuleSettings, PERCENT as value } from "./rule.ts";

/** The machine: the alerts that the sources had, with each environment's thresholds. */
export function nodeRules(settings: RuleSettings): RuleGroup {
  const { cpu, memory, disk } = settings.alerts;
  return {
    name: "node",
    rules: [
      alert("HighCPUUsage", settings, {
        expr: `${cpuUse(cpu.window)} > ${cpu.threshold}`,
        for: cpu.for,
        severity: "warning",
        summary: { es: "CPU alta en {{ $labels.instance }}", en: "High CPU usage on {{ $labels.instance }}" },
        description: {
          es: `El uso de CPU es de ${value} (límite: ${cpu.threshold} %) desde hace ${cpu.for}.`,
          en: `CPU usage has been ${value} (limit: ${cpu.threshold} %) for ${cpu.for}.`,
        },
      }),
      alert("LowMemoryAvailable", settings, {
        expr: `${memoryAvailable} < ${memory.threshold}`,
        for: memory.for,
        severity: "warning",
        summary: { es: "Poca memoria disponible en {{ $labels.instance }}", en: "Low available memory on {{ $labels.instance }}" },
        description: {
          es: `El ${value} de la memoria está disponible (mínimo: ${memory.threshold} %) desde hace ${memory.for}.`,
          en: `${value} of the memory has been available (minimum: ${memory.threshold} %) for ${memory.for}.`,
        },
      }),
      alert("LowDiskSpace", settings, {
        expr: `${diskFree} < ${disk.threshold}`,
        for: disk.for,
        severity: "warning",
        summary: { es: "Poco espacio libre en disco en {{ $labels.instance }}", en: "Low disk space on {{ $labels.instance }}" },
        description: {
          es: `El ${value} del disco está libre (mínimo: ${disk.threshold} %) desde hace ${disk.for}.`,
          en: `${value} of the disk has been free (minimum: ${disk.threshold} %) for ${disk.for}.`,
        },
      }),
    ],
  };
}
