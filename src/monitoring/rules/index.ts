import type { DASHBOARDS } from "../../config/schema.ts";
import { ingressRules } from "./ingress-rules.ts";
import { kubernetesRules } from "./kubernetes-rules.ts";
import { machineRules } from "./machine-rules.ts";
import { mysqlRules } from "./mysql-rules.ts";
import { nodeRules } from "./node-rules.ts";
import { pipelineRules } from "./pipeline-rules.ts";
import type { RuleGroup, RuleSettings } from "./rule.ts";
import { sloRules } from "./slo-rules.ts";
import { storageRules } from "./storage-rules.ts";
import { targetRules } from "./targets-rules.ts";
import { webappRules } from "./webapp-rules.ts";

/** A subject's rules, and the dashboard that shows it. */
export type Subject = readonly [(settings: RuleSettings) => RuleGroup, (typeof DASHBOARDS)[number]];

/** Each subject with the dashboard that shows it. */
export const SUBJECTS: readonly Subject[] = [
  [nodeRules, "system"],
  [machineRules, "node"],
  [storageRules, "node-io"],
  [webappRules, "webapp"],
  [sloRules, "webapp"],
  [mysqlRules, "mysql"],
  [ingressRules, "traefik"],
  [kubernetesRules, "containers"],
  [targetRules, "alerts"],
  [pipelineRules, "prometheus"],
];

/** All rule groups of an environment, one a subject. */
export function ruleGroups(settings: RuleSettings, subjects: readonly Subject[] = SUBJECTS): RuleGroup[] {
  return subjects.map(([rules, dashboard]) => linked(rules(settings), settings.dashboards?.[dashboard]));
}

function linked(group: RuleGroup, dashboard: string | undefined): RuleGroup {
  if (!dashboard) return group;
  const rules = group.rules.map((rule) =>
    "alert" in rule ? { ...rule, annotations: { ...rule.annotations, dashboard_url: dashboard } } : rule,
  );
  return { ...group, rules };
}
