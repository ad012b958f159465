import { isDuration } from "../../config/units.ts";
import type { Json } from "./model.ts";

/** Grafana's own variables that are numbers; the others are durations (its documentation, "Global variables"). */
const NUMBERS = /^__(interval_ms|range_s|range_ms|from|to)$/;
/** A number alone is no variable: it is a group of a regular expression, as `label_replace` names it. */
const VARIABLE = /\$\{(?!\d+\})(\w+)(?:[:.][^}]*)?\}|\[\[(\w+)(?::\w+)?\]\]|\$(?!\d+\b)(\w+)/g;

/** What the dashboard's own variables stand for as it is opened, where that is a text. */
export function valuesOf(dashboard: Json): ReadonlyMap<string, string> {
  const known = (dashboard.templating?.list ?? []).flatMap(({ name, type, current, query }: Json) => {
    const value = type === "constant" || type === "textbox" ? (current?.value ?? query) : type === "custom" ? current?.value : undefined;
    return typeof value === "string" && value !== "" && !value.startsWith("$__") ? [[name, value]] : [];
  });
  return new Map(known);
}

/** The variables that a query names. */
export const namesIn = (query: string): string[] => [...query.matchAll(VARIABLE)].map((match) => match.slice(1).find(Boolean) ?? "");

/** Strings that are closed. */
const STRINGS = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g;

/** Where in a query a variable stands: within quotes, within `[…]` or after `offset`, in a list of labels, or elsewhere. */
function place(before: string): "quoted" | "duration" | "labels" | "value" {
  const outside = before.replace(STRINGS, "");
  if (/["'`]/.test(outside)) return "quoted";
  if (outside.lastIndexOf("[") > outside.lastIndexOf("]") || /\boffset\s*-?\s*$/.test(outside)) return "duration";
  return /\b(by|without|on|ignoring|group_left|group_right)\s*\([^()]*$/.test(outside) ? "labels" : "value";
}

const OTHERWISE = { quoted: ".*", duration: "5m", labels: "job", value: "1" } as const;

/** A panel's query with every variable filled in, so that it is PromQL: each place gets what can stand there. */
export function concrete(query: string, values: ReadonlyMap<string, string>): string {
  let text = "";
  let end = 0;
  for (const match of query.matchAll(VARIABLE)) {
    text += query.slice(end, match.index);
    end = match.index + match[0].length;
    const name = match.slice(1).find(Boolean) ?? "";
    const where = place(text);
    const value = values.get(name);
    if (NUMBERS.test(name)) text += "300";
    else if (name.startsWith("__")) text += "5m";
    else if (value !== undefined && (where !== "duration" || isDuration(value))) text += value;
    else text += OTHERWISE[where];
  }
  return text + query.slice(end);
}
