import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { environment as words } from "../messages/environment.ts";
import type { ApplicationDatabase } from "./resolve-applications.ts";
import { sqlProblems } from "./sql.ts";

/** A SQL file that runs once in an application's empty database. */
export interface SqlFile {
  /** Its name, as a key of a ConfigMap. */
  readonly name: string;
  readonly text: string;
}

/** The files of one application, and what is wrong with them: the index of the entry in `initialise`, and a sentence. */
export interface InitialSql {
  readonly files: readonly SqlFile[];
  readonly problems: readonly { readonly index: number; readonly message: string }[];
}

/** Bytes of all files together: Kubernetes takes 1 MiB for a ConfigMap, with its names and labels. */
export const MOST_BYTES = 900 * 1024;

/** What a ConfigMap takes as a key. */
const keyOf = (path: string): string =>
  basename(path)
    .replaceAll(/[^-._A-Za-z0-9]/g, "_")
    .slice(0, 200);

/** The SQL files at a path: itself, or those of a folder in the order of their names, as MySQL's image runs them. */
function listed(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path)
    .filter((name) => /\.sql(\.\w+)?$/i.test(name) && !name.startsWith("."))
    .sort();
  return names.map((name) => join(path, name));
}

/** @throws an Error in words */
function readSql(path: string): string {
  if (!/\.sql$/i.test(path)) throw new Error(words.sqlForm(path));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA") throw new Error(words.sqlEncoding(path));
    throw error;
  }
}

function reason(error: unknown, path: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : words.sqlUnreadable(path, code);
}

/**
 * Reads the SQL files of an application.
 *
 * @param file the environment file, from which paths count
 */
export function initialSql({ initialise, name, user }: ApplicationDatabase, file: string): InitialSql {
  const files: SqlFile[] = [];
  const problems: InitialSql["problems"][number][] = [];
  // Statements of one file decide what the next finds, such as a database that was dropped.
  const found = initialise.flatMap((entry, index) => {
    const path = resolve(dirname(file), entry);
    try {
      const paths = listed(path);
      if (paths.length === 0) problems.push({ index, message: words.sqlEmptyFolder(path) });
      return paths.map((one) => ({ index, path: one, text: readSql(one) }));
    } catch (error) {
      problems.push({ index, message: reason(error, path) });
      return [];
    }
  });
  const bytes = found.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const last = found.at(-1);
  if (last && bytes > MOST_BYTES) problems.push({ index: last.index, message: words.sqlTooLarge(bytes, MOST_BYTES) });
  for (const { index, path, text } of found) {
    files.push({ name: keyOf(path), text });
    for (const { line, message } of sqlProblems(text, { database: name, user }))
      problems.push({ index, message: `${path}:${line}: ${message}` });
  }
  return { files, problems };
}
