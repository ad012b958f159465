import { environment as words } from "../messages/environment.ts";
import { QUOTED, SplitError, Splitter, type Statement } from "./sql-splitter.ts";

/** A statement of a SQL file as it is checked, and the line where it begins. */
export interface CheckedStatement {
  /** Without comments, white space as one space, the rows of an INSERT as `(…)`. Strings are empty unless they may be names, as in an account. */
  readonly text: string;
  readonly line: number;
}

function checked({ text, skeleton, line }: Statement): CheckedStatement {
  const open = skeleton.replace(QUOTED, (found, at: number) => {
    const own = text.slice(at, at + found.length);
    return found.startsWith("`") || /^.[\w.%-]*.$/.test(own) ? own : `${found[0]}${found[0]}`;
  });
  return { text: open.trim().replaceAll(/\s+/g, " "), line };
}

/**
 * The statements of a SQL file as mysql's client splits them. What mysqldump writes into comments that MySQL runs (they begin with an
 * exclamation mark) counts.
 *
 * @returns the statements, and where the file breaks off within one of them, the last line
 */
export function statements(sql: string): { readonly all: readonly CheckedStatement[]; readonly brokenAt?: number } {
  const all: CheckedStatement[] = [];
  const splitter = new Splitter({
    statement: (whole) => {
      all.push(checked(whole));
      return undefined;
    },
    rows: (head) => {
      const { text, line } = checked(head);
      all.push({ text: `${text} (…)`, line });
      return undefined;
    },
    counted: () => undefined,
    comment: () => undefined,
  });
  try {
    splitter.write(sql);
    splitter.end();
    return { all };
  } catch (error) {
    if (error instanceof SplitError) return { all, brokenAt: error.line };
    throw error;
  }
}

/** Whose database and account a file runs with. */
interface Target {
  readonly database: string;
  readonly user: string;
}

