import { resolve } from "../../src/config/resolve.ts";
import { environmentSchema } from "../../src/config/schema.ts";
import { EVERYTHING } from "../../src/monitoring/parts.ts";
import { ruleGroups, SUBJECTS, type Subject } from "../../src/monitoring/rules/index.ts";
import { alert } from "../../src/monitoring/rules/rule.ts";
import { ruleSettings } from "../../src/monitoring/rules/rule-settings.ts";
import { alertsPage } from "../../tools/generate/alerts-page.ts";
import { ALERT_CASES } from "./alert-cases.ts";
import { missing } from "./alert-demands.ts";

// The smallest change of docs/contributing.md, made in memory: what follows from an alert by itself, and what is still asked for.
const added: Subject = [
  (settings) => ({
    name: "trial",
    rules: [
      alert("TrialReadOnly", settings, {
        expr: "mysql_global_variables_read_only == 1",
        for: "5m",
        severity: "warning",
        summary: { es: "MySQL solo acepta lecturas", en: "MySQL accepts reads only" },
        description: { es: "read_only es {{ $value }} desde hace 5m.", en: "read_only has been {{ $value }} for 5m." },
      }),
    ],
  }),
  "mysql",
];
const subjects = [...SUBJECTS, added];
const config = resolve(environmentSchema.parse({ cluster: "kind", machine: { memory: "4Gi", cpu: "2" } }));
const settings = { ...ruleSettings(config), parts: EVERYTHING, dashboards: { mysql: "http://localhost:3000/d/mysql" } };

test("the rule is in its group, with its runbook and its dashboard", () => {
  expect(ruleGroups(settings, subjects).at(-1)?.rules).toEqual([
    expect.objectContaining({
      alert: "TrialReadOnly",
      labels: { severity: "warning" },
      annotations: expect.objectContaining({
        runbook_url: expect.stringMatching(/\/TrialReadOnly(\.es)?\.md$/),
        dashboard_url: "http://localhost:3000/d/mysql",
      }),
    }),
  ]);
});

test.each([
  ["en", "MySQL accepts reads only", "runbooks/TrialReadOnly.md", /(\d+) alerts/],
  ["es", "MySQL solo acepta lecturas", "runbooks/TrialReadOnly.es.md", /(\d+) alertas/],
] as const)("the page in %s has its row, a link to its runbook and one alert more", (language, summary, runbook, count) => {
  const page = alertsPage(language, subjects);
  expect(page).toContain(`| [TrialReadOnly](${runbook}) | warning | 5m | ${summary} |`);
  const number = (text: string) => Number(count.exec(text)?.[1]);
  expect(number(page)).toBe(number(alertsPage(language)) + 1);
});

test("two runbooks and a case for promtool are asked for, and no other alert lacks one", () => {
  const asked = ["docs/runbooks/TrialReadOnly.md", "docs/runbooks/TrialReadOnly.es.md", "test/monitoring/cases: TrialReadOnly"];
  expect(missing(ruleGroups(settings, subjects))).toEqual(asked);
  expect(missing(ruleGroups(settings))).toEqual([]);
  expect(
    missing(ruleGroups(settings, subjects), { ...ALERT_CASES, TrialReadOnly: { fires: {}, holds: {}, at: "10m" } }, () => true),
  ).toEqual([]);
});
