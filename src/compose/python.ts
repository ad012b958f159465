import { join, relative } from "node:path";
import type { Files } from "./model.ts";

/** Drivers of MySQL for Python, and the packages that bring each. */
export const DRIVERS = ["pymysql", "mysqlclient", "mysql-connector-python", "mysql-connector", "aiomysql", "asyncmy", "mariadb"] as const;
export type Driver = (typeof DRIVERS)[number];

const BROUGHT_BY: Readonly<Record<string, Driver>> = {
  "flask-mysqldb": "mysqlclient",
  "flask-mysql": "pymysql",
  "mysql-python": "mysqlclient",
};

/** A package that an application requires. */
export interface Requirement {
  /** In PyPI's form: lower case, `-` between words. */
  readonly name: string;
  /** File that names it, from the build context. */
  readonly file: string;
  /** The least version that its line admits; undefined where it names none, or only an upper bound. */
  readonly least?: string;
  readonly extras: readonly string[];
  /** Whether it admits every later version. */
  readonly open: boolean;
  /** Whether it admits one version alone. */
  readonly exact: boolean;
}

const FILES = /^(requirements[\w.-]*\.txt|pyproject\.toml|Pipfile|setup\.(py|cfg)|environment\.ya?ml)$/i;

const LINE =
  /(?:^|["'\s,[])([A-Za-z][A-Za-z0-9._-]*)(?:\[([\w\s,-]+)\])?["']?\s*(?:=\s*(?:\{\s*version\s*=\s*)?["'])?((?:[~^=<>!]=?=?\s*)?\d[\w.*]*|[~^=<>!]=?=?\s*\d[\w.*]*|\*)?/g;

