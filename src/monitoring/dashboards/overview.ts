import { cpuUse, diskFreeBytes, diskUse, memoryUse } from "../expressions.ts";
import type { DashboardSpec } from "./panel.ts";

const LEVELS = { yellow: 70, red: 85 };

/** The sources' own dashboard: CPU, memory and disk of the machine, and what answers. */
export const overview: DashboardSpec = {
  uid: "cloudnova-overview",
  title: { es: "CloudNova · Resumen", en: "CloudNova · Overview" },
  panels: [
    {
      kind: "gauge",
      title: { es: "CPU (%)", en: "CPU (%)" },
      description: { es: "Uso de CPU de la máquina, media de 5 minutos.", en: "CPU use of the machine, mean of 5 minutes." },
      unit: "percent",
      min: 0,
      max: 100,
      thresholds: LEVELS,
      queries: { "{{instance}}": cpuUse("5m") },
    },
    {
      kind: "gauge",
      title: { es: "Memoria (%)", en: "Memory (%)" },
      description: { es: "Memoria que no está disponible para nuevos procesos.", en: "Memory that is not available to new processes." },
      unit: "percent",
      min: 0,
      max: 100,
      thresholds: LEVELS,
      queries: { "{{instance}}": memoryUse },
    },
    {
      kind: "gauge",
      title: { es: "Disco (%)", en: "Disk (%)" },
      description: { es: "Disco raíz ocupado.", en: "Root disk in use." },
      unit: "percent",
      min: 0,
      max: 100,
      thresholds: LEVELS,
      queries: { "{{instance}}": diskUse },
    },
    {
      kind: "gauge",
      title: { es: "Disco disponible (GB)", en: "Disk available (GB)" },
      description: { es: "Espacio libre del disco raíz.", en: "Free space of the root disk." },
      unit: "decbytes",
      min: 0,
      thresholds: { yellow: 5e9, red: 2e9 },
      queries: { "{{instance}}": diskFreeBytes },
    },
    {
      kind: "timeseries",
      title: { es: "CPU y memoria", en: "CPU and memory" },
      description: { es: "Uso de CPU y de memoria de la máquina.", en: "CPU and memory use of the machine." },
      unit: "percent",
      min: 0,
      max: 100,
      width: 24,
      thresholds: LEVELS,
      queries: { "CPU {{instance}}": cpuUse("5m"), "RAM {{instance}}": memoryUse },
    },
    {
      kind: "stat",
      title: { es: "Servicios que responden", en: "Services that answer" },
      description: {
        es: "1: Prometheus obtiene sus métricas; 0: no responde.",
        en: "1: Prometheus gets its metrics; 0: it does not answer.",
      },
      unit: "short",
      width: 24,
      thresholds: { yellow: 1, red: 0.5 },
      queries: { "{{job}} {{instance}}": "up" },
    },
  ],
};
