import { dashboards as say } from "../../messages/dashboards.ts";
import { recordedNames } from "../keep/derive.ts";
import { type Matcher, type Selector, selectors } from "../promql.ts";
import { needsColon } from "../regex.ts";
import { assertPromql, strangeCharacter } from "../valid.ts";
import { concrete, namesIn } from "./concrete.ts";
import type { ImportedPanel, PanelVerdict, Query } from "./model.ts";
import { canMatch, isAnyStored, isOfScrape, type Known, NOTHING_ELSE, type Series, seriesOf, valuesOf } from "./series.ts";

/** Panels that Grafana 12 has built in, or makes of an old one as it opens it. Others are plugins, which are not installed here. */
const PANELS = new Set(
  `timeseries stat gauge bargauge table piechart text heatmap barchart histogram state-timeline status-history logs nodeGraph traces
  flamegraph canvas geomap news dashlist alertlist annolist candlestick trend xychart datagrid variable
  graph singlestat table-old grafana-piechart-panel grafana-worldmap-panel`.split(/\s+/),
);
/** Prometheus makes these with its rules. */
const OF_RULES = /^ALERTS(_FOR_STATE)?$/;

/** Which series that are stored a selector finds, and why there are none, if so. */
interface Verdict {
  readonly stored: readonly Series[];
  readonly dead?: string;
}

const text = ({ label, operator, value }: Matcher) => `${label}${operator}${JSON.stringify(value)}`;
const canMatchAll = (series: Series, matchers: readonly Matcher[]) => matchers.every((one) => canMatch(one, valuesOf(series, one.label)));
const jobsOf = (series: readonly Series[]) => [...new Set(series.map(({ job }) => job))];

/** Why no series that targets export meets the conditions. */
function whyNone(metric: string, matchers: readonly Matcher[], all: readonly Series[]): string {
  const [ofJob, others] = [matchers.filter(({ label }) => label === "job"), matchers.filter(({ label }) => label !== "job")];
  const asked = all.filter((one) => canMatchAll(one, ofJob));
  if (asked.length === 0) return say.otherJob(metric, jobsOf(all).join(", "), ofJob.map(text).join(", "));
  const failing = others.find((one) => !asked.some((series) => canMatchAll(series, [one])));
  if (!failing) return say.noSeries(metric, matchers.map(text).join(", "));
  const { label, value } = failing;
  if (!asked.some((one) => Object.hasOwn(one.labels, label))) return say.noLabel(metric, label);
  if (value.includes(":") && asked.every((one) => valuesOf(one, label).name)) return say.noPort(metric, text(failing), label);
  return say.noSeries(metric, text(failing));
}

function judge(selector: Selector, known: Known): Verdict {
  const { metric, matchers } = selector;
  if (metric === "") return { stored: [], dead: say.noMetric };
  if (OF_RULES.test(metric) || recordedNames().has(metric) || known.recorded.has(metric)) return { stored: [] };
  if (metric.includes(":")) return { stored: [], dead: say.noRule(metric) };
  const all = seriesOf(metric, known);
  if (all.length === 0) return { stored: [], dead: say.notExported(metric) };
  const asked = all.filter((one) => canMatchAll(one, matchers));
  if (asked.length === 0) return { stored: [], dead: whyNone(metric, matchers, all) };
  const stored = asked.filter((one) => isAnyStored(selector, one));
  return stored.length > 0 ? { stored } : { stored, dead: say.dropped(metric, matchers.map(text).join(", "), jobsOf(asked).join(", ")) };
}

