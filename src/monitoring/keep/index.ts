import { KEPT } from "./kept.ts";

/** The metrics that are stored of a job. */
export const keptMetrics = (job: string): string[] => (KEPT[job] ?? "").split(/\s+/).filter(Boolean);

/**
 * Relabelling after a scrape that stores what is asked for and drops the rest; nothing at all of a job that no query names,
 * for its `up` and `scrape_*` are Prometheus' own.
 *
 * @param more metrics that imported dashboards ask for
 */
export function keepList(job: string, more: readonly string[] = []): Readonly<Record<string, unknown>>[] {
  const metrics = [...new Set([...keptMetrics(job), ...more])];
  if (metrics.length === 0) return [{ source_labels: ["__name__"], regex: ".+", action: "drop" }];
  return [{ source_labels: ["__name__"], regex: metrics.join("|"), action: "keep" }];
}
