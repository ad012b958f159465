import { load } from "js-yaml";
import { rateWindow } from "../config/scrape-interval.ts";
import { isDuration, seconds } from "../config/units.ts";
import { type Language, pick, type Text } from "../language.ts";
import { withProvoked } from "../monitoring/provoked.ts";
import type { Alert, Recording, RuleGroup } from "../monitoring/rules/rule.ts";
import { toYaml } from "../yaml.ts";

/** How fast a rule is during a drill. */
export interface Pace {
  /** How often it is evaluated, such as `5s`. */
  readonly interval: string;
  /** How long it must hold, such as `10s`; a rule without `for` gets none. */
  readonly hold: string;
  /** The longest window of its query, such as `1m`. At least four scrapes, or a rate has too few samples. */
  readonly window: string;
}

/** The pace of a drill where a scrape takes place every `scrape`. @param window the shortest window that the alert's fault needs */
export function paceFor(scrape: string, window = "1s"): Pace {
  return { interval: "5s", hold: "10s", window: `${Math.ceil(Math.max(seconds(rateWindow(scrape)), seconds(window)))}s` };
}

/** The prefix of a summary that marks it as a drill. */
const MARK: Text = { en: "[drill] ", es: "[simulacro] " };

/** A query whose windows are no longer than `longest`. */
export function withinWindow(query: string, longest: string): string {
  return query.replaceAll(/\[([0-9a-z]+)\]/g, (all, window: string) =>
    isDuration(window) && seconds(window) > seconds(longest) ? `[${longest}]` : all,
  );
}

/** The groups of a rule file. */
export function groupsOf(text: string): RuleGroup[] {
  return (load(text) as { groups: RuleGroup[] }).groups;
}

/** The alert of that name; undefined when no group has it. */
export function alertIn(groups: readonly RuleGroup[], name: string): Alert | undefined {
  return groups.flatMap(({ rules }) => rules).find((rule): rule is Alert => "alert" in rule && rule.alert === name);
}

/**
 * A rule file in which the named alerts are quick and see what is provoked, with series of their own where they are made of
 * recorded ones. Thresholds, labels and everything else stay as they are.
 */
export function acceleratedRules(text: string, paces: ReadonlyMap<string, Pace>, language: Language): string {
  return toYaml({ groups: groupsOf(text).map((group) => acceleratedGroup(group, paces, language)) });
}

/** What a drill records it records beside the environment's own series, in which nothing of a drill must stay. */
const apart = (name: string) => `drill_${name}`;

function acceleratedGroup(group: RuleGroup, paces: ReadonlyMap<string, Pace>, language: Language): RuleGroup {
  const chosen = group.rules.flatMap((rule) => ("alert" in rule ? (paces.get(rule.alert) ?? []) : []));
  const [first] = chosen;
  if (!first) return group;
  const recorded = group.rules.filter((rule): rule is Recording => "record" in rule);
  const copies = recorded.map(({ record, expr }) => ({ record: apart(record), expr: withinWindow(withProvoked(expr), first.window) }));
  const quick = (rule: Alert | Recording) => {
    const pace = "alert" in rule ? paces.get(rule.alert) : undefined;
    return pace && "alert" in rule ? acceleratedAlert(rule, pace, language, recorded) : rule;
  };
  return { ...group, interval: first.interval, rules: [...copies, ...group.rules.map(quick)] };
}

function acceleratedAlert(rule: Alert, { hold, window }: Pace, language: Language, recorded: readonly Recording[]): Alert {
  const annotations = { ...rule.annotations, summary: `${pick(MARK, language)}${rule.annotations.summary}` };
  const own = recorded.reduce((query, { record }) => query.replaceAll(record, apart(record)), withProvoked(rule.expr));
  return { ...rule, expr: withinWindow(own, window), ...(rule.for && { for: hold }), annotations };
}

/** A rule group of Prometheus' API. */
export interface LoadedGroup {
  readonly name: string;
  /** Seconds. */
  readonly interval: number;
  readonly rules: readonly { readonly name: string; readonly duration?: number }[];
}

/**
 * Whether Prometheus runs the groups of a rule file as they stand there.
 * @param interval of groups that name none, such as `15s`
 */
export function isLoaded(text: string, loaded: readonly LoadedGroup[], interval: string): boolean {
  return groupsOf(text).every((group) => {
    const found = loaded.find(({ name }) => name === group.name);
    const alerts = group.rules.filter((rule): rule is Alert => "alert" in rule);
    return (
      found?.interval === seconds(group.interval ?? interval) &&
      alerts.every((rule) => found.rules.some(({ name, duration }) => name === rule.alert && duration === seconds(rule.for ?? "0s")))
    );
  });
}
