import { join, relative } from "node:path";
import { compose as say } from "../messages/compose.ts";
import { isRemote } from "./canonical.ts";
import type { Entry } from "./entry.ts";
import { environmentPart } from "./given-secrets.ts";
import { imagePart } from "./image.ts";
import { portPart, securityPart } from "./listens.ts";
import type { Files, Service } from "./model.ts";
import { filesAt } from "./mounted.ts";
import { otherKeys } from "./other-keys.ts";
import { type ApplicationInput, type Note, noteOn, type Part, type Subject, spoken } from "./part.ts";
import { traefikLabels } from "./proxy.ts";
import { driverOf, requirementsOf, sourceOf } from "./python.ts";
import { ingressPart, outsideHosts } from "./reached.ts";
import { commandPart, healthPart } from "./runtime.ts";
import { databasePart } from "./uses-database.ts";
import { variablesOf } from "./variables.ts";
import { type Storage, storageOf } from "./volumes.ts";

/** An application as the environment file has it. */
export interface Imported {
  readonly entries: readonly Entry[];
  readonly notes: readonly Note[];
  readonly usesDatabase: boolean;
}

/** What a script of the project runs, where the command names one. */
function scriptOf(command: string, home: string | undefined, files: Files): string {
  const [, name] = /([\w.-]+\.sh)\b/.exec(command) ?? [];
  if (name === undefined || home === undefined) return "";
  const text = ["", "scripts", "docker", "app"].map((folder) => files.read(join(home, folder, name))).find((one) => one !== undefined);
  return text === undefined ? "" : ` ; ${text.replace(/^\s*#.*$/gm, "")}`;
}

/** Whether a value names one of the hosts, alone, with a port, or in a URL. */
const names = (value: string | null, hosts: readonly string[]) =>
  value !== null &&
  hosts.some((host) => value === host || value.startsWith(`${host}:`) || value.includes(`@${host}`) || value.includes(`//${host}`));

/** The files in which a container finds the database's password. */
function passwordFilesOf({ secrets = [] }: Service, passwordFile: string | undefined): string[] {
  if (passwordFile === undefined) return [];
  return secrets
    .filter(({ source, target }) => passwordFile === target || passwordFile.endsWith(`/${source}`))
    .map(({ source, target }) => target ?? `/run/secrets/${source}`);
}

/** Finds out about a service what its parts need. */
function subjectOf(input: ApplicationInput, { code }: Storage): Subject {
  const { service, project, files, built, database, ownsDatabase } = input;
  const definition = project.services[service] ?? {};
  const { build, environment = {} } = definition;
  const home = build && !isRemote(build.context) ? build.context : code?.source;
  const hosts = database?.hosts ?? [];
  const source = home === undefined ? undefined : sourceOf(home, files, hosts);
  const requirements = home === undefined ? [] : requirementsOf(home, files, built?.image.runs ?? [], "Dockerfile");
  const driver = driverOf(requirements)?.driver;
  const mentions = Object.values(environment).some((value) => names(value, hosts));
  const linked = Object.keys(definition.depends_on ?? {}).some((one) => one === database?.service);
  const seems = driver !== undefined || mentions;
  const usesDatabase = ownsDatabase && (seems || linked || (source?.hosts ?? []).length > 0);
  const passwordFiles = passwordFilesOf(definition, database?.passwordFile);
  const started =
    `${spoken(definition.entrypoint)} ${spoken(definition.command)}`.trim() ||
    `${spoken(built?.image.entrypoint)} ${spoken(built?.image.cmd)}`;
  return {
    ...input,
    definition,
    source,
    requirements,
    code,
    usesDatabase,
    passwordFiles,
    wantsShared: !ownsDatabase && seems,
    command: started + scriptOf(started, home, files),
    labels: traefikLabels({ ...definition.deploy?.labels, ...definition.labels }),
    variables: variablesOf({
      application: input.name,
      environment,
      database,
      wanted: usesDatabase,
      reads: source?.reads ?? {},
      driver,
      passwordFiles,
      shared: input.shared,
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

/** Variables and configuration files that name another service of the project, whose name means nothing in the cluster. */
function otherServices({ service, definition, project, database, files }: Subject): Note[] {
  const others = Object.keys(project.services).filter((one) => one !== service && !database?.hosts.includes(one));
  const naming = (place: string, isNamed: (other: string) => boolean) => {
    const other = others.find(isNamed);
    return other === undefined ? [] : [noteOn(service)("todo", say.todo.otherService(place, other))];
  };
  return [
    ...Object.entries(definition.environment ?? {}).flatMap(([key, value]) => naming(key, (one) => names(value, [one]))),
    ...filesAt(definition, project, files, /\.conf(\.template)?$/).flatMap(({ source }) =>
      naming(relative(project.folder, source), (one) => proxiesTo(files.read(source) ?? "", one)),
    ),
  ];
}

/** Keys of `deploy` that something reads, or that only an orchestrator has. */
const DEPLOY = ["replicas", "resources", "labels", "placement", "mode"];

function otherNotes(subject: Subject): Note[] {
  const { service, definition, project } = subject;
  const note = noteOn(service);
  const deploy = Object.keys(definition.deploy ?? {}).filter((key) => !DEPLOY.includes(key));
  const reached = outsideHosts(
    Object.values(definition.environment ?? {}).filter((value): value is string => value !== null),
    project,
  );
  return [
    ...(deploy.length > 0 ? [note("leftOut", say.keys.platform(deploy.map((key) => `deploy.${key}`).join(", ")))] : []),
    ...(reached.length > 0 ? [note("taken", say.taken.outgoing(reached.join(", ")))] : []),
    ...otherServices(subject),
    ...otherKeys(service, definition),
  ];
}

/** Decides an application: every key of its service becomes an entry or a note. */
export function importApplication(input: ApplicationInput): Imported {
  const storage = storageOf(input);
  const subject = subjectOf(input, storage);
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
      noteOn(input.service)("taken", say.taken.application(input.name, port)),
      ...parts.flatMap(({ notes }) => notes),
      ...otherNotes(subject),
    ],
    usesDatabase: subject.usesDatabase,
  };
}
