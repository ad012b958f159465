import { relative } from "node:path";
import { TAKEN } from "../config/application-rules.ts";
import { SAMPLE } from "../config/applications.ts";
import type { Language } from "../language.ts";
import { compose as say } from "../messages/compose.ts";
import { addressesOf } from "./addresses.ts";
import { importApplication } from "./application.ts";
import { type Database, databaseOf } from "./database.ts";
import { type Entry, entry } from "./entry.ts";
import type { Files, Project } from "./model.ts";
import { alertmanagerOf, grafanaOf, type Monitoring, prometheusOf } from "./monitoring.ts";
import { imageOf } from "./mounted.ts";
import { otherKeys } from "./other-keys.ts";
import { type Incoming, type Note, noteOn } from "./part.ts";
import { incomingOf, proxyNotes, readProxy } from "./proxies.ts";
import { type LeftOut, type Role, roleOf } from "./roles.ts";
import { isSecret } from "./variables.ts";

export interface Settings {
  readonly cluster: "kind" | "k3s";
  readonly language: Language;
  /** Folder of the environment file, absolute. */
  readonly folder: string;
  readonly files: Files;
  /** Profiles whose services are taken too. */
  readonly profiles: readonly string[];
  /** Imports a dashboard: its name in environments, or why it cannot be used. */
  readonly dashboard: (file: string) => { readonly name: string } | { readonly why: string };
}

/** An environment file, and what was decided on the way. */
export interface Decided {
  readonly entries: readonly Entry[];
  readonly notes: readonly Note[];
  /** Names of the applications. */
  readonly applications: readonly string[];
}

const label = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 30)
    .replace(/-+$/, "");

/** The name of an application: its service's, where that is free. */
function applicationName(service: string, project: Project, used: ReadonlySet<string>): string {
  const own = label(service);
  const whole = label(project.name);
  const free = (name: string) => name !== "" && name !== SAMPLE && !TAKEN.has(name) && !used.has(name);
  const candidates = [own, whole, label(`${whole}-${own}`), label(`${own}-site`)];
  for (let number = 2; ; number++) {
    const name = candidates.find(free);
    if (name !== undefined) return name;
    candidates.push(`${label(own || "site").slice(0, 27)}-${number}`);
  }
}

/** Machines that an environment is written for; the user corrects them. */
const MACHINE = {
  kind: [entry("memory", "4Gi"), entry("cpu", "2")],
  k3s: [entry("instance", "t3.small")],
} as const;

const LEFT_OUT: readonly LeftOut[] = ["cache", "queue", "otherDatabase", "logs", "mail", "tool", "worker", "task"];

/** The services of a project by what they are for. */
interface Sorted {
  readonly project: Project;
  readonly settings: Settings;
  readonly names: readonly string[];
  readonly incoming: ReadonlyMap<string, readonly Incoming[]>;
  readonly withRole: (role: Role) => readonly string[];
}

function sort(project: Project, settings: Settings): Sorted & { readonly notes: readonly Note[] } {
  const { files, profiles } = settings;
  const isActive = (own: readonly string[] = []) => own.length === 0 || own.some((one) => profiles.includes(one) || profiles.includes("*"));
  const all = Object.entries(project.services);
  const names = all.filter(([, { profiles: own }]) => isActive(own)).map(([name]) => name);
  const passive = all.filter(([name]) => !names.includes(name));
  const role = (name: string, reached: boolean) => {
    const service = project.services[name] ?? {};
    return roleOf(service, imageOf(service, files)?.image, reached);
  };
  const proxies = names.filter((name) => role(name, false) === "proxy").map((name) => readProxy(name, project, files));
  const incoming = incomingOf(proxies, project, names);
  const roles = new Map(names.map((name) => [name, role(name, incoming.has(name))]));
  return {
    project,
    settings,
    names,
    incoming,
    withRole: (wanted) => names.filter((name) => roles.get(name) === wanted),
    notes: [
      ...passive.map(([name, { profiles: own = [] }]) => noteOn(name)("leftOut", say.leftOut.profile(own.join(", "), own[0] ?? ""))),
      ...proxies.flatMap((proxy) => [...proxyNotes(proxy, project), ...otherKeys(proxy.name, project.services[proxy.name] ?? {})]),
    ],
  };
}

