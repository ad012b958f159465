import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";
import type * as units from "@grafana/grafana-foundation-sdk/units";
import type { GraphFieldConfig, TableFieldOptions } from "@grafana/schema";
import type * as gauge from "@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";
import type * as raw from "@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen";

// What Grafana's own types, published with each of its versions, say of a dashboard, put together by kind of panel: the
// schema itself leaves `options` and `custom` open, for they belong to the panel's plugin.

/** A type as JSON writes it: an enumeration is its values. */
type Json<T> = unknown extends T
  ? T
  : T extends string
    ? `${T}`
    : T extends number
      ? `${T}` extends `${infer N extends number}`
        ? N
        : never
      : T extends readonly (infer One)[]
        ? Json<One>[]
        : T extends object
          ? { [Key in keyof T]: Json<T[Key]> }
          : T;

/** Plugins fill in what is left out, at any depth. */
type Partly<T> = T extends readonly unknown[] ? T : T extends object ? { [Key in keyof T]?: Partly<T[Key]> } : T;

interface Query extends Omit<Json<Omit<Dataquery, "_implementsDataqueryVariant">>, "refId"> {
  refId: string;
}

interface Defaults<Custom> extends Omit<Json<raw.FieldConfig>, "custom" | "unit"> {
  unit?: (typeof units)[keyof typeof units];
  custom?: Partly<Json<Custom>>;
}

interface PanelOf<Type extends string, Options, Custom> extends Omit<Json<raw.Panel>, "type" | "options" | "fieldConfig" | "targets"> {
  type: Type;
  options: Partly<Json<Options>>;
  fieldConfig: Omit<Json<raw.FieldConfigSource>, "defaults"> & { defaults: Defaults<Custom> };
  targets: Query[];
}

/** A kind of panel that has no settings of its own for fields. */
type None = Record<string, never>;

type Panel =
  | PanelOf<"timeseries", timeseries.Options, GraphFieldConfig>
  | PanelOf<"gauge", gauge.Options, None>
  | PanelOf<"stat", stat.Options, None>
  | PanelOf<"table", table.Options, TableFieldOptions>;

/** A dashboard of ours, as the pinned version of Grafana reads it. */
export interface Board extends Omit<Json<raw.Dashboard>, "panels"> {
  panels: (Panel | Json<raw.RowPanel>)[];
}
