import { selectors, withoutVariables } from "../../src/monitoring/promql.ts";

test("every selector of a query, with its labels", () => {
  const query = 'sum by(a) (rate(x_total{job="p",b!~"c"}[5m])) / on(i) {__name__="y",job=~"a|b"} and max_over_time(z[1h:5m]) > 3';
  expect(selectors(query).map(({ metric, labels }) => [metric, Object.fromEntries(labels)])).toEqual([
    ["x_total", { job: { operator: "=", value: "p" }, b: { operator: "!~", value: "c" } }],
    ["y", { job: { operator: "=~", value: "a|b" } }],
    ["z", {}],
  ]);
});

test("Grafana's variables are filled in before", () => {
  expect(withoutVariables('rate(x{instance=~"$node"}[$__rate_interval])')).toBe('rate(x{instance=~".*"}[5m])');
});

test.each(["rate(x[5m]", "sum by(a x", "x{a=}", "x +"])("%s is refused", (query) => expect(() => selectors(query)).toThrow("no PromQL"));
