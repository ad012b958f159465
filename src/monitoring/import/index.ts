import { type ImportedDashboard, MOST_BYTES } from "../../config/imported.ts";
import { DASHBOARDS } from "../../config/schema.ts";
import { dashboards as say } from "../../messages/dashboards.ts";
import { bind } from "./bind.ts";
import { type Checked, check } from "./check.ts";
import { valuesOf } from "./concrete.ts";
import { type PanelVerdict, refuse } from "./model.ts";
import { choicesOf, panelsOf } from "./panel-queries.ts";
import { readDashboard } from "./read.ts";
import { seriesFor, storedFor } from "./room.ts";
import type { Known } from "./series.ts";
import { slim } from "./slim.ts";
import { clashes, type Identity, shippedIdentities } from "./unique.ts";

/** An imported dashboard, and what is to be said of it. */
export interface Import {
  readonly name: string;
  readonly title: string;
  readonly file: ImportedDashboard;
  readonly panels: readonly PanelVerdict[];
  /** Panels without a query, such as texts. */
  readonly withoutQuery: number;
  /** Choices and annotations that would be empty. */
  readonly choices: readonly PanelVerdict[];
  /** Metrics that are stored only because of it: `job: metric`. */
  readonly stored: readonly string[];
  /** About how many series those are. */
  readonly series: number;
  /** Panels of kinds that Grafana 12 makes anew as it opens them. */
  readonly old: number;
}

const OLD = new Set(["graph", "singlestat", "table-old", "grafana-piechart-panel", "grafana-worldmap-panel"]);

/** A name for the file and the ConfigMap, from a title: `Node Exporter Full` → `node-exporter-full`. */
export const slug = (title: string): string =>
  title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-|-$/g, "");

/** The metrics of several checks, by job, sorted. */
function merged(checks: readonly Checked[]): Checked["metrics"] {
  const jobs = [...new Set(checks.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  return Object.fromEntries(jobs.map((job) => [job, [...new Set(checks.flatMap(({ metrics }) => metrics[job] ?? []))].sort()]));
}

/** What the user may decide of an imported dashboard, and what is there already. */
export interface ImportSettings {
  /** The name of its file and ConfigMap. @default from its title */
  readonly name?: string;
  /** @default the dashboard's own */
  readonly title?: string;
  /** Dashboards that were imported before; one of the same name is replaced. @default none */
  readonly others?: readonly Identity[];
  /** What the environment has that it is for: series of its applications, and those that rules of its own record. @default nothing */
  readonly known?: Known | undefined;
}

/**
 * Makes a dashboard of anywhere one of this project: bound to our data source, minified, its metrics looked up.
 *
 * @param source where it is from, in words
 * @throws EnvironmentError when it cannot be used
 */
export function importDashboard(text: string, source: string, settings: ImportSettings = {}): Import {
  const original = readDashboard(text, source);
  const title: string = settings.title ?? original.title;
  const name = settings.name ?? slug(title);
  if (!/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) refuse(source, say.badName(name));
  if ((DASHBOARDS as readonly string[]).includes(name)) refuse(source, say.nameTaken(name));
  const whole = slim(bind(original));
  const uid = /^(?!cloudnova-)[\w-]{1,40}$/.test(whole.uid ?? "") ? whole.uid : name;
  const dashboard = { ...whole, title, uid, tags: [...new Set([...(whole.tags ?? []), "cloudnova"])] };
  const [clash] = [...shippedIdentities(), ...(settings.others ?? [])].flatMap((other) => clashes([{ name, title, uid }, other]));
  if (clash) refuse(source, say.clash[clash.key](clash.value, clash.names[1]));
  // As a ConfigMap holds it: a text within JSON, whose quotes are escaped.
  const bytes = Buffer.byteLength(JSON.stringify(JSON.stringify(dashboard)));
  if (bytes > MOST_BYTES) refuse(source, say.tooManyBytes(bytes, MOST_BYTES));

  const panels = panelsOf(dashboard);
  const values = valuesOf(dashboard);
  const empty = new Set<string>();
  const choices = choicesOf(dashboard).map((choice) => {
    const checked = check([choice], values, { empty, known: settings.known });
    if (choice.variable && checked.panels.some(({ alive }) => alive === 0)) empty.add(choice.variable);
    return checked;
  });
  const all = check(panels, values, { empty, known: settings.known });
  const verdicts = all.panels;
  if (verdicts.length === 0 && panels.length === 0) refuse(source, say.noPanels);
  if (verdicts.length > 0 && verdicts.every(({ alive }) => alive === 0)) {
    const [panel] = verdicts as [PanelVerdict];
    // Where a variable is the reason, what is wrong with it.
    const first = choices.flatMap((one) => one.panels).find(({ title: name }) => panel.dead.includes(say.emptyVariable(name))) ?? panel;
    refuse(source, say.allDead(first.title, first.dead.join("; ")));
  }
  const metrics = merged([all, ...choices]);
  const stored = storedFor(metrics);
  const old = panels.filter(({ type }) => OLD.has(type)).length;
  return {
    name,
    title,
    file: { source, metrics, dashboard },
    panels: verdicts,
    withoutQuery: panels.length - verdicts.length,
    choices: choices.flatMap((one) => one.panels),
    stored,
    series: seriesFor([metrics]),
    old,
  };
}
