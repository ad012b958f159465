import { colourOf, lineChart, SERIES_COLOURS } from "../charts.ts";
import type { BoardView, PanelView, Series, Shown, Step } from "../model.ts";
import { tickOf, withUnit } from "../units.ts";
import { type Fill, html, Markup, printable } from "./html.ts";
import { shown, type Writer } from "./parts.ts";

/** Lines that can still be distinguished: as many as there are colours. */
const MOST_LINES = SERIES_COLOURS;
/** A line without a value in this last part of the time has ended: its pod was replaced, its disk taken away. */
const RECENT = 0.1;
/** How tall charts are, in units of the drawing. */
const HEIGHT = 190;

/** Grafana's names of the colours of thresholds, as the page's own. */
const COLOURS: Readonly<Record<string, string>> = { green: "good", yellow: "warn", orange: "warn", red: "bad" };
const healthOf = (steps: readonly Step[], value: number): string =>
  COLOURS[steps.filter(({ from }) => value >= from).at(-1)?.colour ?? ""] ?? "none";

const last = ({ points }: Series): number | undefined => points.findLast(([, value]) => value !== null)?.[1] ?? undefined;
const top = (series: Series): number => Math.max(...series.points.map(([, value]) => value ?? Number.NEGATIVE_INFINITY));

/** Whether a line goes on to the end of the time. */
const goesOn = ({ points }: Series): boolean => points.slice(-Math.ceil(points.length * RECENT)).some(([, value]) => value !== null);

/** Panels' widths: in Grafana's grid of 24 at least so many columns; the class in the page's grid; the drawing's width in its own units. */
const WIDTHS = [
  [20, "full", 900],
  [10, "half", 550],
  [7, "third", 360],
  [5, "quarter", 260],
  [0, "sixth", 170],
] as const;
const widthOf = (columns: number) => WIDTHS.find(([from]) => columns >= from) ?? WIDTHS[0];

function lines(panel: PanelView, series: readonly Series[], { language, translate, clock }: Writer): Fill {
  const known = series.filter((one) => last(one) !== undefined);
  if (known.length === 0) return html`<p class="empty">${translate("noData")}</p>`;
  const current = known.some(goesOn) ? known.filter(goesOn) : known;
  const drawn = current.length > MOST_LINES ? [...current].sort((one, other) => top(other) - top(one)).slice(0, MOST_LINES) : current;
  const value = (number: number, highest?: number) => withUnit(number, panel.unit, language, highest);
  const bounds = panel.steps.flatMap(({ from, colour }) => {
    const mood = COLOURS[colour] ?? "none";
    return Number.isFinite(from) && mood !== "good" && mood !== "none" ? [{ at: from, colour: `var(--${mood})` }] : [];
  });
  const [, , width] = widthOf(panel.width);
  const { min, max, stacked } = panel;
  const tick = (span: number) => tickOf(panel.unit, span);
  const svg = lineChart(drawn, { width, height: HEIGHT, min, max, stacked, tick, bounds, value, time: clock });
  const keys = drawn.map((one, index) => {
    const newest = last(one);
    return html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" rx="2" fill="${colourOf(index)}"/></svg>${one.name || panel.title} <b>${newest === undefined ? "–" : value(newest)}</b></li>`;
  });
  const rest = known.length - drawn.length;
  const more = rest > 0 ? html`<li>+ ${rest} ${translate("moreLines")}</li>` : undefined;
  // The list below says in text what the lines show, so the drawing itself is decoration to a screen reader.
  return html`<div class="chart" aria-hidden="true">${new Markup(printable(svg))}</div><ul class="keys">${keys}${more}</ul>`;
}

function numbers({ title, unit, steps, min, max }: PanelView, values: readonly { name: string; value: number }[], writer: Writer): Fill {
  if (values.length === 0) return html`<p class="empty">${writer.translate("noData")}</p>`;
  const one = values.length === 1;
  return html`<ul class="${one ? "figure" : "figures"}">${values.map(({ name, value }) => {
    const text = withUnit(value, unit, writer.language);
    const share = min !== undefined && max !== undefined && max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : undefined;
    const bar =
      share === undefined
        ? undefined
        : html`<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="4"/><rect class="fill" width="${(share * 100).toFixed(1)}" height="4"/></svg>`;
    return html`<li class="${healthOf(steps, value)}"><b>${text}</b>${name && name !== title ? html` <span>${name}</span>` : undefined}${bar}</li>`;
  })}</ul>`;
}

function rows({ translate }: Writer, columns: readonly string[], cells: readonly (readonly string[])[]): Fill {
  if (cells.length === 0) return html`<p class="empty">${translate("noData")}</p>`;
  const head = columns.map((name) => html`<th scope="col">${name}</th>`);
  const body = cells.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${translate("table")}"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function content(panel: PanelView, one: Shown, writer: Writer): Fill {
  if (one.kind === "lines") return lines(panel, one.series, writer);
  if (one.kind === "numbers") return numbers(panel, one.values, writer);
  return rows(writer, one.columns, one.rows);
}

function panelOf(panel: PanelView, heading: string, writer: Writer): Markup {
  const title = heading ? html`<h5>${panel.title}</h5>` : html`<h4 class="title">${panel.title}</h4>`;
  return html`<article class="panel ${widthOf(panel.width)[1]}">${title}${shown(panel.shown, writer.translate, (one) => content(panel, one, writer))}<p class="small">${panel.description}</p></article>\n`;
}

/** A dashboard as a chapter's part: its panels under their headings. */
export function board({ title, rows: groups }: BoardView, writer: Writer): Markup {
  return html`<h3>${title}</h3>\n${groups.map(
    ({ heading, panels }) =>
      html`${heading ? html`<h4>${heading}</h4>\n` : undefined}<div class="panels">${panels.map((one) => panelOf(one, heading, writer))}</div>\n`,
  )}`;
}
