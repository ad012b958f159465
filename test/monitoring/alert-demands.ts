import { existsSync } from "node:fs";
import { join } from "node:path";
import { pageName } from "../../src/language.ts";
import type { RuleGroup } from "../../src/monitoring/rules/rule.ts";
import { ALERT_CASES, type AlertCase } from "./alert-cases.ts";

/** Names of the alerts of these groups. */
export const alertNames = (groups: readonly RuleGroup[]): string[] =>
  groups.flatMap(({ rules }) => rules.flatMap((rule) => ("alert" in rule ? [rule.alert] : [])));

/** The runbook pages that these alerts must have, one in each language. */
export const runbooksOf = (groups: readonly RuleGroup[]): string[] =>
  alertNames(groups).flatMap((name) => (["en", "es"] as const).map((language) => pageName(name, language)));

/** What is still to be written by hand for these alerts: runbook pages and cases for promtool. */
export function missing(
  groups: readonly RuleGroup[],
  cases: Readonly<Record<string, AlertCase>> = ALERT_CASES,
  exists: (path: string) => boolean = existsSync,
): string[] {
  return [
    ...runbooksOf(groups)
      .map((page) => join("docs/runbooks", page))
      .filter((path) => !exists(path)),
    ...alertNames(groups)
      .filter((name) => !(name in cases))
      .map((name) => `test/monitoring/cases: ${name}`),
  ];
}
