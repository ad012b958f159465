import { readFileSync, statSync } from "node:fs";
import { nameOf } from "../environments.ts";
import { environment as words } from "../messages/environment.ts";
import { own as ownWords } from "../messages/own-rules.ts";
import { toYaml } from "../yaml.ts";
import { SAMPLE } from "./applications.ts";
import { readAuthority } from "./authority.ts";
import { parseSource, type SourceDocument } from "./document.ts";
import { EnvironmentError } from "./errors.ts";
import { explain } from "./explain.ts";
import { type ImportedDashboard, readImported } from "./imported.ts";
import { initialSql, type SqlFile } from "./initial-sql.ts";
import { type OwnRules, readOwnRules } from "./own-rules.ts";
import { type Config, resolve } from "./resolve.ts";
import { violations } from "./rules.ts";
import { environmentSchema } from "./schema.ts";
import { label } from "./units.ts";
import { warningsOf } from "./warnings.ts";

/** A named environment, ready for the charts. */
export interface Environment {
  /** The file's name without its ending: the folder in dist/ and the environment's label. */
  readonly name: string;
  /** The file as the user named it. */
  readonly file: string;
  readonly config: Config;
  /** What the user should change in the file, in words; nothing is wrong yet. */
  readonly notices: readonly string[];
  /** What the environment allows that the user must know of, in words: for synth and up. */
  readonly warnings: readonly string[];
  /** The dashboards of monitoring.imported, in its order. */
  readonly imported: readonly (ImportedDashboard & { readonly name: string })[];
  /** The certificates of database.external.ca, where that is a file. */
  readonly databaseCa?: string | undefined;
  /** The files of monitoring.rules, in its order. */
  readonly rules: readonly OwnRules[];
  /** The SQL files that run once in an application's empty database, by application. */
  readonly sql: Readonly<Record<string, readonly SqlFile[]>>;
}

/** Larger than any environment could be; a wrong file is refused before it is parsed. */
const MAX_BYTES = 256 * 1024;

const REASONS: Readonly<Record<string, "noSuchFile" | "aFolder" | "notUtf8" | "notReadable">> = {
  ENOENT: "noSuchFile",
  EISDIR: "aFolder",
  ERR_ENCODING_INVALID_ENCODED_DATA: "notUtf8",
  EACCES: "notReadable",
};

function readText(file: string): string {
  const fail = (message: string): never => {
    throw new EnvironmentError(file, [{ path: "", message }]);
  };
  try {
    const status = statSync(file);
    // A pipe or a device would be read for ever.
    if (!status.isFile() && !status.isDirectory()) return fail(words.noPlainFile);
    if (status.size > MAX_BYTES) return fail(words.tooLarge(MAX_BYTES));
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const reason = REASONS[code];
    return fail(reason ? words[reason] : words.cannotRead(code));
  }
}

/** The name of an environment, from its file's name. */
function checkedName(file: string): string {
  const name = nameOf(file);
  if (label.safeParse(name).success) return name;
  throw new EnvironmentError(file, [{ path: "", message: words.badName(name) }]);
}

/** The SQL files of all applications. @throws EnvironmentError that lists what would fail in them */
function sqlOf({ applications }: Config, file: string, locate: SourceDocument["locate"]): Environment["sql"] {
  const read = applications.flatMap(({ name, database }) => (database ? [{ name, ...initialSql(database, file) }] : []));
  const problems = read.flatMap(({ name, problems: found }) =>
    found.map(({ index, message }) =>
      locate({ path: ["applications", name, "database", "initialise", String(index)], hidden: true, message }),
    ),
  );
  if (problems.length > 0) throw new EnvironmentError(file, problems);
  return Object.fromEntries(read.map(({ name, files }) => [name, files]));
}

/** The authority of an external MySQL server. @throws EnvironmentError when its file cannot be used */
function databaseCaOf({ database: { external } }: Config, file: string, locate: SourceDocument["locate"]): string | undefined {
  if (typeof external?.ca !== "string") return undefined;
  try {
    return readAuthority(file, external.ca);
  } catch (error) {
    throw new EnvironmentError(file, [locate({ path: ["database", "external", "ca"], message: (error as Error).message })]);
  }
}

/** What the file writes in a way that a later release refuses. */
function noticesOf(data: unknown, file: string): string[] {
  const { webapp, applications } = data as { readonly webapp?: object; readonly applications?: object };
  if (webapp === undefined) return [];
  const moved = toYaml({ applications: { [SAMPLE]: { sample: webapp }, ...applications } });
  return [`${file}: ${words.sampleMoved(moved.trimEnd().replace(/^/gm, "  "))}`];
}

/** An environment without what it names of other files. */
interface Checked extends Omit<Environment, "sql" | "imported" | "rules" | "databaseCa"> {
  readonly locate: SourceDocument["locate"];
}

/**
 * Reads an environment from the text of its file, and no other file.
 * @throws EnvironmentError that lists every problem with its line and column
 */
export function checkEnvironment(text: string, file: string): Checked {
  const { data, valueAt, locate } = parseSource(text, file);
  const parsed = environmentSchema.safeParse(data);
  const problems = parsed.success ? violations(parsed.data, data) : parsed.error.issues.flatMap((issue) => explain(issue, valueAt));
  if (!parsed.success || problems.length > 0) {
    const found = problems.map(locate).sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0));
    throw new EnvironmentError(file, found);
  }
  const config = resolve(parsed.data);
  return { name: checkedName(file), file, config, notices: noticesOf(data, file), warnings: warningsOf(config), locate };
}

/**
 * Reads an environment from the text of its file, and the files that it names.
 * @throws EnvironmentError that lists every problem with its line and column
 */
export function parseEnvironment(text: string, file: string): Environment {
  const { locate, ...checked } = checkEnvironment(text, file);
  const imported = checked.config.monitoring.imported.map((name, index) => {
    try {
      return { name, ...readImported(name) };
    } catch (error) {
      throw new EnvironmentError(file, [locate({ path: ["monitoring", "imported", String(index)], message: (error as Error).message })]);
    }
  });
  const rules = checked.config.monitoring.rules.map((named) => readOwnRules(file, named));
  const sameName = rules.findIndex(({ name }, index) => rules.slice(0, index).some((other) => other.name === name));
  if (sameName >= 0) {
    const message = ownWords.sameName(rules[sameName]?.name ?? "");
    throw new EnvironmentError(file, [locate({ path: ["monitoring", "rules", String(sameName)], message })]);
  }
  return { ...checked, sql: sqlOf(checked.config, file, locate), databaseCa: databaseCaOf(checked.config, file, locate), imported, rules };
}

/**
 * Reads an environment file.
 * @throws EnvironmentError when it cannot be read or used; it names the place and what to do.
 */
export function loadEnvironment(file: string): Environment {
  return parseEnvironment(readText(file), file);
}
