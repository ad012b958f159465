import { readFileSync } from "node:fs";
import { allQueries, keptSource, usedMetrics } from "../../src/monitoring/keep/derive.ts";
import { keepList, keptMetrics, keptOfApplications } from "../../src/monitoring/keep/index.ts";
import { selectors } from "../../src/monitoring/promql.ts";
import { scrapeJobs } from "../../src/monitoring/scrape.ts";

const JOBS = scrapeJobs({
  namespace: "shop",
  interval: "15s",
  traefik: { namespace: "shop" },
  grafana: true,
  probe: { url: "https://a", host: "a" },
});
/** Metric → its labels, as each target of the kind cluster of the tests exported them. Grafana does not run there. */
const EXPORTED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = JSON.parse(
  readFileSync("src/monitoring/keep/exported.json", "utf8"),
);
/** Prometheus puts these on every sample. */
const ADDED = ["job", "instance", "__name__", "application"];

test("the committed list is what rules and panels ask for", () => {
  expect(readFileSync("src/monitoring/keep/kept.ts", "utf8")).toBe(keptSource());
});

test("every job is filtered, and no metric of an unknown job is asked for", () => {
  for (const { metric_relabel_configs } of JOBS) expect(metric_relabel_configs).toBeDefined();
  const names = JOBS.map(({ job_name }) => job_name);
  for (const job of Object.keys(usedMetrics())) expect(names).toContain(job);
});

test("a job that no query names stores nothing but what Prometheus adds", () => {
  expect(keepList("nobody")).toEqual([{ source_labels: ["__name__"], regex: ".+", action: "drop" }]);
});

test("a metric that several jobs have needs its job's name", () => {
  expect(() => usedMetrics(["process_cpu_seconds_total"])).toThrow("belongs to several jobs");
  expect(usedMetrics(['process_cpu_seconds_total{job=~"node|mysql"}'])).toEqual({
    mysql: ["process_cpu_seconds_total"],
    node: ["process_cpu_seconds_total"],
  });
});

describe.each(Object.keys(EXPORTED))("%s", (job) => {
  test("the real target exports each metric that is asked for", () => {
    const missing = [...keptMetrics(job), ...keptOfApplications(job)].filter((metric) => !(metric in (EXPORTED[job] ?? {})));
    expect(missing).toEqual([]);
  });
});

test("and each label that a query matches", () => {
  const known = new Map(Object.values(EXPORTED).flatMap((metrics) => Object.entries(metrics)));
  const wrong = allQueries().flatMap((query) =>
    selectors(query).flatMap(({ metric, labels }) => {
      const has = known.get(metric);
      return has
        ? [...labels.keys()].filter((label) => !(has.includes(label) || ADDED.includes(label))).map((label) => `${metric}{${label}}`)
        : [];
    }),
  );
  expect(wrong).toEqual([]);
});
