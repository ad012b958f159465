import { readFileSync } from "node:fs";
import { panelQueries } from "../../src/monitoring/dashboards/index.ts";
import { legendLabels } from "../../src/monitoring/live/judge.ts";
import { carries, type Has } from "./carried.ts";

test.each([
  ["sum by(pod, b) (rate(a[1m]))", "pod", true],
  ["sum without(pod) (a)", "pod", false],
  ["sum(a)", "pod", false],
  ["topk(3, a)", "pod", true],
  ["topk by(b) (3, a)", "pod", false],
  ["a or sum(b) * 0", "pod", false],
  ["a or sum by(pod) (b) * 0", "pod", true],
  ["(sum by(pod) (a) / (sum by(pod) (b) > 0)) or sum(c)", "pod", false],
  ["a and on() b", "pod", true],
  ["a / on(b) c", "pod", false],
  ["a * on(b) group_left(pod) sum by(b, pod) (c)", "pod", true],
  ["sum(a) * on() group_right() b", "pod", true],
  ["a / ignoring(pod) b", "pod", false],
  ["100 - a", "pod", true],
  ["time() - max(a)", "pod", false],
  ["vector(0)", "pod", false],
  ["histogram_quantile(0.95, sum by(le, pod) (a))", "pod", true],
  ["histogram_quantile(0.95, sum by(le, pod) (a))", "le", false],
  ['label_replace(sum(a), "pod", "$1", "b", ".*")', "pod", true],
  ["max_over_time(without_it[1h])", "pod", false],
  ['max_over_time({__name__="without_it"}[1h])', "pod", false],
  ["-a", "pod", true],
  ["quantile_over_time(0.9, a[5m]) offset 1h", "pod", true],
])("%s, %s: %s", (query, label, expected) => expect(carries(query, label, (metric) => metric !== "without_it")).toBe(expected));

/** Metric → its labels, as each target of the kind cluster of the tests exported them. */
const EXPORTED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = JSON.parse(
  readFileSync("src/monitoring/keep/exported.json", "utf8"),
);
/** Prometheus puts the first three on every sample, relabelling the fourth on those of applications, and ALERTS has the last. */
const ADDED = ["job", "instance", "__name__", "application", "alertname"];
const KNOWN = new Map(Object.values(EXPORTED).flatMap((metrics) => Object.entries(metrics)));
const has: Has = (metric, label) => ADDED.includes(label) || (KNOWN.get(metric) ?? []).includes(label);

test("each label that a legend shows is on every line of its query, whichever alternative of an `or` it comes from", () => {
  const wrong = panelQueries().flatMap(({ dashboard, panel, legend, expr }) =>
    legendLabels(legend)
      .filter((label) => !carries(expr, label, has))
      .map((label) => `${dashboard}: ${panel.title.en}: ${label}`),
  );
  expect(wrong).toEqual([]);
});
