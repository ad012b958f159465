import { cpuUse, diskBytes, diskFreeBytes, memoryUse } from "../expressions.ts";
import { cpu, disk, LEVELS, memory, services } from "./machine-panels.ts";
import type { DashboardSpec } from "./panel.ts";

/** The sources' own dashboard: CPU, memory and disk of the machine, and what answers. */
export const overview: DashboardSpec = {
  uid: "cloudnova-overview",
  title: { es: "CloudNova · Resumen", en: "CloudNova · Overview" },
  panels: [
    { ...cpu("5m"), kind: "gauge" },
    { ...memory, kind: "gauge" },
    { ...disk, kind: "gauge" },
    {
      kind: "gauge",
      title: { es: "Disco disponible (GB)", en: "Disk available (GB)" },
      description: { es: "Espacio libre del disco raíz.", en: "Free space of the root disk." },
      unit: "decbytes",
      min: 0,
      thresholds: { yellow: 5e9, red: 2e9 },
      queries: { "{{instance}}": diskFreeBytes },
      maxOf: diskBytes,
    },
    {
      kind: "timeseries",
      title: { es: "CPU y memoria", en: "CPU and memory" },
      description: { es: "Uso de CPU y de memoria de la máquina.", en: "CPU and memory usage of the machine." },
      unit: "percent",
      min: 0,
      max: 100,
      width: 24,
      thresholds: LEVELS,
      queries: { "CPU {{instance}}": cpuUse("5m"), "RAM {{instance}}": memoryUse },
    },
    { ...services, width: 24 },
  ],
};
