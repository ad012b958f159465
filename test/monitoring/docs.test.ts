import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadEnvironment } from "../../src/config/load.ts";
import { DASHBOARDS } from "../../src/config/schema.ts";
import { dashboards } from "../../src/monitoring/dashboards/index.ts";
import { ruleGroups } from "../../src/monitoring/rules/index.ts";
import { ruleSettings } from "../../src/monitoring/rules/settings.ts";
import { pictureOf } from "../../tools/generate/dashboards-page.ts";

// That the pages are what the sources give is `npm run drift`'s to say; here it is that their links lead somewhere.

const PAGES = ["alerts.md", "alertas.md", "dashboards.md", "tableros.md"];

test.each(PAGES)("every link of docs/%s leads somewhere", (page) => {
  // Patterns of metrics stand in code.
  const text = readFileSync(join("docs", page), "utf8").replaceAll(/`[^`]*`/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  expect(links.length).toBeGreaterThanOrEqual(10);
  for (const link of links) {
    const [file = "", anchor] = link.split("#");
    expect(existsSync(join("docs", file)) ? "" : link).toBe("");
    if (anchor) expect(readFileSync(join("docs", file), "utf8")).toContain(`<a id="${anchor}"></a>`);
  }
});

test("a picture of each dashboard in each language, and none of one that is gone", () => {
  const wanted = DASHBOARDS.flatMap((name) => [pictureOf(name, "en"), pictureOf(name, "es")]);
  expect(readdirSync("docs/images/dashboards").sort()).toEqual(wanted.map((path) => path.replace("images/dashboards/", "")).sort());
});

test.each([
  ["README.md", "alerts", "panels"],
  ["README.es.md", "alertas", "paneles"],
])("%s has the numbers of the rules and dashboards", (page, alerts, panels) => {
  const text = readFileSync(page, "utf8");
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1]);
  const rules = ruleGroups(ruleSettings(loadEnvironment("environments/kind.yaml").config)).flatMap((group) => group.rules);
  const all = dashboards(DASHBOARDS, "en").flatMap(({ json }) => JSON.parse(json).panels as { type: string }[]);
  expect(number(new RegExp(`(\\d+) \\[${alerts}\\]`))).toBe(rules.filter((rule) => "alert" in rule).length);
  expect(number(new RegExp(`(\\d+) ${panels}`))).toBe(all.filter(({ type }) => type !== "row").length);
});
