import { join, relative } from "node:path";
import { compose as say } from "../messages/compose.ts";
import { isRemote } from "./canonical.ts";
import type { Database } from "./database.ts";
import type { Entry } from "./entry.ts";
import { environmentPart } from "./given-secrets.ts";
import { imagePart } from "./image.ts";
import { portPart, securityPart } from "./listens.ts";
import type { Files, Service } from "./model.ts";
import { filesAt } from "./mounted.ts";
import { otherKeys } from "./other-keys.ts";
import { type ApplicationInput, type Note, noteOn, type Part, type Subject, spoken } from "./part.ts";
import { traefikLabels } from "./proxy.ts";
import { besideOldPackages, type Driver, driverOf, type Requirement, requirementsOf, type Source, sourceOf } from "./python.ts";
import { ingressPart, outsideHosts } from "./reached.ts";
import { commandPart, healthPart } from "./runtime.ts";
import { databasePart } from "./uses-database.ts";
import { namesHost, variablesOf } from "./variables.ts";
import { type Storage, storageOf } from "./volumes.ts";

/** An application as the environment file has it. */
export interface Imported {
  readonly entries: readonly Entry[];
  readonly notes: readonly Note[];
}

/** What a script of the project runs, where the command names one. */
function scriptOf(command: string, home: string | undefined, files: Files): string {
  const [, name] = /([\w.-]+\.sh)\b/.exec(command) ?? [];
  if (name === undefined || home === undefined) return "";
  const text = ["", "scripts", "docker", "app"].map((folder) => files.read(join(home, folder, name))).find((one) => one !== undefined);
  return text === undefined ? "" : ` ; ${text.replace(/^\s*#.*$/gm, "")}`;
}

/** The files in which a container finds the database's password. */
function passwordFilesOf({ secrets = [] }: Service, passwordFile: string | undefined): string[] {
  if (passwordFile === undefined) return [];
  return secrets
    .filter(({ source, target }) => passwordFile === target || passwordFile.endsWith(`/${source}`))
    .map(({ source, target }) => target ?? `/run/secrets/${source}`);
}

/** How certain it is that a service uses its project's database. */
export const CERTAINTY = {
  /** It only waits for it. */
  linked: 1,
  /** It has a driver of MySQL. */
  driver: 2,
  /** Its variables or its source name the database's host. */
  named: 3,
} as const;

/** A service that becomes an application, with what its files say. */
export interface Found extends ApplicationInput {
  readonly definition: Service;
  readonly home: string | undefined;
  readonly source: Source | undefined;
  readonly requirements: readonly Requirement[];
  readonly driver: Driver | undefined;
  readonly storage: Storage;
  /** One of CERTAINTY; 0: nothing says that it uses a database. */
  readonly certainty: number;
}

/** One of CERTAINTY, or 0. */
function certaintyOf(
  { environment = {}, depends_on: depends = {} }: Service,
  database: Database | undefined,
  source: Source | undefined,
  driver: Driver | undefined,
): number {
  const hosts = database?.hosts ?? [];
  const inSource = (source?.hosts ?? []).length > 0;
  if (inSource || Object.values(environment).some((value) => namesHost(value, hosts))) return CERTAINTY.named;
  if (driver !== undefined) return CERTAINTY.driver;
  return database !== undefined && database.service in depends ? CERTAINTY.linked : 0;
}

/** Reads the files of a service. */
export function findOut(input: ApplicationInput): Found {
  const { service, project, files, built, database } = input;
  const definition = project.services[service] ?? {};
  const storage = storageOf(input);
  const { build } = definition;
  const home = build && !isRemote(build.context) ? build.context : storage.code?.source;
  const source = home === undefined ? undefined : sourceOf(home, files, database?.hosts ?? []);
  const requirements = home === undefined ? [] : requirementsOf(home, files, built?.image.runs ?? [], "Dockerfile");
  const driver = driverOf(requirements)?.driver;
  return {
    ...input,
    definition,
    home,
    source,
    requirements,
    driver,
    storage,
    certainty: certaintyOf(definition, database, source, driver),
  };
}

/** Which services use a database. */
interface Users {
  readonly owner: string | undefined;
  readonly others: readonly string[];
}

