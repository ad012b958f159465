import { existsSync } from "node:fs";
import { chosen, drillVerdict } from "../../src/cli/commands/drill.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { ALERTS_WITHOUT_DRILL, CATALOGUE, drillsOf } from "../../src/drill/catalogue.ts";
import { groupsOf } from "../../src/drill/rules.ts";
import type { RuleGroup } from "../../src/monitoring/rules/rule.ts";
import { find, manifestsOf, SHIPPED, synthesiseFile } from "../manifests.ts";

test("all drills when none is named, else those named, in the catalogue's order", () => {
  expect(chosen([])).toEqual(CATALOGUE);
  expect(chosen(["MysqlDown", "TargetDown"]).map(({ alert }) => alert)).toEqual(["TargetDown", "MysqlDown"]);
  expect(() => chosen(["TargetDwon"])).toThrow("there is no drill for 'TargetDwon'; did you mean TargetDown?");
});

describe("the catalogue", () => {
  const manifests = manifestsOf(synthesiseFile("environments/kind.yaml"));
  const files = manifests.filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("prometheus-rules-"));
  const groups = files.flatMap(({ data }) => groupsOf(Object.values(data).join()));
  const alertsOf = ({ rules }: RuleGroup) => rules.flatMap((rule) => ("alert" in rule ? [rule.alert] : []));
  const drilled: readonly string[] = CATALOGUE.map(({ alert }) => alert);

  test("has a drill of each subject but disks, which nothing fills without harm, and backups, whose results could only be faked", () => {
    expect(groups.length).toBeGreaterThan(9);
    expect(groups.filter((group) => !alertsOf(group).some((alert) => drilled.includes(alert))).map(({ name }) => name)).toEqual([
      "storage",
      "backups",
    ]);
  });
  test("says of alerts that there are why they have none", () => {
    const undrilled = Object.values(ALERTS_WITHOUT_DRILL).flat();
    expect(undrilled.filter((alert) => drilled.includes(alert) || !groups.some((group) => alertsOf(group).includes(alert)))).toEqual([]);
  });
});

test("the verdict counts, and tells what was not restored", () => {
  const one = (outcome: "passed" | "failed") => ({ alert: "TargetDown" as const, outcome, timeline: [] });
  expect(drillVerdict({ drills: [one("passed"), one("failed")], left: [] })).toBe(
    "2 drills: 1 passed, 1 failed; the cluster matches the manifests",
  );
  const left = [{ ref: { apiVersion: "v1", kind: "ConfigMap", name: "alertmanager" }, outcome: "changed" as const, lines: [] }];
  expect(drillVerdict({ drills: [one("passed")], left })).toBe("1 drill: 1 passed; not restored: alertmanager");
});

describe.each(SHIPPED)("%s", (environment) => {
  const manifests = manifestsOf(synthesiseFile(environment));
  const { config } = loadEnvironment(environment);

  test.each(drillsOf(config))("$alert: what it breaks is there, and its runbook too", ({ alert, faults }) => {
    expect(existsSync(`docs/runbooks/${alert}.es.md`)).toBe(true);
    for (const fault of faults(config)) {
      if (fault.kind === "patch") find(manifests, fault.target.kind, fault.target.name);
    }
  });
});
