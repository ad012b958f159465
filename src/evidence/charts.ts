import { LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Series } from "./model.ts";

use([LineChart, GridComponent, SVGRenderer]);

/** How a chart is drawn. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly min?: number;
  readonly max?: number;
  /** Whether the lines are areas one upon the other. */
  readonly stacked: boolean;
  /** The distance between ticks on an axis of that length. @default round numbers */
  readonly tick: (span: number) => number | undefined;
  /** Values at which a dashed line warns. */
  readonly bounds: readonly { readonly at: number; readonly colour: string }[];
  /** A tick's text, on an axis that ends at `highest`. */
  readonly value: (value: number, highest: number) => string;
  readonly time: (seconds: number) => string;
}

/** Colours are the page's variables, so that one chart serves light, dark and print. */
export const SERIES_COLOURS = 8;
export const colourOf = (index: number): string => `var(--series-${(index % SERIES_COLOURS) + 1})`;
const TEXT = { color: "var(--muted)", fontSize: 11, fontFamily: "sans-serif" } as const;

/** What ECharts writes for a pointer that moves over the drawing: of no use in a page without scripts, and a third of its size. */
const INTERACTION = / class="zr\d+-cls-\d+"| pointer-events="visible"| xml:space="preserve"|<style >.*?<\/style>\n?/gs;

/** Lines over time as SVG, drawn by ECharts on the server's side: no browser, no script in the page. */
export function lineChart(series: readonly Series[], drawing: Drawing): string {
  const { width, height, min, max, stacked, tick, bounds, value, time } = drawing;
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  // Fewer lines get a tinted area: with many, areas hide each other.
  const area = stacked ? { stack: "all", areaStyle: { opacity: 0.4 } } : series.length <= 2 ? { areaStyle: { opacity: 0.12 } } : {};
  const first = series[0]?.points ?? [];
  const ends = [first[0]?.[0] ?? 0, first.at(-1)?.[0] ?? 0];
  const numbers = series.flatMap(({ points }) => points.flatMap(([, number]) => (number === null ? [] : [number])));
  const [lowest, highest] = [Math.min(...numbers), Math.max(...numbers)];
  const near = bounds.filter(({ at }) => at <= (max ?? highest * 1.1));
  const end = max ?? highest;
  // An axis without a minimum begins at 0. Lines that are stacked end higher than the highest of them, so ECharts chooses.
  const interval = stacked ? undefined : tick(end - (min ?? Math.min(0, lowest)));
  chart.setOption({
    animation: false,
    grid: { left: 4, right: 10, top: 10, bottom: 2, outerBoundsMode: "same" },
    xAxis: {
      type: "time",
      splitNumber: Math.max(2, Math.floor(width / 130)),
      axisLabel: { ...TEXT, hideOverlap: true, formatter: (at: number) => time(at / 1000) },
      axisLine: { lineStyle: { color: "var(--line)" } },
      axisTick: { lineStyle: { color: "var(--line)" } },
    },
    yAxis: {
      type: "value",
      min,
      max,
      splitNumber: 5,
      ...(interval ? { interval, max: max ?? Math.ceil((highest * 1.02) / interval) * interval } : {}),
      axisLabel: { ...TEXT, formatter: (number: number) => value(number, end) },
      splitLine: { lineStyle: { color: "var(--line)" } },
    },
    series: [
      ...series.map(({ points }, index) => ({
        type: "line",
        // A single value has no line to be seen by.
        showSymbol: points.filter(([, number]) => number !== null).length === 1,
        silent: true,
        emphasis: { disabled: true },
        lineStyle: { width: 1.5, color: colourOf(index) },
        itemStyle: { color: colourOf(index) },
        data: points.map(([at, number]) => [at * 1000, number]),
        ...area,
      })),
      ...near.map(({ at, colour }) => ({
        type: "line",
        showSymbol: false,
        silent: true,
        emphasis: { disabled: true },
        lineStyle: { width: 1, type: "dashed", color: colour },
        itemStyle: { color: colour },
        data: ends.map((end) => [end * 1000, at]),
      })),
    ],
  });
  const svg = chart.renderToSVGString({ useViewBox: true });
  chart.dispose();
  return svg.replaceAll(INTERACTION, "");
}
