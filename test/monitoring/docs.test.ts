import { readdirSync, readFileSync } from "node:fs";
import { loadEnvironment } from "../../src/config/load.ts";
import { DASHBOARDS } from "../../src/config/schema.ts";
import { dashboardSpecs, dashboards } from "../../src/monitoring/dashboards/index.ts";
import { EVERYTHING } from "../../src/monitoring/parts.ts";
import { ruleGroups } from "../../src/monitoring/rules/index.ts";
import { ruleSettings } from "../../src/monitoring/rules/rule-settings.ts";
import { isPictured, pictureOf } from "../../tools/generate/dashboards-page.ts";

test("a picture of each dashboard in each language, and none of one that is gone", () => {
  const pictured = dashboardSpecs().filter(([, spec]) => isPictured(spec));
  const wanted = pictured.flatMap(([name]) => [pictureOf(name, "en"), pictureOf(name, "es")]);
  expect(readdirSync("docs/images/dashboards").sort()).toEqual(wanted.map((path) => path.replace("images/dashboards/", "")).sort());
});

test.each([
  ["README.md", "alerts", "panels"],
  ["README.es.md", "alertas", "paneles"],
])("%s has the numbers of the rules and dashboards", (page, alerts, panels) => {
  const text = readFileSync(page, "utf8");
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1]);
  const settings = ruleSettings(loadEnvironment("environments/kind.yaml").config);
  const rules = ruleGroups({ ...settings, parts: EVERYTHING }).flatMap((group) => group.rules);
  const all = dashboards(DASHBOARDS, "en").flatMap(({ json }) => JSON.parse(json).panels as { type: string }[]);
  expect(number(new RegExp(`(\\d+) \\[${alerts}\\]`))).toBe(rules.filter((rule) => "alert" in rule).length);
  expect(number(new RegExp(`(\\d+) ${panels}`))).toBe(all.filter(({ type }) => type !== "row").length);
});
