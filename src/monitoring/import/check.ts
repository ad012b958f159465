import { dashboards as say } from "../../messages/dashboards.ts";
import { recordedNames } from "../keep/derive.ts";
import exported from "../keep/exported.json" with { type: "json" };
import { type Selector, selectors } from "../promql.ts";
import { concrete } from "./concrete.ts";
import type { ImportedPanel, PanelFate, Query } from "./model.ts";

/** Job → metric → its labels, as the targets of the self-built node exported them. Grafana does not run there. */
const EXPORTED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = exported;
/** Prometheus makes these by itself, with every scrape and every rule. */
const OWN = /^(up|scrape_\w+|ALERTS|ALERTS_FOR_STATE)$/;
/** Labels that Prometheus puts on every sample. */
const ADDED = new Set(["job", "instance"]);

/** Panels that Grafana 12 has built in, or makes of an old one as it opens it. Others are plugins, which are not installed here. */
const PANELS = new Set(
  `timeseries stat gauge bargauge table piechart text heatmap barchart histogram state-timeline status-history logs nodeGraph traces
  flamegraph canvas geomap news dashlist alertlist annolist candlestick trend xychart datagrid variable
  graph singlestat table-old grafana-piechart-panel grafana-worldmap-panel`.split(/\s+/),
);

/** Whether a matcher lets a value pass; a pattern that JavaScript cannot read lets all pass. */
function passes({ operator, value }: { operator: string; value: string }, text: string): boolean {
  const is = (): boolean => {
    try {
      return new RegExp(`^(?:${value})$`).test(text);
    } catch {
      return true;
    }
  };
  // What stands where a variable stood: the choice has a fitting value, whatever the operator.
  const same = value === ".*" || (operator.includes("~") ? is() : text === value);
  return operator.startsWith("!") ? !same : same;
}

/** Which jobs' metrics must be stored for a query, and why it has no data, if so. */
interface Verdict {
  readonly jobs: readonly string[];
  readonly dead?: string;
}

function judge({ metric, labels }: Selector): Verdict {
  if (metric === "") return { jobs: [], dead: say.noMetric };
  if (OWN.test(metric) || recordedNames().has(metric)) return { jobs: [] };
  if (metric.includes(":")) return { jobs: [], dead: say.noRule(metric) };
  if (metric.startsWith("grafana_")) return { jobs: ["grafana"] };
  const having = Object.keys(EXPORTED).filter((job) => Object.hasOwn(EXPORTED[job] ?? {}, metric));
  if (having.length === 0) return { jobs: [], dead: say.notExported(metric) };
  const wanted = labels.get("job");
  const jobs = having.filter((job) => !wanted || passes(wanted, job));
  if (wanted && jobs.length === 0) return { jobs, dead: say.otherJob(metric, having.join(", "), `job${wanted.operator}"${wanted.value}"`) };
  const known = new Set(jobs.flatMap((job) => EXPORTED[job]?.[metric] ?? []));
  const lacking = [...labels].find(([label, matcher]) => !(ADDED.has(label) || known.has(label)) && !passes(matcher, ""));
  return lacking ? { jobs, dead: say.noLabel(metric, lacking[0]) } : { jobs };
}

/** What the check of a dashboard found. */
export interface Checked {
  readonly panels: readonly PanelFate[];
  /** The metrics that must be stored for it, by job, sorted. */
  readonly metrics: Readonly<Record<string, readonly string[]>>;
}

/** What one query of a panel needs, by metric, and why it has no data, if so. */
function look(
  { expr, foreign }: Query,
  type: string,
  values: ReadonlyMap<string, string>,
): { dead?: string; needs: readonly [string, string][] } {
  if (!PANELS.has(type)) return { dead: say.plugin(type), needs: [] };
  if (foreign) return { dead: say.foreign(foreign), needs: [] };
  try {
    const verdicts = selectors(concrete(expr, values)).map((one) => ({ metric: one.metric, ...judge(one) }));
    const dead = verdicts.find((one) => one.dead)?.dead;
    // What is dead all the same is not stored for it.
    return dead
      ? { dead, needs: [] }
      : { needs: verdicts.flatMap(({ metric, jobs }) => jobs.map((job): [string, string] => [job, metric])) };
  } catch (error) {
    return { dead: (error as Error).message, needs: [] };
  }
}

/** Holds every query against what the targets export. */
export function check(panels: readonly ImportedPanel[], values: ReadonlyMap<string, string>): Checked {
  const metrics = new Map<string, Set<string>>();
  const fates = panels.map(({ title, type, queries }) => {
    const found = queries.map((query) => look(query, type, values));
    for (const [job, metric] of found.flatMap(({ needs }) => needs)) metrics.set(job, (metrics.get(job) ?? new Set()).add(metric));
    const dead = [...new Set(found.flatMap((one) => one.dead ?? []))];
    return { title, alive: found.filter((one) => !one.dead).length, dead };
  });
  const sorted = [...metrics].sort(([one], [other]) => (one < other ? -1 : 1)).map(([job, names]) => [job, [...names].sort()]);
  return { panels: fates.filter(({ alive, dead }) => alive + dead.length > 0), metrics: Object.fromEntries(sorted) };
}
