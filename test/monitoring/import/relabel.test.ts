import { isStored } from "../../../src/monitoring/import/relabel.ts";
import { seriesOf, targetLabels } from "../../../src/monitoring/import/series.ts";
import { scrapeJobs } from "../../../src/monitoring/scrape.ts";

test("keep and drop read labels as Prometheus does: joined, a missing one empty, the whole text", () => {
  const sample = { __name__: "a_total", job: "x" };
  const stored = (...rules: Parameters<typeof isStored>[1]) => isStored(sample, rules);
  expect(stored({ source_labels: ["__name__"], regex: "a_total|b", action: "keep" })).toBe(true);
  expect(stored({ source_labels: ["__name__"], regex: "a", action: "keep" })).toBe(false);
  expect(stored({ source_labels: ["__name__", "container"], regex: "a_total;", action: "drop" })).toBe(false);
  expect(stored({ source_labels: ["__name__", "job"], separator: "/", regex: "a_total/x", action: "keep" })).toBe(true);
  expect(stored({ action: "keep" })).toBe(true);
  expect(() => stored({ source_labels: ["job"], regex: "x" })).toThrow("the action replace is not known here");
});

test("every rule of the shipped scrape jobs is one that the check can follow", () => {
  const probe = { url: "https://a", host: "a" };
  for (const job of scrapeJobs({ namespace: "a", interval: "15s", traefik: { namespace: "b" }, grafana: true, probe })) {
    expect(() => isStored({ __name__: "x" }, (job.metric_relabel_configs ?? []) as [])).not.toThrow();
  }
});

test("labels that relabelling adds follow from the job; one that begins with __ is no label", () => {
  const rules = [
    { source_labels: ["__meta_kubernetes_pod_name"], target_label: "pod" },
    { source_labels: ["__address__"], target_label: "zone", replacement: "$1:9" },
    { source_labels: ["__meta_x"], target_label: "__tmp" },
    { source_labels: ["__meta_x"], regex: "a", action: "keep" },
  ];
  const job = { job_name: "a", static_configs: [{ targets: ["b:1"], labels: { env: "c" } }], relabel_configs: rules };
  expect(targetLabels(job)).toEqual({
    job: { known: ["a"] },
    instance: {},
    env: { known: ["c"] },
    pod: { name: true },
    zone: { name: false },
  });
});

test("a label of the target's own that the job replaces has another name", () => {
  const [series] = seriesOf("kubelet_node_name");
  expect(Object.keys(series?.labels ?? {}).sort()).toEqual(["exported_node", "instance", "job", "node"]);
});