/** What the lines of a file require; only the packages in `wanted` are looked at, since a line of a project file may be anything. */
function requirementsIn(text: string, file: string, wanted: ReadonlySet<string>): Requirement[] {
  return text.split(/\r?\n/).flatMap((whole) => {
    const line = whole.replace(/(^|\s)#.*$/, "");
    return [...line.matchAll(LINE)].flatMap(([, raw = "", extras = "", version = ""]) => {
      const name = raw.toLowerCase().replace(/[._]+/g, "-");
      if (!wanted.has(name)) return [];
      const [, operator = "", number] = /^([~^=<>!]*)\s*(\d[\w.]*)/.exec(version) ?? [];
      const least = number !== undefined && !/^[<!]/.test(operator) ? { least: number } : {};
      const listed = extras
        .split(",")
        .map((one) => one.trim())
        .filter(Boolean);
      const open = version === "" || version === "*" || operator === ">=" || operator === ">";
      return [{ name, file, extras: listed, open, exact: operator === "==" && !version.includes("*"), ...least }];
    });
  });
}

const WANTED: ReadonlySet<string> = new Set([
  ...DRIVERS,
  ...Object.keys(BROUGHT_BY),
  "cryptography",
  "flask",
  "flask-sqlalchemy",
  "werkzeug",
  "jinja2",
  "itsdangerous",
  "sqlalchemy",
]);

/**
 * What an application requires of the packages that decide how it connects to MySQL, and of Flask's, by its requirement files and by
 * `pip install` in its Dockerfile.
 */
export function requirementsOf(context: string, files: Files, runs: readonly string[], dockerfile: string): Requirement[] {
  const folders = [context, ...["requirements", "app", "src"].map((name) => join(context, name))];
  const read = folders.flatMap((folder) =>
    (files.list(folder) ?? [])
      .filter((name) => FILES.test(name) || (folder.endsWith("requirements") && name.endsWith(".txt")))
      .map((name) => join(folder, name)),
  );
  const listed = read.flatMap((file) => requirementsIn(files.read(file) ?? "", relative(context, file), WANTED));
  const installed = runs.filter((run) => /\bpip3?\s+install\b|\buv\s+(pip\s+install|add)\b|\bpoetry\s+add\b/.test(run));
  return [...listed, ...installed.flatMap((run) => requirementsIn(run, dockerfile, WANTED))];
}

/**
 * What old packages need beside them: each admits every later version of these, and does not start with the newest ones. The first entry
 * whose version is above the package's is taken.
 */
const BESIDE_OLD: Readonly<Record<string, readonly (readonly [before: string, lines: Readonly<Record<string, string>>])[]>> = {
  Flask: [
    // `werkzeug.wrappers.BaseResponse`, `jinja2.escape`, `itsdangerous.json`
    ["2.0", { werkzeug: "Werkzeug<2.1", jinja2: "Jinja2<3.1", itsdangerous: "itsdangerous<2.1" }],
    // `werkzeug.urls.url_quote`
    ["2.2.4", { werkzeug: "Werkzeug<3" }],
  ],
  "Flask-SQLAlchemy": [
    // It changes SQLAlchemy's URL in place.
    ["2.5", { sqlalchemy: "SQLAlchemy<1.4" }],
    // `sqlalchemy.__all__`
    ["3.0", { sqlalchemy: "SQLAlchemy<2" }],
  ],
};

/** An old package, and the lines that requirements lack beside it. */
interface OldPackage {
  /** With its version. */
  readonly named: string;
  readonly file: string;
  readonly lines: readonly string[];
}

/** The old packages of an application beside which a line is missing. */
export function besideOldPackages(requirements: readonly Requirement[]): OldPackage[] {
  return Object.entries(BESIDE_OLD).flatMap(([title, table]) => {
    const { least: version, file = "" } = requirements.find(({ name, exact }) => name === title.toLowerCase() && exact) ?? {};
    if (version === undefined) return [];
    const [, needed = {}] = table.find(([before]) => !atLeast(version, before)) ?? [];
    const lines = Object.entries(needed).flatMap(([name, line]) => (requirements.some((one) => one.name === name) ? [] : [line]));
    return lines.length > 0 ? [{ named: `${title} ${version}`, file, lines }] : [];
  });
}

/** The driver that a set of requirements brings, with the requirement that names it. */
export function driverOf(requirements: readonly Requirement[]): { driver: Driver; requirement: Requirement } | undefined {
  for (const requirement of requirements) {
    const driver = DRIVERS.find((name) => name === requirement.name);
    if (driver) return { driver, requirement };
  }
  for (const requirement of requirements) {
    const driver = BROUGHT_BY[requirement.name];
    if (driver) return { driver, requirement };
  }
  return undefined;
}

/** A variable that an application's source reads. */
export interface Reading {
  /** From the build context, with its line: `app/config.py:12`. */
  readonly place: string;
  /** The value where it is not set. */
  readonly fallback?: string;
}

/** A line of the source that looks like a fact that the cluster decides. */
export interface Written {
  readonly place: string;
  readonly text: string;
}

/** What an application's Python source says of its surroundings. */
export interface Source {
  /** Variables that it reads, by name. */
  readonly reads: Readonly<Record<string, Reading>>;
  /** Lines that name the database's host literally, outside of a variable's default. */
  readonly hosts: readonly Written[];
  /** Lines that connect as root. */
  readonly roots: readonly Written[];
  /** Lines that name `mysql_native_password`. */
  readonly nativePassword: readonly Written[];
  /** Where it starts Flask's own server: port, and whether on every address. */
  readonly runs?: { readonly place: string; readonly port?: number; readonly everywhere: boolean };
  /** Lines that turn TLS off. */
  readonly withoutTls: readonly Written[];
  /** Log files that it opens by a name in the source, as the line has it. */
  readonly logFiles: readonly { readonly place: string; readonly file: string }[];
}

const SKIPPED = /^(\.|__pycache__|node_modules|venv|env|tests?|migrations|dist|build|site-packages)/;
/** More files than a small application has; a larger one is read in part. */
const MOST_FILES = 300;
const DEEPEST = 5;

function pythonFiles(folder: string, files: Files, depth = 0): string[] {
  if (depth > DEEPEST) return [];
  return (files.list(folder) ?? [])
    .filter((name) => !SKIPPED.test(name))
    .flatMap((name) => {
      const path = join(folder, name);
      if (/\.(py|cfg|ini)$/.test(name)) return [path];
      return name.includes(".") ? [] : pythonFiles(path, files, depth + 1);
    });
}

const READS =
  /(?:\benviron(?:\.get)?\s*[[(]|\bgetenv\s*\(|(?<![.\w])(?:config|env(?:\.\w+)?)\s*\()\s*["'](\w+)["']\s*(?:,\s*(?:default\s*=\s*)?(?:["']([^"']*)["']|(\d+)))?/g;

/** A line that connects as root, in the source or in a URL. */
const ROOT = /user\w*["']?[\s\]=:]+["']root["']|:\/\/root[:@]/i;
const TLS_OFF = /ssl_disabled\s*["']?\s*[:=]\s*True|ssl_mode["']?\s*[:=]\s*["']DISABLED/i;

/** A log file: of logging's handlers, or of its `basicConfig`. */
const LOG_FILE = /(?:FileHandler\(\s*(?:filename\s*=\s*)?|basicConfig\(.*\bfilename\s*=\s*)["']([^"']+)["']/;

/** Lines that name a host of the database. */
function hostPattern(hosts: readonly string[]): RegExp {
  if (hosts.length === 0) return /(?!)/;
  const names = hosts.map((host) => host.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return new RegExp(`(?:host|server)\\w*["']?[\\s\\]=:]+["'](?:${names})(?::3306)?["']|@(?:${names})(?::\\d+)?[/"']`, "i");
}

/** A line of the source without its comment. */
interface Line {
  readonly place: string;
  readonly text: string;
  /** The line and the next ones, for a call over several lines. */
  readonly call: string;
}

function linesOf(context: string, file: string, files: Files): Line[] {
  const lines = (files.read(file) ?? "").split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, ""));
  return lines.map((text, index) => ({
    place: `${relative(context, file)}:${index + 1}`,
    text,
    call: lines.slice(index, index + 6).join(" "),
  }));
}

const readings = ({ text, place }: Line): [string, Reading][] =>
  [...text.matchAll(READS)].map(([, name = "", quoted, number]) => {
    const fallback = quoted ?? number;
    return [name, { place, ...(fallback !== undefined && { fallback }) }];
  });

/** Where Flask's own server is started. */
function runOf({ text, place, call }: Line): Source["runs"] {
  if (!/\b(app|application|socketio)\.run\(/.test(text)) return undefined;
  const port = /port\s*=\s*(?:int\()?[^,)]*?(\d{2,5})/.exec(call)?.[1];
  return { place, everywhere: /host\s*=/.test(call), ...(port !== undefined && { port: Number(port) }) };
}

/** A record of pairs in their order; the first of each name is kept. */
const firstOf = (pairs: readonly [string, Reading][]): Record<string, Reading> =>
  Object.fromEntries(pairs.filter(([name], index) => pairs.findIndex(([other]) => other === name) === index));

/** Reads the Python files of an application, and configuration files beside them. @param hosts names under which the database is reached in the Compose project */
export function sourceOf(context: string, files: Files, hosts: readonly string[]): Source {
  const lines = pythonFiles(context, files)
    .slice(0, MOST_FILES)
    .flatMap((file) => linesOf(context, file, files));
  const host = hostPattern(hosts);
  const written = (test: (line: Line) => boolean): Written[] =>
    lines.filter(test).map(({ place, text }) => ({ place, text: text.trim().slice(0, 100) }));
  const runs = lines.map(runOf).find((one) => one !== undefined);
  return {
    reads: firstOf(lines.flatMap(readings)),
    hosts: written((line) => host.test(line.text) && readings(line).length === 0),
    roots: written(({ text }) => ROOT.test(text)),
    nativePassword: written(({ text }) => text.includes("mysql_native_password")),
    withoutTls: written(({ text }) => TLS_OFF.test(text)),
    logFiles: lines.flatMap(({ place, text }) => {
      const file = LOG_FILE.exec(text)?.[1];
      return file === undefined ? [] : [{ place, file }];
    }),
    ...(runs && { runs }),
  };
}

/** Whether a version is at least another, by its numbers. */
export function atLeast(version: string, least: string): boolean {
  const [one, other] = [version, least].map((text) => text.split(".").map((part) => Number.parseInt(part, 10) || 0));
  for (let at = 0; at < 3; at++) {
    const difference = (one?.[at] ?? 0) - (other?.[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
