import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardBuilder as Dashboard,
  type DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as Gauge } from "@grafana/grafana-foundation-sdk/gauge";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as Table } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";
import { type Language, pick, type Text } from "../../language.ts";
import { DATA_SOURCE } from "../grafana-settings.ts";
import type { Needing } from "../parts.ts";

/** Values at which green turns yellow and yellow turns red; a bound below the other means that less is worse. */
export interface Thresholds {
  readonly yellow: number;
  readonly red: number;
}

/** One panel: what it shows, in which unit, and from which queries (legend → PromQL). */
export interface PanelSpec extends Needing {
  readonly kind: "timeseries" | "gauge" | "stat" | "table";
  readonly title: Text;
  readonly description: Text;
  /** Grafana's unit id, such as percent, bytes, reqps, s, short. */
  readonly unit: string;
  /** By legend, as `legendOf` reads it. */
  readonly queries: Readonly<Record<string, string>>;
  /** @default none: one neutral colour */
  readonly thresholds?: Thresholds;
  /** Whether the lines are parts of one whole, drawn as areas one upon the other. @default false */
  readonly stacked?: boolean;
  /** Columns of 24. @default 12 for time series, 6 for the others */
  readonly width?: number;
  /** Fixed ends of the axis. @default by the data */
  readonly min?: number;
  readonly max?: number;
  /** A query whose one value is the axis' end, where only the machine knows it. */
  readonly maxOf?: string;
}

/**
 * A legend in one language. `leídos / read {{device}}` is `leídos {{device}}` in Spanish and `read {{device}}` in English: the labels at
 * the end belong to both. A legend without ` / ` is the same in both.
 */
export function legendOf(legend: string, language: Language): string {
  const [, es, en, labels = ""] = /^(.*?) \/ (.*?)( \{\{.*)?$/.exec(legend) ?? [];
  return es === undefined || en === undefined ? legend : `${pick({ es, en }, language)}${labels}`;
}

/** All queries of a panel, the one for the axis' end last and named `max`, as Grafana's "Config from query results" wants it. */
export const queriesOf = ({ queries, maxOf }: PanelSpec): PanelSpec["queries"] => (maxOf ? { ...queries, max: maxOf } : queries);

/** A heading over the panels that follow it. */
export interface Heading {
  readonly heading: Text;
}

/** A choice at the top of a dashboard: the values that a label has, one, several or all. */
export interface Variable {
  /** As queries name it: `instance=~"$node"`. */
  readonly name: string;
  readonly title: Text;
  /** A series that has the label. */
  readonly metric: string;
  readonly label: string;
}

/** A dashboard: panels in reading order; Grafana's SDK lays them out. */
export interface DashboardSpec extends Needing {
  /** Its id in links and in its file's name. */
  readonly uid: string;
  readonly title: Text;
  readonly variables?: readonly Variable[];
  readonly panels: readonly (PanelSpec | Heading)[];
}

/** A panel of lines that starts at 0, a third of the width: what most panels are. */
export const lines = (
  title: Text,
  unit: string,
  description: Text,
  queries: PanelSpec["queries"],
  rest: Partial<PanelSpec> = {},
): PanelSpec => ({
  kind: "timeseries",
  title,
  description,
  unit,
  min: 0,
  width: 8,
  queries,
  ...rest,
});

/** A panel of one number, a sixth of the width. */
export const number = (...[title, unit, description, queries, rest = {}]: Parameters<typeof lines>): PanelSpec => ({
  ...lines(title, unit, description, queries),
  kind: "stat",
  width: 4,
  ...rest,
});

type Drawn = TimeSeries | Gauge | Stat | Table;

/** An empty panel of a kind: the newest value where one number is shown, a legend where there are lines. */
const KINDS: Readonly<Record<PanelSpec["kind"], (spec: PanelSpec) => Drawn>> = {
  timeseries: ({ thresholds, stacked }) =>
    new TimeSeries()
      .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None))
      .fillOpacity(stacked ? 30 : 0)
      .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom))
      // A threshold that is not on the graph warns no one.
      .thresholdsStyle(
        new GraphThresholdsStyleConfigBuilder().mode(thresholds ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off),
      ),
  gauge: () => new Gauge().reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"])),
  stat: () => new Stat().reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"])),
  table: () => new Table(),
};

