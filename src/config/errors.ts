import { environment as words } from "../messages/environment.ts";

/** One thing that is wrong with an environment file: where, what was found, what is allowed. */
export interface Problem {
  /** 1-based; absent when the whole file is meant. */
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the key, such as `applications.webapp.sample.replicas`; empty for the whole file. */
  readonly path: string;
  /** What stands there, as JSON; absent when nothing does. */
  readonly found?: string;
  /** What may stand there, and what to do. */
  readonly message: string;
}

/** An environment that cannot be used. Its message lists every problem; nothing was written. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";

  constructor(
    readonly file: string,
    readonly problems: readonly Problem[],
  ) {
    super(problems.map((problem) => describe(file, problem)).join("\n"));
  }
}

/** Control characters of a key must not reach the terminal. */
const printable = (text: string) => text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));

function describe(file: string, { line, column, path, found, message }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  const what = found === undefined ? "" : words.found(found);
  return printable(`${place}: ${path ? `${path}: ` : ""}${what}${message}`);
}

/** What a rule found: the place in the file, and a sentence that says what is wrong and what to do. */
export interface Violation {
  readonly path: readonly string[];
  readonly message: string;
}