/** Decides about a service what its parts need. */
function subjectOf(found: Found, { owner, others }: Users): Subject {
  const { service, files, built, database, definition, home, source, driver, storage, certainty } = found;
  const usesDatabase = owner === service;
  const passwordFiles = passwordFilesOf(definition, database?.passwordFile);
  const started =
    `${spoken(definition.entrypoint)} ${spoken(definition.command)}`.trim() ||
    `${spoken(built?.image.entrypoint)} ${spoken(built?.image.cmd)}`;
  return {
    ...found,
    code: storage.code,
    volumePaths: storage.paths,
    usesDatabase,
    owner,
    others,
    passwordFiles,
    wantsOther: !usesDatabase && certainty > CERTAINTY.linked,
    command: started + scriptOf(started, home, files),
    labels: traefikLabels({ ...definition.deploy?.labels, ...definition.labels }),
    variables: variablesOf({
      application: found.name,
      environment: definition.environment ?? {},
      database,
      wanted: usesDatabase,
      reads: source?.reads ?? {},
      driver,
      passwordFiles,
      shared: found.shared,
    }),
  };
}

/** Whether a server's configuration sends requests to a host: nginx's `proxy_pass` and `server`, Apache's `ProxyPass`. */
const proxiesTo = (text: string, host: string) => {
  const words = text.replace(/^\s*#.*$/gm, "").split(/[\s;"']+/);
  return words.some((word, index) => {
    const [, url, server] = /^(?:\w+:\/\/([^:/]+)|([^:/]+)(?::\d+)?$)/.exec(word) ?? [];
    return url === host || (words[index - 1] === "server" && server === host);
  });
};

/** Configuration of web servers. */
const CONFIGURATION = /\.conf(\.template)?$|\/sites-(enabled|available)\/[^/]+$|\/conf\.d\/[^/]+$|\/Caddyfile$/;

/** Variables and configuration files that name another service of the project, whose name means nothing in the cluster. */
function otherServices({ service, definition, project, database, files, site }: Subject): Note[] {
  const others = Object.keys(project.services).filter((one) => one !== service && !database?.hosts.includes(one));
  const naming = (place: string, isNamed: (other: string) => boolean) => {
    const other = others.find(isNamed);
    return other === undefined ? [] : [noteOn(service)("todo", say.todo.otherService(place, other))];
  };
  const note = noteOn(service);
  /** What a web server's own configuration sends on: the Ingress does so itself. */
  const sentOn = (file: string, text: string) =>
    others
      .filter((one) => proxiesTo(text, one))
      .map((one) => {
        const path = site?.routes.find((route) => route.service === one && route.path !== "/")?.path;
        return note("todo", path === undefined ? say.todo.otherService(file, one) : say.todo.sentOn(file, path, one));
      });
  return [
    ...Object.entries(definition.environment ?? {}).flatMap(([key, value]) => naming(key, (one) => namesHost(value, [one]))),
    ...filesAt(definition, project, files, CONFIGURATION).flatMap(({ source }) =>
      sentOn(relative(project.folder, source), files.read(source) ?? ""),
    ),
  ];
}

/** Keys of `deploy` that something reads, or that only an orchestrator has. */
const DEPLOY = ["replicas", "resources", "labels", "placement", "mode"];

function otherNotes(subject: Subject): Note[] {
  const { service, definition, project, requirements } = subject;
  const note = noteOn(service);
  const deploy = Object.keys(definition.deploy ?? {}).filter((key) => !DEPLOY.includes(key));
  const reached = outsideHosts(
    Object.values(definition.environment ?? {}).filter((value): value is string => value !== null),
    project,
  );
  return [
    ...(deploy.length > 0 ? [note("leftOut", say.keys.platform(deploy.map((key) => `deploy.${key}`).join(", ")))] : []),
    ...(reached.length > 0 ? [note("taken", say.taken.outgoing(reached.join(", ")))] : []),
    ...besideOldPackages(requirements).map(({ named, lines, file }) => note("todo", say.todo.oldPackage(named, lines.join(", "), file))),
    ...otherServices(subject),
    ...otherKeys(service, definition),
  ];
}

/** Decides an application: every key of its service becomes an entry or a note. */
export function importApplication(found: Found, users: Users): Imported {
  const { storage } = found;
  const subject = subjectOf(found, users);
  const { port, part: listening } = portPart(subject);
  const parts: readonly Part[] = [
    imagePart(subject),
    listening,
    commandPart(subject),
    securityPart(subject, port, storage.writable),
    environmentPart(subject),
    healthPart(subject),
    databasePart(subject),
    ingressPart(subject),
    storage.volumes,
  ];
  return {
    entries: parts.flatMap(({ entries }) => entries),
    notes: [
      noteOn(found.service)("taken", say.taken.application(found.name, port)),
      ...parts.flatMap(({ notes }) => notes),
      ...otherNotes(subject),
    ],
  };
}