/** Green, yellow, red in the order in which the values rise. Without bounds a figure is neither good nor bad: the colour of text. */
function steps(bounds: Thresholds | undefined) {
  const base = (color: string) => ({ value: null, color });
  const mode = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  if (!bounds) return mode.steps([base("text")]);
  const { yellow, red } = bounds;
  if (red >= yellow) return mode.steps([base("green"), { value: yellow, color: "yellow" }, { value: red, color: "red" }]);
  return mode.steps([base("red"), { value: red, color: "yellow" }, { value: yellow, color: "green" }]);
}

/** A, B, C … */
const refId = (index: number) => String.fromCharCode(65 + index);

function panel(spec: PanelSpec, id: number, language: Language): Builder<Panel> {
  const drawn = KINDS[spec.kind](spec);
  const wide = spec.kind === "timeseries" || spec.kind === "table";
  drawn
    .id(id)
    .title(pick(spec.title, language))
    .description(pick(spec.description, language))
    .datasource({ type: "prometheus", uid: DATA_SOURCE.uid })
    .unit(spec.unit)
    .span(spec.width ?? (wide ? 12 : 6))
    .height(wide ? 8 : 5)
    .thresholds(steps(spec.thresholds));
  const queries = Object.entries(queriesOf(spec));
  for (const [index, [legend, expr]] of queries.entries()) {
    const query = new DataqueryBuilder().refId(refId(index)).expr(expr).legendFormat(legendOf(legend, language));
    // One number is one moment: over a range it would be computed for every point of a graph that is not shown.
    if (spec.kind !== "timeseries") query.instant();
    drawn.withTarget(spec.kind === "table" ? query.format(PromQueryFormat.Table) : query);
  }
  // Documented as a transformation that takes the other queries' axis from one query's value.
  if (spec.maxOf) drawn.withTransformation({ id: "configFromData", options: { configRefId: refId(queries.length - 1), mappings: [] } });
  if (spec.min !== undefined) drawn.min(spec.min);
  if (spec.max !== undefined) drawn.max(spec.max);
  return drawn;
}

function variable({ name, title, metric, label }: Variable, language: Language): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(pick(title, language))
    .datasource({ type: "prometheus", uid: DATA_SOURCE.uid })
    .query(`label_values(${metric}, ${label})`)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ text: "All", value: "$__all" });
}

/** A menu of all our dashboards, in every one of them. */
const menu = new DashboardLinkBuilder("CloudNova")
  .type(DashboardLinkType.Dashboards)
  .tags(["cloudnova"])
  .asDropdown(true)
  .includeVars(true)
  .keepTime(true);

/**
 * Keys that the SDK writes and the deployed version of Grafana does not have: of a variable that is an interval, and of a
 * table's foot, which is set by field since Grafana 12.2.
 */
const FOREIGN: ReadonlySet<string> = new Set(["auto", "auto_count", "auto_min", "footer"]);

/** The dashboard as Grafana's JSON, minified: as a ConfigMap it must stay below 250,000 bytes. */
export function dashboardJson({ uid, title, variables = [], panels }: DashboardSpec, language: Language): string {
  const dashboard: DashboardBuilder = new Dashboard(pick(title, language))
    .uid(uid)
    .tags(["cloudnova"])
    .refresh("30s")
    .time({ from: "now-1h", to: "now" })
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .link(menu);
  for (const one of variables) dashboard.withVariable(variable(one, language));
  for (const [index, spec] of panels.entries()) {
    if ("heading" in spec) dashboard.withRow(new RowBuilder(pick(spec.heading, language)).id(index + 1));
    else dashboard.withPanel(panel(spec, index + 1, language));
  }
  return JSON.stringify(dashboard.build(), (key, value) => (FOREIGN.has(key) ? undefined : value));
}
