import { loadEnvironment } from "../../src/config/load.ts";
import { ABSENCES, type Absence } from "../../src/monitoring/live/absences.ts";
import { everyQuery, type Query } from "../../src/monitoring/live/every-query.ts";
import { type Ask, absenceOf, judgeAll, MOST_EXCUSED, type Series } from "../../src/monitoring/live/judge.ts";
import { EVERYTHING } from "../../src/monitoring/parts.ts";
import { selectors } from "../../src/monitoring/promql.ts";
import { ruleSettings } from "../../src/monitoring/rules/rule-settings.ts";

const LIST: readonly Absence[] = [
  { metric: "errors_total", matcher: 'code="500"', when: "failure", why: "nothing failed yet" },
  { metric: "fan_rpm", when: "machine", why: "a cloud machine has no fan" },
];
/** A Prometheus that knows these queries and no other. */
const knows =
  (answers: Readonly<Record<string, number[]>>): Ask =>
  async (query) =>
    (answers[query] ?? []).map((value): Series => ({ labels: { instance: "a" }, value }));
const query = (expr: string, rest: Partial<Query> = {}): Query => ({ kind: "panel", place: "here", expr, legend: "", ...rest });

async function verdict(one: Query, answers: Readonly<Record<string, number[]>>) {
  const report = await judgeAll([one], { ask: knows({ errors_total: [3], ...answers }), scrapeInterval: "15s", list: LIST });
  return { ...report.verdicts[0], wrong: report.wrong, share: report.excusedShare };
}

test("a panel is alive when its query and each selector in it find something", async () => {
  expect(await verdict(query("load1"), { load1: [0] })).toMatchObject({ state: "alive", wrong: [] });
  expect(await verdict(query("load1"), {})).toMatchObject({ state: "dead", why: "no series for load1" });
  expect(await verdict(query("load1 > 5"), { load1: [0] })).toMatchObject({ state: "dead", why: "no data" });
  expect(await verdict(query("a / b"), { a: [0], b: [0], "a / b": [Number.NaN] })).toMatchObject({ why: "only NaN values" });
});

test("a fallback hides no metric that is gone", async () => {
  expect(await verdict(query("gone or vector(0)"), { "gone or vector(0)": [0] })).toMatchObject({
    state: "dead",
    why: "no series for gone",
  });
});

test("a panel about failures shows its 0 on a healthy node; one that shows nothing is dead", async () => {
  const failures = 'errors_total{code="500"}';
  expect(await verdict(query(`${failures} or vector(0)`), { [`${failures} or vector(0)`]: [0] })).toMatchObject({ state: "alive" });
  expect(await verdict(query(failures), {})).toMatchObject({ state: "dead", why: "no data" });
});

test("what the machine may not have is excused, and counted; where it is there it is alive", async () => {
  expect(await verdict(query("fan_rpm"), {})).toMatchObject({ state: "excused", why: "a cloud machine has no fan", share: 1 });
  expect(await verdict(query("fan_rpm"), { fan_rpm: [900] })).toMatchObject({ state: "alive", wrong: [] });
});

test("a query that Prometheus refuses is dead, and the others are judged all the same", async () => {
  const ask: Ask = async (text) => {
    if (text.includes("bad")) throw new Error("Prometheus refuses bad: many-to-many");
    return [{ labels: {}, value: 1 }];
  };
  const { verdicts } = await judgeAll([query("bad"), query("good")], { ask, scrapeInterval: "15s", list: [] });
  expect(verdicts.map(({ state, why }) => [state, why])).toEqual([
    ["dead", "Prometheus refuses bad: many-to-many"],
    ["alive", ""],
  ]);
});

test("a failure's label on a metric that is gone altogether is a wrong entry", async () => {
  const { wrong } = await verdict(query("errors_total"), { errors_total: [] });
  expect(wrong).toEqual([expect.stringContaining("errors_total has no series at all")]);
});

test("an entry that no query of the environment names is not judged", async () => {
  const { wrong } = await verdict(query("vector(1)"), { errors_total: [], "vector(1)": [1] });
  expect(wrong).toEqual([]);
});

test("an alert need not fire, but what it looks at must be there", async () => {
  const alert = { kind: "alert" } as const;
  expect(await verdict(query("load1 > 5", alert), { load1: [0] })).toMatchObject({ state: "alive" });
  expect(await verdict(query("load1 > 5", alert), {})).toMatchObject({ state: "dead" });
  expect(await verdict(query('rate(errors_total{code="500"}[3m]) > 1', alert), {})).toMatchObject({
    state: "excused",
    why: "nothing failed yet",
  });
});

test("a legend's label must be on a line", async () => {
  expect(await verdict(query("load1", { legend: "{{instance}}" }), { load1: [1] })).toMatchObject({ state: "alive" });
  expect(await verdict(query("load1", { legend: "{{pod}}" }), { load1: [1] })).toMatchObject({
    why: "its legend uses pod, which no series has",
  });
});

test("rates are asked for over the window that Grafana takes", async () => {
  expect(await verdict(query("rate(x[$__rate_interval])"), { "rate(x[60s])": [1], x: [1] })).toMatchObject({ state: "alive" });
});

test("each entry of the list explains a selector that is asked for, and all together at most 5 %", () => {
  const queries = everyQuery({ ...ruleSettings(loadEnvironment("environments/kind.yaml").config), parts: EVERYTHING });
  const used = (list: readonly Query[]) => list.map(({ expr }) => selectors(expr).map((selector) => absenceOf(selector)));
  expect(ABSENCES.filter((absence) => !used(queries).flat().includes(absence))).toEqual([]);
  const panels = used(queries.filter(({ kind }) => kind === "panel"));
  const excusable = panels.filter((absences) => absences.some((absence) => absence?.when === "machine"));
  expect(excusable.length / panels.length).toBeLessThanOrEqual(MOST_EXCUSED);
});

test.each([
  ["a Graviton machine of EC2", /node_memory_DirectMap|node_network_speed_bytes/],
  ["a kernel without pressure stall information", /node_pressure_/],
  ["a kernel without the statistics of conntrack", /node_nf_conntrack_stat_/],
])("on %s no query is dead for what it cannot have", async (_, lacks) => {
  const ask: Ask = async (text) => (lacks.test(text) ? [] : [{ labels: {}, value: 1 }]);
  const queries = everyQuery(ruleSettings(loadEnvironment("environments/k3s-ec2.yaml").config)).filter(({ expr }) => lacks.test(expr));
  const { verdicts } = await judgeAll(queries, { ask, scrapeInterval: "15s" });
  expect(new Set(verdicts.map(({ state }) => state))).toEqual(new Set(["excused"]));
});
