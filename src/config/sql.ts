import { environment as words } from "../messages/environment.ts";

/** A statement of a SQL file: its text without comments, and with its strings emptied, and the line where it begins. */
export interface Statement {
  readonly text: string;
  readonly line: number;
}

/** What a scanner takes at one place: comments, strings, names, a change of the delimiter, or one character. */
const TOKEN =
  /(?<comment>(?:#|--(?=[\s]|$))[^\n]*|\/\*(?![!+])[\s\S]*?\*\/)|(?<open>\/\*!\d*)|(?<close>\*\/)|(?<text>'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*")|(?<name>`(?:[^`]|``)*`)|(?<delimiter>^[ \t]*delimiter[ \t]+(?<mark>\S+)[^\n]*)|(?<other>[\w ]+|[\s\S])/gimy;

/** What counts of a token: comments are a space, and a string is empty unless it is a name in quotes, such as a definer's. */
function pieceOf(taken: string, { name, other, text }: Record<string, string | undefined>): string {
  if (text === undefined) return name ?? other ?? " ";
  return /^.[\w.%-]*.$/.test(text) ? text : `${taken[0]}${taken[0]}`;
}

/**
 * The statements of a SQL file as mysql's client splits them. What mysqldump writes into comments that MySQL runs (they begin with an
 * exclamation mark) counts.
 */
export function statements(sql: string): Statement[] {
  const found: Statement[] = [];
  let delimiter = ";";
  let statement = { text: "", line: 1 };
  let line = 1;
  const end = () => {
    if (statement.text) found.push({ ...statement, text: statement.text.trim().replaceAll(/\s+/g, " ") });
    statement = { text: "", line };
  };
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < sql.length; ) {
    const at = TOKEN.lastIndex;
    if (sql.startsWith(delimiter, at)) {
      end();
      TOKEN.lastIndex = at + delimiter.length;
      continue;
    }
    const { mark, ...groups } = TOKEN.exec(sql)?.groups ?? {};
    const taken = sql.slice(at, TOKEN.lastIndex);
    if (mark) {
      end();
      delimiter = mark;
    } else {
      const piece = pieceOf(taken, groups);
      // A statement begins at its first character.
      statement = statement.text ? { ...statement, text: statement.text + piece } : { text: piece.trimStart(), line };
    }
    line += taken.split("\n").length - 1;
  }
  end();
  return found;
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

/** An object that runs as another account needs a right that only administrators have. */
const definer: Check = (text, { user }) => {
  const [found, account = ""] =
    /\bDEFINER ?= ?(`[^`]*`|'[^']*'|"[^"]*"|\w+)(?: ?@ ?(?:`[^`]*`|'[^']*'|"[^"]*"|[\w%.]+))?/i.exec(text) ?? [];
  if (!found || /^CURRENT_USER$/i.test(account) || plain(account) === user) return;
  return words.sqlDefiner(found);
};

const CHECKS: readonly Check[] = [refused, otherDatabase, definer];

/**
 * What would fail in a SQL file that the application's own account runs in its own database: line by line, what was found, and what to
 * write. Statements that the server alone can judge are not among it.
 */
export function sqlProblems(sql: string, target: Target): { readonly line: number; readonly message: string }[] {
  const state: State = { dropped: false };
  return statements(sql).flatMap(({ text, line }) =>
    CHECKS.flatMap((check) => {
      const why = check(text, target, state);
      const open = text.replaceAll(/\b(BY|AS|PASSWORD ?=) ?('[^']*'|"[^"]*")/gi, "$1 '…'");
      const shown = open.length > 60 ? `${open.slice(0, 57)}...` : open;
      return why === undefined ? [] : [{ line, message: `${words.found(shown)}${why}` }];
    }),
  );
}
