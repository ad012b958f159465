import { KEPT, KEPT_OF_APPLICATIONS } from "./kept.ts";

const listed = (text = ""): string[] => text.split(/\s+/).filter(Boolean);

/** The metrics that are stored of a job. */
export const keptMetrics = (job: string): string[] => listed(Object.hasOwn(KEPT, job) ? KEPT[job] : "");

/** The metrics that are stored of a job only where they have the label of one of the user's applications. */
export const keptOfApplications = (job: string): string[] =>
  listed(Object.hasOwn(KEPT_OF_APPLICATIONS, job) ? KEPT_OF_APPLICATIONS[job] : "");

/**
 * Relabelling after a scrape that stores what is asked for and drops the rest; nothing at all of a job that no query names,
 * for its `up` and `scrape_*` are Prometheus' own.
 *
 * @param more metrics that imported dashboards and the user's applications and rules ask for
 */
export function keepList(job: string, more: readonly string[] = []): Readonly<Record<string, unknown>>[] {
  const metrics = [...new Set([...keptMetrics(job), ...more])];
  if (metrics.length === 0) return [{ source_labels: ["__name__"], regex: ".+", action: "drop" }];
  return [{ source_labels: ["__name__"], regex: metrics.join("|"), action: "keep" }];
}