/** The project's databases, each under every name that services have for it. */
function databasesOf({ project, settings: { files }, withRole }: Sorted): Database[] {
  const links = Object.values(project.services).flatMap(({ links: own = [] }) => own.map((link) => link.split(":")));
  return withRole("database").map((name) =>
    databaseOf(
      name,
      project,
      files,
      links.flatMap(([from, alias]) => (from === name && alias !== undefined ? [alias] : [])),
    ),
  );
}

function databaseNotes(database: Database, project: Project): Note[] {
  const { service, version, mariadb, scripts, settings, options, initialise, missing } = database;
  const { volumes = [], ports = [] } = project.services[service] ?? {};
  const shown = (paths: readonly string[]) => paths.map((path) => relative(project.folder, path)).join(", ");
  const kept = options.filter((option) => !/native_password|^--default-authentication/.test(option));
  const note = noteOn(service);
  const found: readonly (readonly [unknown, () => Note])[] = [
    [true, () => note("replaced", say.replaced.database)],
    [initialise.length, () => note("taken", say.taken.initialise(shown(initialise)))],
    [missing.length, () => note("todo", say.todo.missing(shown(missing)))],
    [scripts.length, () => note("todo", say.todo.scripts(shown(scripts)))],
    [settings.length, () => note("leftOut", say.leftOut.settings(shown(settings)))],
    [kept.length, () => note("leftOut", say.leftOut.options(kept.join(" ")))],
    [mariadb, () => note("todo", say.todo.mariadb)],
    [!mariadb && version?.startsWith("5"), () => note("todo", say.todo.oldMysql(version ?? ""))],
    [volumes.some(({ target }) => target === "/var/lib/mysql"), () => note("todo", say.todo.data)],
    [ports.length, () => note("leftOut", say.leftOut.databasePort)],
  ];
  return [...found.flatMap(([holds, make]) => (holds ? [make()] : [])), ...otherKeys(service, project.services[service] ?? {})];
}

function leftOutNotes({ withRole }: Sorted): Note[] {
  return LEFT_OUT.flatMap((role) =>
    withRole(role).flatMap((name) => {
      const todo = say.roleTodo[role];
      return [noteOn(name)("leftOut", say.role[role]), ...(todo === undefined ? [] : [noteOn(name)("todo", todo)])];
    }),
  );
}

/** Values of secrets that several applications have: they must stay the same. */
function sharedSecrets(project: Project, applications: readonly string[]): ReadonlySet<string> {
  const values = applications.flatMap((name) => {
    const own = Object.entries(project.services[name]?.environment ?? {});
    return [...new Set(own.flatMap(([key, value]) => (value && isSecret(key, value) ? [value] : [])))];
  });
  return new Set(values.filter((value, index) => values.indexOf(value) !== index));
}

/** What a proxy has at `/` comes first, so that it keeps it; then what no proxy leads to, then what has a path of its own. */
function rank(incoming: readonly Incoming[] = []): number {
  if (incoming.length === 0) return 1;
  return incoming.some(({ route }) => route.path === "/") ? 0 : 2;
}

/** That an application has another name than its service. */
function renamed(service: string, name: string): Note[] {
  if (name === service) return [];
  return [noteOn(service)("taken", name === label(service) ? say.taken.respelled(name) : say.taken.renamed(name))];
}

