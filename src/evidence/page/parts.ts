import type { Language } from "../../language.ts";
import type { Part } from "../model.ts";
import { type Fill, html, type Markup } from "./html.ts";
import type { Translate, Word } from "./words.ts";

/** What every chapter needs to write itself. */
export interface Writer {
  readonly language: Language;
  readonly translate: Translate;
  /** A moment as date and time. */
  readonly moment: (at: Date) => string;
  /** A moment of a chart's axis: hours and minutes. */
  readonly clock: (seconds: number) => string;
}

/** The health of a thing; the colour is never the only sign. */
export type Health = "good" | "warn" | "bad" | "none";

const SIGNS: Readonly<Record<Health, string>> = { good: "✔", warn: "!", bad: "✖", none: "·" };

/** A state as sign and word. */
export const state = (mood: Health, words: Fill): Markup =>
  html`<span class="state ${mood}"><span aria-hidden="true">${SIGNS[mood]}</span> ${words}</span>`;

/** A part's content, or a note of why it is not there. */
export function shown<T>(one: Part<T>, translate: Translate, draw: (value: T) => Fill): Markup {
  if ("value" in one) return html`${draw(one.value)}`;
  if ("absent" in one) return html`<p class="note absent"><strong>${translate("absent")}.</strong> ${one.absent}</p>`;
  return html`<p class="note failed"><strong>✖ ${translate("failed")}.</strong> ${one.failed}</p>`;
}

/** A column of a table: its heading, and its class: `num` for figures, `code` for names of things. */
export type Column = readonly [heading: Word, kind?: "num" | "code"];

/** A table with headings; rows are cells in the columns' order. */
export function table(translate: Translate, columns: readonly Column[], rows: readonly (readonly Fill[])[]): Markup {
  const attribute = (kind: Column[1]): Markup => (kind ? html` class="${kind}"` : html``);
  const head = columns.map(([heading, kind]) => html`<th scope="col"${attribute(kind)}>${translate(heading)}</th>`);
  const body = rows.map((cells) => html`<tr>${cells.map((cell, index) => html`<td${attribute(columns[index]?.[1])}>${cell}</td>`)}</tr>\n`);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${translate("table")}"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}</tbody>\n</table></div>\n`;
}
