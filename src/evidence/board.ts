import { foreign } from "../monitoring/import/panel-queries.ts";
import type { PanelFrame } from "./model.ts";

/** A dashboard's JSON as Grafana reads it: the few fields from which its panels are drawn here. */
export interface BoardJson {
  readonly title?: string;
  readonly panels?: readonly PanelJson[];
  /** As dashboards from before 2018 hold their panels. */
  readonly rows?: readonly { readonly title?: string; readonly panels?: readonly PanelJson[] }[];
}

interface PanelJson {
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly gridPos?: { readonly w?: number };
  readonly panels?: readonly PanelJson[];
  readonly targets?: readonly {
    readonly refId?: string;
    readonly expr?: string;
    readonly legendFormat?: string;
    readonly hide?: boolean;
    readonly datasource?: unknown;
  }[];
  readonly datasource?: unknown;
  readonly transformations?: readonly { readonly id: string; readonly options?: { readonly configRefId?: string } }[];
  readonly fieldConfig?: {
    readonly defaults?: {
      readonly unit?: string;
      readonly min?: number;
      readonly max?: number;
      readonly custom?: { readonly stacking?: { readonly mode?: string } };
      readonly thresholds?: {
        readonly mode?: string;
        readonly steps?: readonly { readonly value: number | null; readonly color: string }[];
      };
    };
  };
}

/** What Grafana draws over time, and what it shows as the newest numbers. */
const LINES = new Set(["timeseries", "graph"]);
const NUMBERS = new Set(["stat", "gauge", "bargauge", "singlestat", "piechart"]);
const ROWS = new Set(["table"]);

/** A panel with its queries. */
export interface Panel extends PanelFrame {
  readonly kind: "lines" | "numbers" | "rows" | "unknown";
  /** Grafana's own name of its kind. */
  readonly type: string;
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
}

/** A dashboard's panels under its headings; the first heading is empty when panels come before any. */
export interface Board {
  readonly title: string;
  readonly rows: readonly { readonly heading: string; readonly panels: readonly Panel[] }[];
}

function kindOf(type: string): Panel["kind"] {
  if (LINES.has(type)) return "lines";
  if (NUMBERS.has(type)) return "numbers";
  return ROWS.has(type) ? "rows" : "unknown";
}

function panelOf(panel: PanelJson): Panel {
  const { type, title = "", description = "", gridPos, targets = [], fieldConfig, transformations = [] } = panel;
  // Another kind of source has a language of its own, which Prometheus does not translate.
  const sources = targets.map(({ datasource }) => foreign(datasource) ?? foreign(panel.datasource));
  const other = sources.every(Boolean) ? sources[0] : undefined;
  // A query that only sets the axis' end is nothing to show.
  const configures = transformations.map(({ options }) => options?.configRefId);
  const { unit = "", min, max, thresholds, custom } = fieldConfig?.defaults ?? {};
  const steps = thresholds?.mode === "percentage" ? [] : (thresholds?.steps ?? []);
  return {
    kind: other ? "unknown" : kindOf(type),
    type: other ?? type,
    title,
    description,
    unit,
    min,
    max,
    stacked: custom?.stacking?.mode === "normal",
    steps: steps.map(({ value, color }) => ({ from: value ?? Number.NEGATIVE_INFINITY, colour: color })),
    width: gridPos?.w ?? 12,
    queries: targets.flatMap(({ refId = "", expr, legendFormat = "", hide }, index) =>
      expr && !hide && !sources[index] && !configures.includes(refId) ? [{ expr, legend: legendFormat }] : [],
    ),
  };
}

/** Reads a dashboard; texts hold no figures, so they are left out. */
export function readBoard({ title = "", panels = [], rows: old = [] }: BoardJson): Board {
  const rows: { heading: string; panels: Panel[] }[] = [{ heading: "", panels: [] }];
  for (const panel of [...panels, ...old.map((row) => ({ ...row, type: "row" }))]) {
    if (panel.type === "row") rows.push({ heading: panel.title ?? "", panels: (panel.panels ?? []).filter(drawn).map(panelOf) });
    else if (drawn(panel)) rows.at(-1)?.panels.push(panelOf(panel));
  }
  return { title, rows: rows.filter((row) => row.panels.length > 0) };
}

const drawn = ({ type }: PanelJson): boolean => type !== "text";
