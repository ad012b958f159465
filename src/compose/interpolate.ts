/** The value of a variable; undefined where it is not set. */
export type Lookup = (name: string) => string | undefined;

/** A template that cannot be filled in: `${X:?message}` of a variable that is not set, or a form that Compose does not know. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  /**
   * @param template what cannot be filled in, such as `${}`
   * @param required the text after `:?`, where the file demands the variable
   */
  constructor(
    readonly template: string,
    readonly required?: string,
  ) {
    super(template);
  }
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/** Where the brace that opens at `start` closes; -1 where it does not. */
function closing(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

/** What stands in braces: a name, or a name with an operator and a text that is itself a template. */
function braced(inner: string, lookup: Lookup, unset: (name: string) => void): string {
  const [whole, name = "", colon, operator, rest = ""] = /^([A-Za-z_]\w*)(?:(:?)([-?+])([\s\S]*))?$/.exec(inner) ?? [];
  if (whole === undefined) throw new TemplateError(`\${${inner}}`);
  const value = lookup(name);
  const given = value !== undefined && !(colon === ":" && value === "");
  const text = () => interpolate(rest, lookup, unset);
  if (operator === undefined && !given) unset(name);
  if (operator === "?" && !given) throw new TemplateError(`\${${inner}}`, text());
  if (operator === "+") return given ? text() : (value ?? "");
  return operator === "-" && !given ? text() : (value ?? "");
}

/** What a dollar sign at `start` stands for, and where the text goes on. */
function filled(text: string, start: number, lookup: Lookup, unset: (name: string) => void): [value: string, next: number] {
  const next = text[start + 1];
  if (next === "$") return ["$", start + 2];
  if (next === "{") {
    const end = closing(text, start + 1);
    if (end < 0) throw new TemplateError(text.slice(start));
    return [braced(text.slice(start + 2, end), lookup, unset), end + 1];
  }
  const [name] = NAME.exec(text.slice(start + 1)) ?? [];
  if (name === undefined) return ["$", start + 1];
  const value = lookup(name);
  if (value === undefined) unset(name);
  return [value ?? "", start + 1 + name.length];
}

/**
 * Fills in the variables of a text, as Compose does: `$X`, `${X}`, `${X:-default}`, `${X-default}`, `${X:?message}`, `${X?message}`,
 * `${X:+other}`, `${X+other}`, each text a template itself; `$$` is a dollar sign, and so is one that no name follows.
 *
 * @param unset called with each variable that is not set and has no default; it counts as empty
 * @throws TemplateError
 */
export function interpolate(text: string, lookup: Lookup, unset: (name: string) => void = () => undefined): string {
  let result = "";
  let at = 0;
  for (let dollar = text.indexOf("$"); dollar >= 0; dollar = text.indexOf("$", at)) {
    const [value, next] = filled(text, dollar, lookup, unset);
    result += text.slice(at, dollar) + value;
    at = next;
  }
  return result + text.slice(at);
}
