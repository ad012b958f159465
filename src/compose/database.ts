import { basename, dirname } from "node:path";
import { onlyMakesAccount } from "../config/sql.ts";
import type { Files, Project, Service } from "./model.ts";
import { filesAt, filesOf, imageOf, type Placed, placedIn } from "./mounted.ts";

/** Where the images of MySQL and MariaDB look for what runs at the first start. */
const INITIALISE = "/docker-entrypoint-initdb.d";

/** What a project's MySQL or MariaDB service says of its database. */
export interface Database {
  /** Name of the service. */
  readonly service: string;
  /** Names under which other services reach it. */
  readonly hosts: readonly string[];
  readonly name?: string;
  readonly user?: string;
  /** Passwords of the account and of root; never written anywhere. */
  readonly passwords: readonly string[];
  /** Path in the container of a file with the account's password, or root's where there is no other account. */
  readonly passwordFile?: string;
  /** Version that its image's tag names, such as `5.7`; undefined for none. */
  readonly version?: string;
  readonly mariadb: boolean;
  /** SQL files and folders of them, absolute, in the order in which they run. */
  readonly initialise: readonly string[];
  /** Mounts for the first start that do not exist. */
  readonly missing: readonly string[];
  /** Names of SQL files that MySQL's image does not run, for their capitals: `02.SQL`. */
  readonly capitals: readonly string[];
  /** SQL files for the first start that only make the database and its account, which CloudNova makes itself. */
  readonly accountOnly: readonly string[];
  /** Files for the first start that are no SQL. */
  readonly scripts: readonly string[];
  /** Folders and files of the server's own configuration. */
  readonly settings: readonly string[];
  /** Options of the server's command that change it. */
  readonly options: readonly string[];
  /** Whether it makes accounts for `mysql_native_password`. */
  readonly nativePassword: boolean;
}

const values = (environment: Readonly<Record<string, string | null>>, ...names: readonly string[]): string | undefined =>
  names
    .map((name) => environment[`MYSQL_${name}`] ?? environment[`MARIADB_${name}`])
    .find((value) => value !== undefined && value !== null && value !== "") ?? undefined;

