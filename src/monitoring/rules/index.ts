import { nodeRules } from "./node.ts";
import type { RuleGroup, RuleSettings } from "./rule.ts";
import { targetRules } from "./targets.ts";

/** All rule groups of an environment, one a subject. */
export function ruleGroups(settings: RuleSettings): RuleGroup[] {
  return [nodeRules(settings), targetRules(settings)];
}
