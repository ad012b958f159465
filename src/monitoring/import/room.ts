import { keptMetrics } from "../keep/index.ts";

/** Metrics by scrape job, as an imported dashboard names them. */
type Metrics = Readonly<Record<string, readonly string[]>>;

/**
 * Series of one metric, on average: without a keep-list 35,255 series were stored (docs/monitoring-bench.md) of the 1,979 metrics in
 * keep/exported.json and those of the API server, which are not in it; so it is rather more than that of one metric.
 */
const SERIES_PER_METRIC = 18;

/** The metrics that are stored only because of a dashboard, as `job: metric`. */
export const storedFor = (metrics: Metrics): string[] =>
  Object.entries(metrics).flatMap(([job, names]) =>
    names.filter((metric) => !keptMetrics(job).includes(metric)).map((metric) => `${job}: ${metric}`),
  );

/** About how many series are stored only because of imported dashboards; what two of them ask for counts once. */
export const seriesFor = (imported: readonly Metrics[]): number => new Set(imported.flatMap(storedFor)).size * SERIES_PER_METRIC;
