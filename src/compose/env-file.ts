import { interpolate, type Lookup } from "./interpolate.ts";

/** A line of an env file that cannot be read. */
export class EnvFileError extends Error {
  override readonly name = "EnvFileError";
  constructor(
    readonly line: number,
    readonly found: string,
  ) {
    super(found);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  c: "\\c",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  '"': '"',
  "\\": "\\",
  $: "$$",
};

/** The escapes of a value in double quotes. `\$` becomes `$$`, which the interpolation makes a dollar sign. */
const unescaped = (text: string): string => text.replace(/\\([abcfnrtv$"\\])/g, (_, character: string) => ESCAPES[character] ?? character);

/** The value that begins at `text`, in quotes, and what is left after it; undefined where the quote is not closed. */
function quoted(text: string): { value: string; rest: string } | undefined {
  const quote = text[0];
  let value = "";
  for (let at = 1; at < text.length; at++) {
    const character = text[at] as string;
    if (character === quote) return { value, rest: text.slice(at + 1) };
    if (character === "\\" && text[at + 1] === quote) {
      value += quote;
      at++;
    } else if (character === "\\" && at + 1 < text.length) {
      value += `\\${text[at + 1]}`;
      at++;
    } else value += character;
  }
  return undefined;
}

/** One assignment at the beginning of a text, and what is left after it; undefined where none begins there. */
function assignment(text: string, lookup: Lookup, find: Lookup): { name: string; value: string | undefined; rest: string } | undefined {
  const [statement, name = "", sign] = /^(?:export\s+)?([\w.\-[\]]+)[ \t]*([=:]|\n|$)/.exec(text) ?? [];
  if (statement === undefined) return undefined;
  const after = text.slice(statement.length);
  if (sign !== "=" && sign !== ":") return { name, value: lookup(name), rest: after };
  const rest = after.replace(/^[^\S\n]+/, "");
  if (rest[0] === '"' || rest[0] === "'") {
    const read = quoted(rest);
    return read && { name, value: rest[0] === '"' ? interpolate(unescaped(read.value), find) : read.value, rest: read.rest };
  }
  const [raw = ""] = rest.split("\n");
  const [plain = ""] = raw.split(" #");
  return { name, value: interpolate(plain.trimEnd(), find), rest: rest.slice(raw.length) };
}

/**
 * Reads an env file, as Compose does: `NAME=value`, `NAME: value`, `export NAME=value`, quotes, comments, values over several lines in
 * quotes, and variables of earlier lines. A name alone takes its value from `lookup`.
 *
 * @param lookup variables that are set outside of the file; they win over those of the file where a value names them
 * @param before variables of earlier files; those of this one win
 * @throws EnvFileError, TemplateError
 */
export function parseEnvFile(
  text: string,
  lookup: Lookup = () => undefined,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const values: Record<string, string> = {};
  const whole = text.replace(/^\uFEFF/, "").replace(/\r\n/g, "\n");
  const find: Lookup = (name) => lookup(name) ?? values[name] ?? before[name];
  const next = (rest: string) => rest.replace(/^(\s+|#[^\n]*)+/, "");
  for (let rest = next(whole); rest !== ""; rest = next(rest)) {
    const read = assignment(rest, (name) => lookup(name) ?? before[name], find);
    if (!read) throw new EnvFileError(whole.slice(0, whole.length - rest.length).split("\n").length, rest.split("\n")[0] ?? "");
    if (read.value !== undefined) values[read.name] = read.value;
    rest = read.rest;
  }
  return values;
}
