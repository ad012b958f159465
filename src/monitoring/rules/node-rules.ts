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
        summary: { es: "CPU alta en {{ $labels.instance }}", en: "High CPU use on {{ $labels.instance }}" },
        description: {
          es: `El uso de CPU es de ${value} (límite: ${cpu.threshold} %) desde hace ${cpu.for}.`,
          en: `CPU use is ${value} (limit: ${cpu.threshold} %) for ${cpu.for}.`,
        },
      }),
      alert("LowMemoryAvailable", settings, {
        expr: `${memoryAvailable} < ${memory.threshold}`,
        for: memory.for,
        severity: "warning",
        summary: { es: "Poca memoria disponible en {{ $labels.instance }}", en: "Little memory available on {{ $labels.instance }}" },
        description: {
          es: `Queda disponible el ${value} de la memoria (mínimo: ${memory.threshold} %) desde hace ${memory.for}.`,
          en: `${value} of the memory is available (least: ${memory.threshold} %) for ${memory.for}.`,
        },
      }),
      alert("LowDiskSpace", settings, {
        expr: `${diskFree} < ${disk.threshold}`,
        for: disk.for,
        severity: "warning",
        summary: { es: "Poco disco libre en {{ $labels.instance }}", en: "Little free disk on {{ $labels.instance }}" },
        description: {
          es: `Queda libre el ${value} del disco (mínimo: ${disk.threshold} %) desde hace ${disk.for}.`,
          en: `${value} of the disk is free (least: ${disk.threshold} %) for ${disk.for}.`,
        },
      }),
    ],
  };
}