/** The regular expression of a variable, as Grafana reads it: `/…/flags`, or a text that must be all of the value. */
function variableRegex(text: string): RegExp {
  const [, pattern = `^${text}$`, flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  return new RegExp(pattern, flags.replace("g", ""));
}

/** Why a variable has no value to choose, if so: no stored series has its label, or its regular expression fits no value. */
function whyEmpty(selector: Selector, { label, regex = "" }: NonNullable<Query["picks"]>, known: Known): string | undefined {
  const { stored, dead } = judge({ ...selector, matchers: [...selector.matchers, { label, operator: "!=", value: "" }] }, known);
  if (dead || stored.length === 0 || regex === "") return dead;
  const wanted = variableRegex(regex);
  const all = stored.map((one) => valuesOf(one, label));
  if (
    all.some(({ known, name }) =>
      known ? known.some((one) => one !== "" && wanted.test(one)) : !(name && needsColon(wanted.source, "javascript")),
    )
  ) {
    return undefined;
  }
  return all.every(({ name }) => name) ? say.portPattern(regex, label) : say.noValue(regex, label);
}

/** What the check of a dashboard found. */
export interface Checked {
  readonly panels: readonly PanelVerdict[];
  /** The metrics that must be stored for it, by job, sorted. */
  readonly metrics: Readonly<Record<string, readonly string[]>>;
}

/** What one query needs, by job and metric, and why it has no data, if so. */
interface Found {
  readonly dead?: string;
  readonly needs: readonly (readonly [job: string, metric: string])[];
}

/** A query whose variables are filled in. */
function ask(query: string, picks: Query["picks"], known: Known): Found {
  const strange = strangeCharacter(query);
  if (strange) return { dead: say.strange(strange), needs: [] };
  try {
    assertPromql(query);
    const asked = selectors(query).map((selector) => ({ selector, ...judge(selector, known) }));
    const dead = asked.find((one) => one.dead)?.dead ?? (picks && asked[0] ? whyEmpty(asked[0].selector, picks, known) : undefined);
    // What is dead all the same is not stored for it.
    if (dead) return { dead, needs: [] };
    const kept = asked.filter(({ selector }) => !isOfScrape(selector.metric));
    return { needs: kept.flatMap(({ selector, stored }) => jobsOf(stored).map((job) => [job, selector.metric] as const)) };
  } catch (error) {
    return { dead: say.refused((error as Error).message), needs: [] };
  }
}

function look({ expr, foreign, picks }: Query, values: ReadonlyMap<string, string>, empty: ReadonlySet<string>, known: Known): Found {
  if (foreign) return { dead: say.foreign(foreign), needs: [] };
  const found = ask(concrete(expr, values), picks, known);
  const used = namesIn(expr).filter((name) => empty.has(name));
  if (found.dead || used.length === 0) return found;
  // Grafana puts nothing in the place of a variable without values: a label that may be empty is found all the same.
  const without = ask(concrete(expr, new Map([...values, ...used.map((name): [string, string] => [name, ""])])), picks, known);
  return without.dead ? { dead: say.emptyVariable(used.map((name) => `$${name}`).join(", ")), needs: [] } : without;
}

/**
 * Holds every query against what the targets export and Prometheus stores.
 *
 * @param values of variables, where the dashboard has them
 * @param empty variables without a value to choose
 * @param known what an environment has besides
 */
export function check(
  panels: readonly ImportedPanel[],
  values: ReadonlyMap<string, string>,
  { empty = new Set(), known = NOTHING_ELSE }: { readonly empty?: ReadonlySet<string>; readonly known?: Known } = {},
): Checked {
  const metrics = new Map<string, Set<string>>();
  const verdicts = panels.map(({ title, type, queries }) => {
    if (type !== "" && !PANELS.has(type)) return { title, alive: 0, dead: [say.plugin(type)] };
    const found = queries.map((query) => look(query, values, empty, known));
    for (const [job, metric] of found.flatMap(({ needs }) => needs)) metrics.set(job, (metrics.get(job) ?? new Set()).add(metric));
    const dead = [...new Set(found.flatMap((one) => one.dead ?? []))];
    return { title, alive: found.filter((one) => !one.dead).length, dead };
  });
  const sorted = [...metrics].sort(([one], [other]) => (one < other ? -1 : 1)).map(([job, names]) => [job, [...names].sort()]);
  return { panels: verdicts.filter(({ alive, dead }) => alive + dead.length > 0), metrics: Object.fromEntries(sorted) };
}
