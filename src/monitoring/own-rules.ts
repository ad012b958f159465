import type { Problem } from "../config/errors.ts";
import type { OwnRules } from "../config/own-rules.ts";
import { check } from "./import/check.ts";
import type { Known } from "./import/series.ts";

/** What the rules of the user's ask for, and what is wrong with them. */
export interface CheckedRules {
  /** Metrics that must be stored for them, by scrape job. */
  readonly metrics: Readonly<Record<string, readonly string[]>>;
  /** By file. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
}

/**
 * Holds the user's rules against Prometheus' language, and against the series that an environment stores. This module has a parser, which
 * costs every start some hundredths of a second: load it only where an environment has rules of its own.
 *
 * @param others what exports metrics whose names are not known
 *
 * @public charts/synth.ts loads this module by require
 */
export function checkOwnRules(files: readonly OwnRules[], others: Omit<Known, "recorded">): CheckedRules {
  const known = knownOf(files, others);
  const metrics = new Map<string, Set<string>>();
  const problems = new Map<string, Problem[]>();
  for (const { file, rule, group, index, locate } of files.flatMap(rulesOf)) {
    const found = check([{ title: "", type: "", queries: [{ expr: rule.expr }] }], new Map(), { known });
    for (const [job, names] of Object.entries(found.metrics)) metrics.set(job, new Set([...(metrics.get(job) ?? []), ...names]));
    const dead = found.panels.flatMap((panel) => panel.dead);
    if (dead.length > 0) problems.set(file, [...(problems.get(file) ?? []), locate(group, index, dead.join("; "))]);
  }
  return { metrics: Object.fromEntries([...metrics].map(([job, names]) => [job, [...names].sort()])), problems };
}

/** Every rule of a file, with its place. */
const rulesOf = ({ file, groups, locate }: OwnRules) =>
  groups.flatMap(({ rules }, group) => rules.map((rule, index) => ({ file, rule, group, index, locate })));

/** What an environment has besides the series of every environment. */
export const knownOf = (files: readonly OwnRules[], others: Omit<Known, "recorded">): Known => ({
  ...others,
  recorded: new Set(files.flatMap(rulesOf).flatMap(({ rule }) => ("record" in rule ? [rule.record] : []))),
});
