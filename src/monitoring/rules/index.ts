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

const SUBJECTS = [
  nodeRules,
  machineRules,
  storageRules,
  webappRules,
  sloRules,
  mysqlRules,
  ingressRules,
  kubernetesRules,
  targetRules,
  pipelineRules,
];

/** All rule groups of an environment, one a subject. */
export function ruleGroups(settings: RuleSettings): RuleGroup[] {
  return SUBJECTS.map((rules) => rules(settings));
}
