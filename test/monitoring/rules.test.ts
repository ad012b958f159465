import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadEnvironment } from "../../src/config/load.ts";
import { DASHBOARDS } from "../../src/config/schema.ts";
import { seconds } from "../../src/config/units.ts";
import { environmentFile } from "../../src/environments.ts";
import { LANGUAGES, pageName } from "../../src/language.ts";
import { EVERYTHING } from "../../src/monitoring/parts.ts";
import { ruleGroups } from "../../src/monitoring/rules/index.ts";
import type { Alert } from "../../src/monitoring/rules/rule.ts";
import { ruleSettings } from "../../src/monitoring/rules/rule-settings.ts";
import { runbooksOf } from "./alert-demands.ts";

function alerts(environment: string, language: "es" | "en" = "es"): Map<string, Alert> {
  const { config } = loadEnvironment(environmentFile(environment));
  const all = ruleGroups({ ...ruleSettings({ ...config, language }), parts: EVERYTHING })
    .flatMap(({ rules }) => rules)
    .filter((rule): rule is Alert => "alert" in rule);
  return new Map(all.map((rule) => [rule.alert, rule]));
}

test("S0's HighCPUUsage, word for word", () => {
  expect(alerts("s0").get("HighCPUUsage")).toMatchObject({
    expr: '100 - (avg by(instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) * 100) > 80',
    for: "5m",
    labels: { severity: "warning" },
    annotations: { summary: "CPU alta en {{ $labels.instance }}" },
  });
});

test("S3's HighCPUUsage looks over two minutes, for two minutes", () => {
  expect(alerts("s3").get("HighCPUUsage")).toMatchObject({
    expr: '100 - (avg by(instance) (rate(node_cpu_seconds_total{mode="idle"}[2m])) * 100) > 80',
    for: "2m",
  });
});

test("S2's four: CPU for two minutes, available memory, free disk, availability", () => {
  const s2 = alerts("s2");
  expect(s2.get("HighCPUUsage")?.for).toBe("2m");
  expect(s2.get("LowMemoryAvailable")?.expr).toMatch(/MemAvailable_bytes .*< 20$/);
  expect(s2.get("LowDiskSpace")?.expr).toMatch(/avail_bytes.*< 15$/);
  expect(s2.get("TargetDown")?.expr).toBe("up == 0");
});

test("DiskAlmostFull comes before the kubelet evicts pods", () => {
  const least = (environment: string) => Number(/< (\d+)$/.exec(alerts(environment).get("DiskAlmostFull")?.expr ?? "")?.[1]);
  expect([least("kind"), least("k3s-ec2"), least("eks")]).toEqual([5, 10, 15]);
});

describe.each(["es", "en"] as const)("in %s", (language) => {
  test.each([...alerts("kind", language)])("%s says what, how much and where to read on", (name, { annotations, labels }) => {
    expect(annotations.summary.length).toBeGreaterThan(10);
    expect(annotations.description.length).toBeGreaterThan(20);
    // S0's, S2's and S3's availability and the Watchdog have no number to tell.
    if (!["TargetDown", "Watchdog"].includes(name)) expect(annotations.description).toContain("$value");
    expect(annotations.runbook_url).toBe(`docs/runbooks/${pageName(name, language)}`);
    expect(["critical", "warning", "none"]).toContain(labels.severity);
    expect(existsSync(annotations.runbook_url)).toBe(true);
    expect(readFileSync(annotations.runbook_url, "utf8")).toMatch(new RegExp(`^# ${name}\n`));
  });
});

describe("runbooks", () => {
  const FOLDER = "docs/runbooks";
  const pages = readdirSync(FOLDER);
  const dashboardOf = new Map(
    ruleGroups({
      ...ruleSettings(loadEnvironment(environmentFile("kind")).config),
      parts: EVERYTHING,
      dashboards: Object.fromEntries(DASHBOARDS.map((name) => [name, name])),
    }).flatMap(({ rules }) => rules.flatMap((rule) => ("alert" in rule ? [[rule.alert, rule.annotations.dashboard_url] as const] : []))),
  );

  test("one in each language for each alert, and none for an alert that is gone", () => {
    expect(pages.sort()).toEqual(
      runbooksOf(ruleGroups({ ...ruleSettings(loadEnvironment(environmentFile("kind")).config), parts: EVERYTHING })).sort(),
    );
  });

  test.each([...alerts("kind").keys()].flatMap((name) => LANGUAGES.map((language) => [name, language] as const)))(
    "%s (%s) says where to run its commands, which dashboard shows it, and when it is over",
    (name, language) => {
      const text = readFileSync(join(FOLDER, pageName(name, language)), "utf8");
      expect(text).toContain(`(../guides/${pageName("follow-a-runbook", language)})`);
      expect(text).toContain(`(../${pageName("dashboards", language)}#${dashboardOf.get(name)})`);
      expect(text).toMatch(/^- .+http:\/\/localhost:9090\/alerts .+\n$/m);
    },
  );

  test.each(pages)("%s has the four parts", (page) => {
    expect(readFileSync(join(FOLDER, page), "utf8").match(/^## .+\n\n\S/gm)).toHaveLength(4);
  });
});

describe("windows follow the scrape interval", () => {
  const withInterval = (scrapeInterval: string) => {
    const { config } = loadEnvironment(environmentFile("kind"));
    return ruleGroups({ ...ruleSettings(config), parts: EVERYTHING, scrapeInterval }).flatMap(({ rules }) => rules);
  };

  test.each(["5s", "15s", "31s", "45s", "59s900ms", "1m"])("scraped every %s, each window of a rule holds four scrapes", (interval) => {
    const short = withInterval(interval).flatMap(({ expr }) =>
      [...expr.matchAll(/\[(\w+)\]/g)].flatMap(([, window = ""]) =>
        seconds(window) < 4 * seconds(interval) ? [`${expr}: ${window}`] : [],
      ),
    );
    expect(short).toEqual([]);
  });

  test("and is no longer than it need be", () => {
    const exprOf = (name: string, interval: string) =>
      withInterval(interval).find((rule) => "alert" in rule && rule.alert === name)?.expr ?? "";
    expect(exprOf("WebappNotReady", "30s")).toContain("[2m]");
    expect(exprOf("WebappNotReady", "45s")).toContain("[180s]");
    expect(exprOf("IngressServerErrors", "45s")).toContain("[3m]");
    expect(exprOf("IngressServerErrors", "1m")).toContain("[240s]");
  });
});
