import type { DASHBOARDS } from "../../config/schema.ts";
import { EVERYTHING, fits, type Parts } from "../parts.ts";
import { applicationRules } from "./application-rules.ts";
import { backupRules } from "./backup-rules.ts";
import { ingressRules } from "./ingress-rules.ts";
import { kubernetesRules } from "./kubernetes-rules.ts";
import { machineRules } from "./machine-rules.ts";
import { mysqlRules } from "./mysql-rules.ts";
import { nodeRules } from "./node-rules.ts";
import { pipelineRules } from "./pipeline-rules.ts";
import { remoteWriteRules } from "./remote-write-rules.ts";
import type { RuleGroup, RuleSettings } from "./rule.ts";
import { applicationSloRules, sloRules } from "./slo-rules.ts";
import { storageRules } from "./storage-rules.ts";
import { targetRules } from "./targets-rules.ts";
import { webappRules } from "./webapp-rules.ts";

/** A subject's rules, the dashboard that shows it, and the part without which there is neither. */
export type Subject = readonly [rules: (settings: RuleSettings) => RuleGroup, dashboard: (typeof DASHBOARDS)[number], needs?: keyof Parts];

/** Each subject with the dashboard that shows it. */
export const SUBJECTS: readonly Subject[] = [
  [nodeRules, "system"],
  [machineRules, "node"],
  [storageRules, "node-io"],
  [webappRules, "webapp", "sample"],
  [sloRules, "webapp", "sample"],
  [applicationRules, "applications", "applications"],
  [applicationSloRules, "applications", "applications"],
  [mysqlRules, "mysql"],
  [backupRules, "backups", "backups"],
  [ingressRules, "traefik"],
  [kubernetesRules, "containers"],
  [targetRules, "alerts"],
  [pipelineRules, "prometheus"],
  [remoteWriteRules, "prometheus", "remoteWrite"],
];

/** All rule groups of an environment, one a subject. */
export function ruleGroups(settings: RuleSettings, subjects: readonly Subject[] = SUBJECTS): RuleGroup[] {
  const { parts = EVERYTHING, dashboards } = settings;
  return subjects
    .filter(([, , needs]) => fits(parts, { needs }))
    .map(([rules, dashboard]) => linked(rules(settings), dashboards?.[dashboard]));
}

/** The names of all alerts of these groups. */
export const alertNames = (groups: readonly RuleGroup[]): ReadonlySet<string> =>
  new Set(groups.flatMap(({ rules }) => rules.flatMap((rule) => ("alert" in rule ? [rule.alert] : []))));

function linked(group: RuleGroup, dashboard: string | undefined): RuleGroup {
  if (!dashboard) return group;
  const rules = group.rules.map((rule) =>
    "alert" in rule ? { ...rule, annotations: { ...rule.annotations, dashboard_url: dashboard } } : rule,
  );
  return { ...group, rules };
}
