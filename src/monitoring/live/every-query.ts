import { pick } from "../../language.ts";
import { choiceQueries, panelQueries } from "../dashboards/index.ts";
import { ruleGroups } from "../rules/index.ts";
import type { RuleSettings } from "../rules/rule.ts";

/** A query and what it is there for. */
export interface Query {
  readonly kind: "panel" | "choice" | "alert" | "recording";
  /** Where a person finds it: dashboard and panel, or the rule. */
  readonly place: string;
  readonly expr: string;
  /** How its lines are named; empty for rules. */
  readonly legend: string;
}

/** Every query of every dashboard that has series in the environment, whether it chooses it or not, and of every rule. */
export function everyQuery(settings: RuleSettings): Query[] {
  const { language, parts } = settings;
  const shown = (kind: Query["kind"], list: ReturnType<typeof panelQueries>): Query[] =>
    list.map(({ dashboard, panel, expr, legend }) => ({ kind, place: `${dashboard}: ${pick(panel.title, language)}`, expr, legend }));
  const rules = ruleGroups(settings).flatMap(({ name, rules: list }) =>
    list.map((rule): Query => {
      const [kind, title] = "alert" in rule ? (["alert", rule.alert] as const) : (["recording", rule.record] as const);
      return { kind, place: `${name}: ${title}`, expr: rule.expr, legend: "" };
    }),
  );
  return [...shown("panel", panelQueries(parts)), ...shown("choice", choiceQueries(parts)), ...rules];
}
