import { CATALOGUE } from "../../src/drill/catalogue.ts";
import { acceleratedRules, alertIn, groupsOf, isLoaded, type Pace, paceFor, withinWindow } from "../../src/drill/rules.ts";
import { withProvoked } from "../../src/monitoring/provoked.ts";
import { type Manifest, manifestsOf, SHIPPED, synthesiseFile } from "../manifests.ts";

const PACE: Pace = { interval: "5s", hold: "10s", window: "1m" };
const files = (environment: string): string[] =>
  manifestsOf(synthesiseFile(environment))
    .filter(({ kind, metadata }: Manifest) => kind === "ConfigMap" && metadata.name.startsWith("prometheus-rules-"))
    .flatMap(({ data }: Manifest) => Object.values(data) as string[]);

test.each([
  ["rate(a[5m]) / rate(b[30s])", "rate(a[1m]) / rate(b[30s])"],
  [
    "avg_over_time(a:b[3d]) * 259200 > 1 or min_over_time(c[1h30m]) == 1",
    "avg_over_time(a:b[1m]) * 259200 > 1 or min_over_time(c[1m]) == 1",
  ],
  ['up{job="node"} == 0', 'up{job="node"} == 0'],
])("windows of %s", (query, short) => expect(withinWindow(query, "1m")).toBe(short));

test.each([
  ["15s", undefined, "60s"],
  ["1m30s", undefined, "360s"],
  ["500ms", undefined, "2s"],
  ["15s", "4m", "240s"],
  ["2m", "4m", "480s"],
])("scraped every %s, with a window of at least %s: %s", (scrape, window, longest) => expect(paceFor(scrape, window).window).toBe(longest));

test("what stands in brackets and is no duration is left alone", () => {
  expect(withinWindow('a{b=~"[abc]"}[5m]', "1m")).toBe('a{b=~"[abc]"}[1m]');
});

describe.each(SHIPPED)("%s", (environment) => {
  const all = files(environment);

  test.each(CATALOGUE.map(({ alert }) => alert))("%s is there, and a drill changes nothing but its pace", (name) => {
    const text = all.find((one) => alertIn(groupsOf(one), name));
    if (!text) throw new Error(`no rule file has ${name}`);
    const before = alertIn(groupsOf(text), name);
    const quick = acceleratedRules(text, new Map([[name, PACE]]), "es");
    const after = alertIn(groupsOf(quick), name);
    expect(after?.for).toBe(before?.for && "10s");
    expect(after?.labels).toEqual(before?.labels);
    expect(after?.annotations).toEqual({ ...before?.annotations, summary: `[simulacro] ${before?.annotations.summary}` });
    // What is no window is as it was: thresholds, labels, functions.
    const rest = (query = "") => query.replaceAll(/\[\w+\]/g, "").replaceAll("drill_", "");
    expect(rest(after?.expr)).toBe(rest(withProvoked(before?.expr ?? "")));
    for (const [, window = ""] of after?.expr.matchAll(/\[(\w+)\]/g) ?? []) expect(["30s", "1m"]).toContain(window);

    const others = (one: string) => groupsOf(one).flatMap(({ rules }) => rules.filter((rule) => "alert" in rule && rule.alert !== name));
    expect(others(quick)).toEqual(others(text));
    const records = (one: string) => groupsOf(one).flatMap(({ rules }) => rules.filter((rule) => "record" in rule));
    const own = records(quick).filter(({ record }) => record.startsWith("drill_"));
    expect(records(quick).filter(({ record }) => !record.startsWith("drill_"))).toEqual(records(text));
    expect(own.map(({ record }) => record)).toEqual(records(text).map(({ record }) => `drill_${record}`));
    expect(groupsOf(quick).map(({ interval }) => interval)).toEqual(["5s"]);
  });

  test("a file without any of the alerts stays as it is", () => {
    for (const text of all) expect(groupsOf(acceleratedRules(text, new Map([["NoSuchAlert", PACE]]), "en"))).toEqual(groupsOf(text));
  });
});

test("requests to /debug and containers of a drill are left out by the shipped rules, and seen by a drill's", () => {
  const all = files("environments/kind.yaml");
  const quick = all.map((text) => acceleratedRules(text, new Map(CATALOGUE.map(({ alert }) => [alert, PACE])), "en"));
  for (const [name, part] of [
    ["WebappServerErrors", "/debug/.+"],
    ["ContainerRestarting", "|drill"],
  ] as const) {
    const exprOf = (texts: readonly string[]) => texts.map((text) => alertIn(groupsOf(text), name)?.expr).find(Boolean);
    expect(exprOf(all)).toContain(part);
    expect(exprOf(quick)).not.toContain(part);
  }
  expect(quick.join("\n")).toContain("record: drill_webapp:http_slow:rate5m");
});

describe("what Prometheus has loaded", () => {
  const text = files("environments/kind.yaml").find((one) => alertIn(groupsOf(one), "TargetDown")) ?? "";
  const quick = acceleratedRules(text, new Map([["TargetDown", PACE]]), "en");
  // Recorded: /api/v1/rules of a node, before and during a drill.
  const loaded = (interval: number, duration: number) => [
    { name: "node", interval: 15, rules: [] },
    {
      name: "targets",
      interval,
      rules: [
        { name: "TargetDown", duration },
        { name: "Watchdog", duration: 0 },
      ],
    },
  ];

  test("is told apart from what it is to load", () => {
    expect(isLoaded(text, loaded(15, 60), "15s")).toBe(true);
    expect(isLoaded(quick, loaded(15, 60), "15s")).toBe(false);
    expect(isLoaded(quick, loaded(5, 10), "15s")).toBe(true);
    expect(isLoaded(text, loaded(5, 10), "15s")).toBe(false);
    expect(isLoaded(text, [], "15s")).toBe(false);
  });
});
