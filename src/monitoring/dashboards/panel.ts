import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardBuilder as Dashboard,
  type DashboardBuilder,
  DashboardCursorSync,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as Gauge } from "@grafana/grafana-foundation-sdk/gauge";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";
import { DATA_SOURCE } from "../grafana.ts";
import type { Language, Text } from "../rules/rule.ts";

/** Values at which green turns yellow and yellow turns red; a bound below the other means that less is worse. */
export interface Thresholds {
  readonly yellow: number;
  readonly red: number;
}

/** One panel: what it shows, in which unit, and from which queries (legend → PromQL). */
export interface PanelSpec {
  readonly kind: "timeseries" | "gauge" | "stat";
  readonly title: Text;
  readonly description: Text;
  /** Grafana's unit id, such as percent, bytes, reqps, s, short. */
  readonly unit: string;
  readonly queries: Readonly<Record<string, string>>;
  /** @default none: one colour */
  readonly thresholds?: Thresholds;
  /** Columns of 24. @default 12 for time series, 6 for the others */
  readonly width?: number;
  /** Fixed ends of the axis. @default by the data */
  readonly min?: number;
  readonly max?: number;
}

/** A dashboard: panels in reading order; Grafana's SDK lays them out. */
export interface DashboardSpec {
  /** Its id in links and in its file's name. */
  readonly uid: string;
  readonly title: Text;
  readonly panels: readonly PanelSpec[];
}

type Drawn = TimeSeries | Gauge | Stat;

/** An empty panel of a kind: the newest value where one number is shown, a legend where there are lines. */
const KINDS: Readonly<Record<PanelSpec["kind"], () => Drawn>> = {
  timeseries: () =>
    new TimeSeries().legend(
      new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom),
    ),
  gauge: () => new Gauge().reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"])),
  stat: () => new Stat().reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"])),
};

/** Green, yellow, red in the order in which the values rise; green alone without bounds. */
function steps(bounds: Thresholds | undefined) {
  const base = (color: string) => ({ value: null, color });
  const mode = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  if (!bounds) return mode.steps([base("green")]);
  const { yellow, red } = bounds;
  if (red >= yellow) return mode.steps([base("green"), { value: yellow, color: "yellow" }, { value: red, color: "red" }]);
  return mode.steps([base("red"), { value: red, color: "yellow" }, { value: yellow, color: "green" }]);
}

function panel(spec: PanelSpec, id: number, language: Language): Builder<Panel> {
  const wide = spec.kind === "timeseries";
  const drawn = KINDS[spec.kind]()
    .id(id)
    .title(spec.title[language])
    .description(spec.description[language])
    .datasource({ type: "prometheus", uid: DATA_SOURCE.uid })
    .unit(spec.unit)
    .span(spec.width ?? (wide ? 12 : 6))
    .height(wide ? 8 : 5)
    .thresholds(steps(spec.thresholds));
  for (const [index, [legend, expr]] of Object.entries(spec.queries).entries()) {
    drawn.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode(65 + index))
        .expr(expr)
        .legendFormat(legend),
    );
  }
  if (spec.min !== undefined) drawn.min(spec.min);
  if (spec.max !== undefined) drawn.max(spec.max);
  return drawn;
}

/** The dashboard as Grafana's JSON, minified: as a ConfigMap it must stay below 250,000 bytes. */
export function dashboardJson({ uid, title, panels }: DashboardSpec, language: Language): string {
  const dashboard: DashboardBuilder = new Dashboard(title[language])
    .uid(uid)
    .tags(["cloudnova"])
    .refresh("30s")
    .time({ from: "now-1h", to: "now" })
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair);
  for (const [index, spec] of panels.entries()) dashboard.withPanel(panel(spec, index + 1, language));
  return JSON.stringify(dashboard.build());
}
