/** Text that is HTML already, and goes into a page as it is. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand in a template: text is escaped, markup is not, nothing gives nothing. */
export type Fill = string | number | Markup | undefined | readonly Fill[];

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** Control characters have no place in HTML, not even as entities. */
export const printable = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, "\ufffd");
const escaped = (text: string) => printable(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "");

function render(fill: Fill): string {
  if (fill === undefined) return "";
  if (fill instanceof Markup) return fill.text;
  return typeof fill === "object" ? fill.map(render).join("") : escaped(String(fill));
}

/** A template whose values are escaped, in element content and in quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly Fill[]): Markup {
  return new Markup(strings.map((text, index) => text + (index < values.length ? render(values[index]) : "")).join(""));
}
