import { cpuUse, diskUse, memoryUse } from "../expressions.ts";
import type { PanelSpec } from "./panel.ts";

/** From where on a machine is busy, and from where on it is in trouble. */
export const LEVELS = { yellow: 70, red: 85 };

const use = (title: PanelSpec["title"], description: PanelSpec["description"], query: string): Omit<PanelSpec, "kind"> => ({
  title,
  description,
  unit: "percent",
  min: 0,
  max: 100,
  thresholds: LEVELS,
  queries: { "{{instance}}": query },
});

/** The sources' three documented metrics as panels, whatever their kind. @param window of the CPU's rate */
export const cpu = (window: string) =>
  use({ es: "CPU (%)", en: "CPU (%)" }, { es: "Uso de CPU de la máquina.", en: "CPU usage of the machine." }, cpuUse(window));
export const memory = use(
  { es: "Memoria (%)", en: "Memory (%)" },
  { es: "Memoria que no está disponible para nuevos procesos.", en: "Memory that is not available to new processes." },
  memoryUse,
);
export const disk = use({ es: "Disco (%)", en: "Disk (%)" }, { es: "Uso del disco raíz.", en: "Root disk usage." }, diskUse);

/** Which targets answer Prometheus. */
export const services: Omit<PanelSpec, "width"> = {
  kind: "stat",
  title: { es: "Servicios que responden", en: "Services that respond" },
  description: {
    es: "1: Prometheus recibe sus métricas; 0: no responde.",
    en: "1: Prometheus receives its metrics; 0: it does not respond.",
  },
  unit: "short",
  thresholds: { yellow: 1, red: 0.5 },
  queries: { "{{job}} {{instance}}": "up" },
};