/** A name as SQL writes it, with or without quotes. */
const plain = (name: string): string => name.replace(/^([`'"])([\s\S]*)\1$/, "$2");
const NAME = "(`[^`]+`|[\\w$]+)";

/** What the file has done with the database so far. */
interface State {
  dropped: boolean;
}

type Check = (text: string, target: Target, state: State) => string | undefined;

/** Statements that need rights which the account has not, or that belong to CloudNova. */
const REFUSED: readonly (readonly [RegExp, (text: string, target: Target) => string])[] = [
  [/^(CREATE|ALTER|DROP|RENAME) USER\b|^SET PASSWORD\b|^CREATE ROLE\b/i, (_, { user }) => words.sqlUser(user)],
  [/^(GRANT|REVOKE)\b/i, (_, { user, database }) => words.sqlGrant(user, database)],
  [/^SET (?!@\w)(SESSION )?.*\b(SQL_LOG_BIN|GTID_PURGED)\b ?:?=/i, () => words.sqlReplication],
  [/^SET (GLOBAL|PERSIST)\b|^SET .*@@(GLOBAL|PERSIST(_ONLY)?)\./i, () => words.sqlGlobal],
  [/^FLUSH\b/i, () => words.sqlFlush],
  [/^LOAD DATA\b/i, () => words.sqlLoad],
  [/^(SOURCE\b|\\\.)/i, () => words.sqlSource],
];

const refused: Check = (text, target) => REFUSED.find(([pattern]) => pattern.test(text))?.[1](text, target);

const otherDatabase: Check = (text, { database }, state) => {
  const use = /^USE (`[^`]+`|'[^']+'|"[^"]+"|[^\s;]+)/i.exec(text)?.[1];
  if (use && plain(use) !== database) return words.sqlUse(plain(use), database);
  const drop = new RegExp(`^DROP (?:DATABASE|SCHEMA) (?:IF EXISTS )?${NAME}`, "i").exec(text)?.[1];
  if (drop) {
    if (plain(drop) !== database) return words.sqlDatabase(plain(drop), database);
    state.dropped = true;
  }
  const create = new RegExp(`^CREATE (?:DATABASE|SCHEMA) (IF NOT EXISTS )?${NAME}`, "i").exec(text);
  if (!create?.[2]) return;
  if (plain(create[2]) !== database) return words.sqlDatabase(plain(create[2]), database);
  if (!create[1] && !state.dropped) return words.sqlExists(database);
  state.dropped = false;
  return;
};

/** Statements that make accounts, or give them rights. */
const ABOUT_ACCOUNTS = /^((CREATE|ALTER|DROP|RENAME) USER|SET PASSWORD|GRANT|REVOKE|FLUSH PRIVILEGES)\b/i;
/** Statements that make a database, or choose it. */
const ABOUT_DATABASE = new RegExp(`^(?:USE|(?:CREATE (?:DATABASE|SCHEMA)|DROP (?:DATABASE|SCHEMA))(?: IF(?: NOT)? EXISTS)?) ${NAME}`, "i");

/** Whether a SQL file makes a database and its account and nothing else: CloudNova makes both itself. */
export function onlyMakesAccount(sql: string, database: string): boolean {
  const { all, brokenAt } = statements(sql);
  const isOurs = ({ text }: CheckedStatement) => ABOUT_ACCOUNTS.test(text) || plain(ABOUT_DATABASE.exec(text)?.[1] ?? "") === database;
  return brokenAt === undefined && all.length > 0 && all.every(isOurs);
}

const KINDS = "TEMPORARY TABLE|TABLE|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT";
/** Where a statement names the table or object that it changes, or refers to: there a name with a dot is a database's and a table's. */
const CHANGED = new RegExp(
  [
    "\\b(?:INSERT|REPLACE)(?: LOW_PRIORITY| DELAYED| HIGH_PRIORITY| IGNORE)* INTO ",
    "^(?:INSERT|REPLACE)(?: LOW_PRIORITY| DELAYED| HIGH_PRIORITY| IGNORE)* (?!INTO\\b)",
    "^UPDATE(?: LOW_PRIORITY| IGNORE)* ",
    "\\bDELETE(?: LOW_PRIORITY| QUICK| IGNORE)* FROM ",
    "^TRUNCATE(?: TABLE)? ",
    `^(?:ALTER|DROP|RENAME) (?:${KINDS})(?: IF EXISTS)? `,
    `^CREATE (?:[^(.]* )?(?:${KINDS})(?: IF NOT EXISTS)? `,
    "^CREATE (?:\\w+ )?INDEX .*? ON ",
    "^CREATE .*?\\bTRIGGER .*? ON ",
    "^LOCK TABLES? ",
    "\\bREFERENCES ",
  ]
    .map((place) => `${place}${NAME} ?\\. ?(?:\`|[\\w$])`)
    .join("|"),
  "gi",
);

/** A table of another database, named with it: `INSERT INTO other.t`. */
const otherTable: Check = (text, { database }) => {
  const named = [...text.matchAll(CHANGED)].flatMap(([, ...names]) => names.filter((name) => name !== undefined));
  const other = named.map(plain).find((name) => name !== database);
  return other === undefined ? undefined : words.sqlOther(other, database);
};

/** An object that runs as another account needs a right that only administrators have. */
const definer: Check = (text, { user }) => {
  const [found, account = ""] =
    /\bDEFINER ?= ?(`[^`]*`|'[^']*'|"[^"]*"|\w+)(?: ?@ ?(?:`[^`]*`|'[^']*'|"[^"]*"|[\w%.]+))?/i.exec(text) ?? [];
  if (!found || /^CURRENT_USER$/i.test(account) || plain(account) === user) return;
  return words.sqlDefiner(found);
};

const CHECKS: readonly Check[] = [refused, otherDatabase, otherTable, definer];

/**
 * What would fail in a SQL file that the application's own account runs in its own database: line by line, what was found, and what to
 * write. Statements that the server alone can judge are not among it.
 */
export function sqlProblems(sql: string, target: Target): { readonly line: number; readonly message: string }[] {
  const state: State = { dropped: false };
  const { all, brokenAt } = statements(sql);
  const found = all.flatMap(({ text, line }) =>
    CHECKS.flatMap((check) => {
      const why = check(text, target, state);
      const open = text.replaceAll(/\b(BY|AS|PASSWORD ?=) ?('[^']*'|"[^"]*")/gi, "$1 '…'");
      const shown = open.length > 60 ? `${open.slice(0, 57)}...` : open;
      return why === undefined ? [] : [{ line, message: `${words.found(shown)}${why}` }];
    }),
  );
  return brokenAt === undefined ? found : [...found, { line: brokenAt, message: words.sqlBroken }];
}
