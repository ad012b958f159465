import type { Range } from "../monitoring/prometheus-api.ts";
import type { Series } from "./model.ts";

/** A legend's text: `{{label}}` filled in; without a format, the labels that distinguish the series. */
export function legend(format: string, labels: Range["labels"]): string {
  if (format && format !== "__auto") return format.replaceAll(/{{\s*(\w+)\s*}}/g, (_, name: string) => labels[name] ?? "").trim();
  return Object.entries(labels)
    .filter(([name]) => name !== "__name__")
    .map(([, value]) => value)
    .join(" ");
}

/** A series on every step of the range: null where Prometheus has no value, so that a gap is drawn as one. */
export function onSteps(name: string, values: Range["values"], start: number, end: number, step: number): Series {
  const known = new Map(values.map(([at, value]) => [Math.round((at - start) / step), value]));
  const count = Math.floor((end - start) / step) + 1;
  const points = Array.from({ length: count }, (_, index) => [start + index * step, known.get(index) ?? null] as const);
  return { name, points: points.map(([at, value]) => [at, value !== null && Number.isFinite(value) ? value : null] as const) };
}