/** The database that SQL files make for themselves, where the service names none. */
function nameIn(texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const plain = text.replace(/\/\*[\s\S]*?\*\/|^\s*(--|#).*$/gm, "");
    const [, name] =
      /^\s*USE\s+[`"]?(\w+)[`"]?\s*;?/im.exec(plain) ??
      /CREATE\s+(?:DATABASE|SCHEMA)\s+(?:IF\s+NOT\s+EXISTS\s+)?[`"]?(\w+)/i.exec(plain) ??
      [];
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The option of the server's command that names a file of SQL, which it runs at each start. */
const INIT_FILE = /^--init[-_]file(?:=(.*))?$/;

/** The path in the container of that file. */
function initFileIn(command: readonly string[]): string | undefined {
  const at = command.findIndex((word) => INIT_FILE.test(word));
  return INIT_FILE.exec(command[at] ?? "")?.[1] ?? (at < 0 ? undefined : command[at + 1]);
}

/** What runs at the first start. */
interface Initial {
  readonly initialise: readonly string[];
  readonly missing: readonly string[];
  readonly scripts: readonly string[];
  readonly capitals: readonly string[];
  readonly accountOnly: readonly string[];
  /** The database that the files make, where the service names none. */
  readonly name: string | undefined;
  /** The texts of the SQL files. */
  readonly texts: readonly string[];
  /** Whether the server's command names one of them. */
  readonly hasInitFile: boolean;
}

const IGNORED = /\/(Dockerfile|README[^/]*|\.[^/]+)$/;

/** @param named the database that the service names @param initFile path in the container of the file that the server's command names */
function initialOf(service: Service, project: Project, files: Files, named: string | undefined, initFile: string | undefined): Initial {
  const everywhere = placedIn(service, project, files);
  const placed = everywhere.filter(({ target }) => target.startsWith(INITIALISE) || target === initFile);
  const inFolders = everywhere.filter((place) => !placed.includes(place) && initFile?.startsWith(`${place.target}/`));
  const byOption = inFolders.flatMap((place) => filesOf(place, files)).filter(({ target }) => target === initFile);
  const found = [
    ...placed.flatMap((place) => filesOf(place, files)).sort((one, other) => (one.target < other.target ? -1 : 1)),
    ...byOption,
  ];
  const isSql = ({ target }: Placed) => /\.sql$/i.test(target);
  const all = found.filter(isSql).map((place) => ({ ...place, text: files.read(place.source) ?? "" }));
  const name = named ?? nameIn(all.map(({ text }) => text));
  const isAccount = ({ text }: { text: string }) => name !== undefined && onlyMakesAccount(text, name);
  const sql = all.filter((one) => !isAccount(one));
  const others = found.filter((one) => !isSql(one) && !IGNORED.test(one.target));
  const folders = placed.filter(({ target, source }) => target === INITIALISE && files.list(source) !== undefined);
  const [folder] = folders;
  // A folder that holds SQL alone is named as one, so that a file that is added later runs too.
  const whole =
    folder &&
    folders.length === 1 &&
    others.length === 0 &&
    sql.length === all.length &&
    sql.every(({ source }) => dirname(source) === folder.source);
  return {
    initialise: whole ? [folder.source] : sql.map(({ source }) => source),
    missing: placed.map(({ source }) => source).filter((path) => files.list(path) === undefined && files.read(path) === undefined),
    scripts: others.map(({ source }) => source),
    capitals: sql.filter(({ target }) => !target.endsWith(".sql")).map(({ source }) => source),
    accountOnly: all.filter(isAccount).map(({ source }) => source),
    name,
    texts: all.map(({ text }) => text),
    hasInitFile: found.some(({ target }) => target === initFile),
  };
}

/** Every name under which other services reach a service. */
function hostsOf(name: string, { container_name: container, hostname, networks }: Service, links: readonly string[]): string[] {
  const aliases = Object.values(networks ?? {}).flatMap((network) => network?.aliases ?? []);
  const all = [name, container, hostname, ...aliases, ...links];
  return [...new Set(all.filter((host) => host !== undefined))];
}

/** The account and the passwords that its variables name. */
function accountOf(environment: Readonly<Record<string, string | null>>) {
  const user = values(environment, "USER");
  const passwordFile = values(environment, "PASSWORD_FILE") ?? values(environment, "ROOT_PASSWORD_FILE");
  return {
    passwords: [values(environment, "PASSWORD"), values(environment, "ROOT_PASSWORD")].filter((one) => one !== undefined),
    ...(user !== undefined && user !== "root" && { user }),
    ...(passwordFile !== undefined && { passwordFile }),
  };
}

/** Reads a MySQL or MariaDB service. @param links other names for it, as services link to it */
export function databaseOf(name: string, project: Project, files: Files, links: readonly string[]): Database {
  const service = project.services[name] ?? {};
  const built = imageOf(service, files)?.image;
  const image = (service.build ? built?.base : service.image) ?? "";
  const command = [...(service.entrypoint ?? []), ...(service.command ?? built?.cmd ?? [])];
  const environment = { ...built?.env, ...service.environment };
  const named = values(environment, "DATABASE", "DB");
  const { texts, hasInitFile, name: database, ...initial } = initialOf(service, project, files, named, initFileIn(command));
  const version = /:(\d+(?:\.\d+)?)/.exec(basename(image))?.[1];
  return {
    service: name,
    hosts: hostsOf(name, service, links),
    mariadb: /mariadb/.test(image),
    settings: filesAt(service, project, files, /\.cnf$/).map(({ source }) => source),
    options: command.filter((word) => word.startsWith("--") && !(hasInitFile && INIT_FILE.test(word))),
    nativePassword: [...command, ...texts].some((text) => /mysql_native_password/i.test(text)),
    ...accountOf(environment),
    ...initial,
    ...(database !== undefined && { name: database }),
    ...(version !== undefined && { version }),
  };
}
