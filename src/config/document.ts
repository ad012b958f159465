import { type Document, isMap, isNode, isPair, isScalar, LineCounter, type Node, parseDocument, visit } from "yaml";
import { environment as words } from "../messages/environment.ts";
import { EnvironmentError, type Problem } from "./errors.ts";
import type { Explanation } from "./explain.ts";

/** A YAML text as data, with the way back from a path to its line and column. */
export interface SourceDocument {
  readonly data: unknown;
  /** The value at a path; undefined where there is none. */
  readonly valueAt: (path: readonly PropertyKey[]) => unknown;
  /** An explanation with the line, the column and the value of its place. */
  readonly locate: (explanation: Explanation) => Problem;
}

/** What is wrong with the YAML: in the library's own words where we have none, but for one that it says to programmers. */
const yamlProblem = (code: string, message: string): string =>
  code === "MULTIPLE_DOCS" ? words.secondDocument : words.notYaml(words.yaml[code] ?? message);

function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The key's node in its parent, such as the word `replicas` of `replicas: 2`. */
function keyNode(document: Document, path: readonly string[]): Node | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const key = parent.items.find((item) => String(item.key) === path.at(-1))?.key;
  return isNode(key) ? key : undefined;
}

/** The node that a problem points at: the value, else its key, else the nearest parent that exists. */
function nodeAt(document: Document, path: readonly string[], wantKey = false): Node | undefined {
  if (path.length === 0) return isNode(document.contents) ? document.contents : undefined;
  const key = keyNode(document, path);
  const value = document.getIn(path, true);
  const first = wantKey ? key : isNode(value) ? value : key;
  return first ?? nodeAt(document, path.slice(0, -1));
}

/** Characters that look like a space or like nothing. */
const INVISIBLE = /[\p{Zs}\p{Zl}\p{Zp}\p{Cf}\u115F\u1160\u3164\uFFA0]/u;

/** Invisible characters outside of comments, the first of each line: YAML takes them for letters, so indentation and names go wrong. */
function invisibleCharacters(text: string): Problem[] {
  return text.split("\n").flatMap((line, index) => {
    const content = line.replace(/(^|\s)#.*/u, "");
    const at = [...content].findIndex((character, column) => character !== " " && INVISIBLE.test(character) && index + column > 0);
    if (at < 0) return [];
    const character = [...content][at] ?? "";
    const code = `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}`;
    const name = words.characters[code] ? ` (${words.characters[code]})` : "";
    const message = /\p{Zs}/u.test(character) ? words.invisible(code, name) : words.invisibleNoSpace(code, name);
    return [{ line: index + 1, column: at + 1, path: "", message }];
  });
}

/** Closing brackets that YAML takes for a comment's, as in `slack: { channel: #alerts }`: the cause of an error that shows later. */
const swallowedBrackets = (text: string): Problem[] =>
  text.split("\n").flatMap((line, index) => {
    const [, before = "", value] = /^([^#"']*[[{][^#"']*\s)(#[\p{L}\p{N}_.-]+)\s*[\]}]/u.exec(line) ?? [];
    return value ? [{ line: index + 1, column: before.length + 1, path: "", message: words.swallowed(value) }] : [];
  });

/**
 * Parses the text of an environment file.
 * @throws EnvironmentError when it is no YAML, or empty, or expands without bounds
 */
export function parseSource(text: string, file: string): SourceDocument {
  const invisible = invisibleCharacters(text);
  if (invisible.length > 0) throw new EnvironmentError(file, invisible);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    const swallowed = swallowedBrackets(text);
    if (swallowed.length > 0) throw new EnvironmentError(file, swallowed);
    throw new EnvironmentError(
      file,
      broken.map(({ pos, code, message }) => ({ ...at(pos[0]), path: "", message: yamlProblem(code, message) })),
    );
  }
  if (document.contents === null) {
    throw new EnvironmentError(file, [{ path: "", message: words.empty }]);
  }
  keepVariables(document);
  const data = toData(document, file);
  const valueAt = (path: readonly PropertyKey[]): unknown =>
    path.reduce<unknown>((node, part) => (node as Record<PropertyKey, unknown> | null | undefined)?.[part], data);
  const locate = ({ path, key, hidden, message }: Explanation): Problem => {
    const found = path.length > 0 ? valueAt(path) : undefined;
    const node = nodeAt(document, path, key);
    const offset = node?.range?.[0] ?? 0;
    const comment = found === null ? (document.getIn(path, true) as Node | undefined)?.comment : undefined;
    // A whole sentence may hold a secret.
    if (comment) return { ...at(offset), path: path.join("."), message: words.comment(/\s|\//.test(comment) ? "#…" : `#${comment}`) };
    return { ...at(offset), path: path.join("."), message, ...(found !== undefined && !hidden && { found: shown(found) }) };
  };
  return { data, valueAt, locate };
}

/** Places of `applications` whose numbers are texts: the keys above a variable, from the application's entry. */
const TEXTS = ["env", "build.args"];

/** Takes numbers of variables as they are written: YAML would make 991 of a telephone's 0991, and 1.1 of a version's 1.10. */
function keepVariables(document: Document): void {
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (key === "key" || typeof node.value !== "number" || node.source === undefined) return;
      const keys = ancestors.flatMap((one) => (isPair(one) && isScalar(one.key) ? [String(one.key.value)] : []));
      if (keys[0] === "applications" && TEXTS.includes(keys.slice(2, -1).join("."))) node.value = node.source;
    },
  });
}

function toData(document: Document, file: string): unknown {
  try {
    // A few aliases are a convenience; thousands are an attack on memory.
    const data: unknown = document.toJS({ maxAliasCount: 20 });
    JSON.stringify(data); // an alias to what holds it has no end
    return data;
  } catch (error) {
    const [why = ""] = (error as Error).message.split("\n");
    const reason = /^Converting circular/.test(why)
      ? words.aliasLoop
      : /alias count/.test(why)
        ? (words.yaml.RESOURCE_EXHAUSTION ?? why)
        : why;
    throw new EnvironmentError(file, [{ path: "", message: words.notUsable(reason) }]);
  }
}
