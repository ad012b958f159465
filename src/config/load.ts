import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { isMap, isNode, isPair, LineCounter, type Node, parseDocument } from "yaml";
import { EnvironmentError, type Problem } from "./errors.ts";
import { type Explanation, explain } from "./explain.ts";
import { type Config, resolve } from "./resolve.ts";
import { violations } from "./rules.ts";
import { environmentSchema } from "./schema.ts";
import { label } from "./units.ts";

/** A named environment, ready for the charts. */
export interface Environment {
  /** The file's name without its ending: the folder in dist/ and the environment's label. */
  readonly name: string;
  /** The file as the user named it. */
  readonly file: string;
  readonly config: Config;
}

/** Larger than any environment could be; a wrong file is refused before it is parsed. */
const MAX_BYTES = 256 * 1024;

const REASONS: Record<string, string> = {
  ENOENT: "no such file; write one, or name another",
  EISDIR: "a folder, not a file; name the environment file in it",
  EACCES: "not readable; give yourself the right to read it",
};

function readText(file: string): string {
  const fail = (message: string): never => {
    throw new EnvironmentError(file, [{ path: "", message }]);
  };
  try {
    if (statSync(file).size > MAX_BYTES) return fail(`larger than ${MAX_BYTES} bytes; this is no environment file`);
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    if (error instanceof TypeError) return fail("not text in UTF-8; save it as UTF-8");
    const code = (error as NodeJS.ErrnoException).code ?? "";
    return fail(REASONS[code] ?? `cannot be read (${code})`);
  }
}

/** The name of an environment, from its file's name. */
function nameOf(file: string): string {
  const name = basename(file).replace(/\.ya?ml$/, "");
  if (label.safeParse(name).success) return name;
  throw new EnvironmentError(file, [
    { path: "", message: `its name '${name}' becomes a label, so rename the file: lower-case letters, digits and '-', up to 63` },
  ]);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/**
 * Reads an environment from the text of its file.
 * @throws EnvironmentError that lists every problem with its line and column.
 */
export function parseEnvironment(text: string, file: string): Environment {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const fail = (problems: Problem[]): never => {
    throw new EnvironmentError(file, problems);
  };

  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) fail(broken.map(({ pos, message }) => ({ ...at(pos[0]), path: "", message: `not valid YAML: ${message}` })));
  if (document.contents === null) fail([{ path: "", message: "empty; an environment needs at least 'cluster' and 'machine'" }]);

  /** The node of a path, or of its nearest parent that exists. */
  const place = ({ path, key }: Explanation): Node | undefined => {
    for (let depth = path.length; depth >= 0; depth--) {
      const parent = depth > 0 ? document.getIn(path.slice(0, depth - 1), true) : undefined;
      const pair = isMap(parent) ? parent.items.find((item) => isPair(item) && String(item.key) === path[depth - 1]) : undefined;
      const node = key && depth === path.length ? pair?.key : document.getIn(path.slice(0, depth), true);
      if (isNode(node)) return node;
      if (pair && isNode(pair.key)) return pair.key;
    }
    return undefined;
  };
  const problem = (explanation: Explanation): Problem => {
    const { path, message } = explanation;
    const value: unknown = path.length > 0 && document.hasIn(path) ? valueAt(path) : undefined;
    const offset = place(explanation)?.range?.[0] ?? 0;
    return { ...at(offset), path: path.join("."), message, ...(value !== undefined && { found: shown(value) }) };
  };

  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    return fail([{ path: "", message: `not usable YAML: ${(error as Error).message}` }]);
  }
  const valueAt = (path: readonly PropertyKey[]): unknown =>
    path.reduce<unknown>((node, part) => (node as Record<PropertyKey, unknown> | undefined)?.[part], data);

  const parsed = environmentSchema.safeParse(data);
  if (!parsed.success) return fail(parsed.error.issues.flatMap((issue) => explain(issue, valueAt)).map(problem));
  const broke = violations(parsed.data);
  if (broke.length > 0) fail(broke.map(problem));
  return { name: nameOf(file), file, config: resolve(parsed.data) };
}

/**
 * Reads an environment file.
 * @throws EnvironmentError when it cannot be read or used; it names the place and what to do.
 */
export function loadEnvironment(file: string): Environment {
  return parseEnvironment(readText(file), file);
}
