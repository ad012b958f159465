import { basename, dirname } from "node:path";
import type { Files, Project, Service } from "./model.ts";
import { filesAt, filesOf, imageOf, placedIn } from "./mounted.ts";

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

/** What runs at the first start. */
interface Initial {
  readonly initialise: readonly string[];
  readonly missing: readonly string[];
  readonly scripts: readonly string[];
  /** The texts of the SQL files. */
  readonly sql: readonly string[];
}

const IGNORED = /\/(Dockerfile|README[^/]*|\.[^/]+)$/;

function initialOf(service: Service, project: Project, files: Files): Initial {
  const placed = placedIn(service, project, files).filter(({ target }) => target.startsWith(INITIALISE));
  const found = placed.flatMap((place) => filesOf(place, files)).sort((one, other) => (one.target < other.target ? -1 : 1));
  const sql = found.filter(({ target }) => target.endsWith(".sql"));
  const others = found.filter(({ target }) => !target.endsWith(".sql") && !IGNORED.test(target));
  const folders = placed.filter(({ target, source }) => target === INITIALISE && files.list(source) !== undefined);
  const [folder] = folders;
  // A folder that holds SQL alone is named as one, so that a file that is added later runs too.
  const whole = folder && folders.length === 1 && others.length === 0 && sql.every(({ source }) => dirname(source) === folder.source);
  return {
    initialise: whole ? [folder.source] : sql.map(({ source }) => source),
    missing: placed.map(({ source }) => source).filter((path) => files.list(path) === undefined && files.read(path) === undefined),
    scripts: others.map(({ source }) => source),
    sql: sql.map(({ source }) => files.read(source) ?? ""),
  };
}

/** Every name under which other services reach a service. */
function hostsOf(name: string, { container_name: container, hostname, networks }: Service, links: readonly string[]): string[] {
  const aliases = Object.values(networks ?? {}).flatMap((network) => network?.aliases ?? []);
  const all = [name, container, hostname, ...aliases, ...links];
  return [...new Set(all.filter((host) => host !== undefined))];
}

/** The account, the database and the passwords that its variables name. */
function accountOf(environment: Readonly<Record<string, string | null>>, sql: readonly string[]) {
  const user = values(environment, "USER");
  const name = values(environment, "DATABASE", "DB") ?? nameIn(sql);
  const passwordFile = values(environment, "PASSWORD_FILE") ?? values(environment, "ROOT_PASSWORD_FILE");
  return {
    passwords: [values(environment, "PASSWORD"), values(environment, "ROOT_PASSWORD")].filter((one) => one !== undefined),
    ...(name !== undefined && { name }),
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
  const { sql, ...initial } = initialOf(service, project, files);
  const version = /:(\d+(?:\.\d+)?)/.exec(basename(image))?.[1];
  return {
    service: name,
    hosts: hostsOf(name, service, links),
    mariadb: /mariadb/.test(image),
    settings: filesAt(service, project, files, /\.cnf$/).map(({ source }) => source),
    options: command.filter((word) => word.startsWith("--")),
    nativePassword: [...command, ...sql].some((text) => /mysql_native_password/i.test(text)),
    ...accountOf({ ...built?.env, ...service.environment }, sql),
    ...initial,
    ...(version !== undefined && { version }),
  };
}
