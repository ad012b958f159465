import { KEPT } from "./kept.ts";

/** The metrics that are stored of a job. */
export const keptMetrics = (job: string): string[] => (KEPT[job] ?? "").split(/\s+/).filter(Boolean);

/**
 * Relabelling after a scrape that stores what is asked for and drops the rest; nothing at all of a job that no query names,
 * for its `up` and `scrape_*` are Prometheus' own.
 */
export function keepList(job: string): Readonly<Record<string, unknown>>[] {
  const metrics = keptMetrics(job);
  if (metrics.length === 0) return [{ source_labels: ["__name__"], regex: ".+", action: "drop" }];
  return [{ source_labels: ["__name__"], regex: metrics.join("|"), action: "keep" }];
}
