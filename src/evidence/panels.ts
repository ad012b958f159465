import { concurrently } from "../cluster/transport/concurrently.ts";
import { seconds } from "../config/units.ts";
import { evidence as say } from "../messages/evidence.ts";
import { concrete, valuesOf } from "../monitoring/import/concrete.ts";
import type { PrometheusApi } from "../monitoring/prometheus-api.ts";
import { type Board, type BoardJson, type Panel, readBoard } from "./board.ts";
import { type BoardView, type PanelView, part, type Shown } from "./model.ts";
import { legend, onSteps } from "./series.ts";

/** The time that charts show. */
export interface Span {
  /** Seconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** Grafana's `$__rate_interval` at this step (its documentation: the larger of step + scrape interval and four scrapes). */
  readonly rateInterval: string;
}

/** Points of a line: more cannot be distinguished on a page. */
const POINTS = 200;
/** Panels at a time: each query is a connection through the API server. */
const WIDTH = 4;

/** The time of `range` up to `now`, in steps on which a scrape lies. */
export function spanOf(now: Date, range: string, scrapeInterval: string): Span {
  const scrape = Math.max(1, Math.round(seconds(scrapeInterval)));
  const step = Math.max(scrape, Math.ceil(seconds(range) / POINTS / scrape) * scrape);
  const end = Math.floor(now.getTime() / 1000 / step) * step;
  return { start: end - Math.floor(seconds(range) / step) * step, end, step, rateInterval: `${Math.max(step + scrape, 4 * scrape)}s` };
}

/** A comparison with what stands for a choice at "All", and how it has to be made. */
const WITH_ANY = /(!?)=\s*("[^"\\]*\.\*[^"\\]*")/g;

/** A panel's query, with Grafana's variables filled in as Grafana would, and each choice at "All". @param values of the others */
export const filled = (expr: string, { rateInterval, start, end }: Span, values: ReadonlyMap<string, string> = new Map()): string =>
  concrete(
    expr.replaceAll(/\$(__rate_interval\b|\{__rate_interval\})/g, rateInterval).replaceAll(/\$(__range\b|\{__range\})/g, `${end - start}s`),
    values,
  ).replaceAll(WITH_ANY, (_, not: string, value: string) => `${not || "="}~${value}`);

/** A dashboard as it is asked. */
interface Asking {
  readonly server: PrometheusApi;
  readonly span: Span;
  /** What its own variables stand for. */
  readonly values: ReadonlyMap<string, string>;
}

const MOST_ROWS = 50;

const READERS: Readonly<Record<Exclude<Panel["kind"], "unknown">, (panel: Panel, asking: Asking) => Promise<Shown>>> = {
  async lines({ queries }, { server, span, values }) {
    const { start, end, step } = span;
    const each = await concurrently(queries, 1, async ({ expr, legend: format }) =>
      (await server.over(filled(expr, span, values), start, end, step)).map(({ labels, values: points }) =>
        onSteps(legend(format, labels), points, start, end, step),
      ),
    );
    return { kind: "lines", series: each.flat() };
  },
  async numbers({ queries }, { server, span, values }) {
    const each = await concurrently(queries, 1, async ({ expr, legend: format }) =>
      (await server.newest(filled(expr, span, values), new Date(span.end * 1000))).map(({ labels, value }) => ({
        name: legend(format, labels),
        value,
      })),
    );
    return { kind: "numbers", values: each.flat() };
  },
  async rows({ queries }, { server, span, values }) {
    const each = await concurrently(queries, 1, ({ expr }) => server.newest(filled(expr, span, values), new Date(span.end * 1000)));
    const samples = each.flat().slice(0, MOST_ROWS);
    const columns = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter((name) => name !== "__name__");
    return { kind: "rows", columns, rows: samples.map(({ labels }) => columns.map((name) => labels[name] ?? "")) };
  },
};

async function viewOf(panel: Panel, asking: Asking): Promise<PanelView> {
  const { kind, type, queries: _, ...rest } = panel;
  if (kind === "unknown") return { ...rest, shown: { absent: say.drawnByGrafana(type) } };
  return { ...rest, shown: await part(() => READERS[kind](panel, asking)) };
}

/** A dashboard with the data of all its panels. */
export async function boardView(name: string, json: string, server: PrometheusApi, span: Span): Promise<BoardView> {
  const dashboard = JSON.parse(json) as BoardJson;
  const { title, rows }: Board = readBoard(dashboard);
  const asking = { server, span, values: valuesOf(dashboard) };
  const panels = rows.flatMap((row) => row.panels);
  const views = await concurrently(panels, WIDTH, (panel) => viewOf(panel, asking));
  const seen = new Map(panels.map((panel, index) => [panel, views[index] as PanelView]));
  return {
    name,
    title,
    rows: rows.map(({ heading, panels: own }) => ({ heading, panels: own.map((panel) => seen.get(panel) as PanelView) })),
  };
}
