import type { DASHBOARDS } from "../../config/schema.ts";
import { ingressRules } from "./ingress.ts";
import { kubernetesRules } from "./kubernetes.ts";
import { machineRules } from "./machine.ts";
import { mysqlRules } from "./mysql.ts";
import { nodeRules } from "./node.ts";
import { pipelineRules } from "./pipeline.ts";
import type { RuleGroup, RuleSettings } from "./rule.ts";
import { sloRules } from "./slo.ts";
import { storageRules } from "./storage.ts";
import { targetRules } from "./targets.ts";
import { webappRules } from "./webapp.ts";

/** Each subject with the dashboard that shows it. */
const SUBJECTS = [
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
] as const satisfies readonly (readonly [(settings: RuleSettings) => RuleGroup, (typeof DASHBOARDS)[number]])[];

/** All rule groups of an environment, one a subject. */
export function ruleGroups(settings: RuleSettings): RuleGroup[] {
  return SUBJECTS.map(([rules, dashboard]) => linked(rules(settings), settings.dashboards?.[dashboard]));
}

function linked(group: RuleGroup, dashboard: string | undefined): RuleGroup {
  if (!dashboard) return group;
  const rules = group.rules.map((rule) =>
    "alert" in rule ? { ...rule, annotations: { ...rule.annotations, dashboard_url: dashboard } } : rule,
  );
  return { ...group, rules };
}