/** The applications of a project, in the order in which they get their addresses. */
function importAll(sorted: Sorted, databases: readonly Database[], metrics: Monitoring["metrics"]) {
  const { project, settings, incoming, withRole } = sorted;
  const services = [...withRole("application")].sort((one, other) => rank(incoming.get(one)) - rank(incoming.get(other)));
  const addresses = addressesOf(settings.cluster, services.length === 1);
  const shared = sharedSecrets(project, services);
  const used = new Set<string>();
  const owned = new Set<string>();
  const notes: Note[] = [];
  const entries = services.map((service) => {
    const name = applicationName(service, project, used);
    used.add(name);
    const definition = project.services[service] ?? {};
    const database = databases.find((one) => one.service in (definition.depends_on ?? {})) ?? databases[0];
    const key = database?.service ?? "";
    const result = importApplication({
      name,
      service,
      project,
      files: settings.files,
      built: imageOf(definition, settings.files),
      database,
      ownsDatabase: (databases.length > 0 || services.length === 1) && !owned.has(key),
      incoming: incoming.get(service) ?? [],
      metrics: Object.hasOwn(metrics, service) ? metrics[service] : undefined,
      folder: settings.folder,
      shared,
      place: (wanted) => addresses.place(service, name, wanted),
    });
    notes.push(...renamed(service, name), ...result.notes);
    if (result.usesDatabase) {
      owned.add(key);
      if (database === undefined) notes.push(noteOn(service)("todo", say.todo.outsideDatabase));
    }
    return entry(name, result.entries, say.why.application(service));
  });
  const unused = databases
    .filter(({ service }) => !owned.has(service))
    .map(({ service }) => noteOn(service)("todo", say.todo.unusedDatabase));
  return { entries, ingress: addresses.entries, notes: [...notes, ...addresses.notes, ...unused] };
}

/** Imports the project's dashboards. */
function dashboardsOf(files: readonly string[], project: Project, settings: Settings): { names: string[]; notes: Note[] } {
  const results = files.map((file) => ({ shown: relative(project.folder, file), ...settings.dashboard(file) }));
  return {
    names: [...new Set(results.flatMap((one) => ("name" in one ? [one.name] : [])))],
    notes: results.map((one) =>
      "name" in one
        ? noteOn(one.shown)("taken", say.taken.dashboard(one.name))
        : noteOn(one.shown)("leftOut", say.leftOut.dashboard(one.why)),
    ),
  };
}

/** Decides what becomes of every service of a project: an environment file's entries, and a note on each decision. */
export function decide(project: Project, settings: Settings): Decided {
  const sorted = sort(project, settings);
  const { withRole } = sorted;
  const { cluster, language, files } = settings;
  const databases = databasesOf(sorted);
  const monitoring: readonly Monitoring[] = [
    ...withRole("prometheus").map((name) => prometheusOf(name, project, files, withRole("application"), settings.folder)),
    ...withRole("grafana").map((name) => grafanaOf(name, project, files)),
    ...withRole("alertmanager").map((name) => alertmanagerOf(name, project, files)),
  ];
  const metrics = Object.assign({}, ...monitoring.map((one) => one.metrics)) as Monitoring["metrics"];
  const imported = importAll(sorted, databases, metrics);
  // Without an application nothing will be written.
  const found = imported.entries.length > 0 ? monitoring.flatMap((one) => one.dashboards) : [];
  const dashboards = dashboardsOf(found, project, settings);
  const monitored = [
    ...monitoring.flatMap((one) => one.entries),
    ...(dashboards.names.length > 0 ? [entry("imported", dashboards.names, say.why.dashboards)] : []),
  ];
  const entries: Entry[] = [
    entry("cluster", cluster, say.why.cluster),
    entry("machine", MACHINE[cluster], say.why.machine),
    entry("language", language),
    ...(imported.ingress.length > 0 ? [entry("ingress", imported.ingress)] : []),
    ...(monitored.length > 0 ? [entry("monitoring", monitored)] : []),
    entry("applications", imported.entries, say.why.applications),
  ];
  const notes: Note[] = [
    ...sorted.notes,
    ...databases.flatMap((database) => databaseNotes(database, project)),
    ...monitoring.flatMap((one) => one.notes),
    ...withRole("exporter").map((name) => noteOn(name)("replaced", say.replaced.exporter)),
    ...withRole("admin").map((name) => noteOn(name)("replaced", say.replaced.admin)),
    ...leftOutNotes(sorted),
    ...imported.notes,
    ...dashboards.notes,
    ...(project.unset.length > 0 ? [noteOn(".env")("todo", say.todo.unset(project.unset.join(", ")))] : []),
  ];
  return { entries, notes, applications: imported.entries.map(({ key }) => key) };
}
