import { relative } from "node:path";
import { TAKEN } from "../config/application-rules.ts";
import { SAMPLE } from "../config/applications.ts";
import type { Language } from "../language.ts";
import { compose as say } from "../messages/compose.ts";
import { addressesOf } from "./addresses.ts";
import { CERTAINTY, type Found, findOut, importApplication } from "./application.ts";
import { type Database, databaseOf } from "./database.ts";
import { type Entry, entry } from "./entry.ts";
import { machineFor } from "./machine.ts";
import type { Files, Project, Service } from "./model.ts";
import { alertmanagerOf, grafanaOf, type Monitoring, prometheusOf } from "./monitoring.ts";
import { imageOf } from "./mounted.ts";
import { otherKeys } from "./other-keys.ts";
import { type Incoming, type Note, noteOn, type TakenNames } from "./part.ts";
import { incomingOf, isReadable, type ProxyService, proxyNotes, readProxy } from "./proxies.ts";
import type { Proxied } from "./proxy.ts";
import { isServed, type LeftOut, type Proxy as ProxyKind, type Role, roleOf } from "./roles.ts";
import { isSecret, namesHost } from "./variables.ts";

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

/** Why an application cannot have a name; undefined where it can. @param used names with the services that have them */
function refusedName(name: string, used: ReadonlyMap<string, string>): string | undefined {
  if (name === "") return say.renamed.noLetters;
  if (name === SAMPLE) return say.renamed.sample(SAMPLE);
  const other = used.get(name);
  if (other !== undefined) return say.renamed.used(name, other);
  return TAKEN.has(name) ? say.renamed.taken(name) : undefined;
}

/** The name of an application: its service's, where that is free. */
function applicationName(service: string, project: Project, used: ReadonlyMap<string, string>): string {
  const own = label(service);
  const whole = label(project.name);
  const free = (name: string) => refusedName(name, used) === undefined;
  const candidates = [own, whole, label(`${whole}-${own}`), label(`${own}-site`)];
  for (let number = 2; ; number++) {
    const name = candidates.find(free);
    if (name !== undefined) return name;
    candidates.push(`${label(own || "site").slice(0, 27)}-${number}`);
  }
}

const LEFT_OUT: readonly LeftOut[] = ["cache", "queue", "otherDatabase", "logs", "mail", "tool", "worker", "task"];

/** The services of a project by what they are for. */
interface Sorted {
  readonly project: Project;
  readonly settings: Settings;
  readonly names: readonly string[];
  readonly incoming: ReadonlyMap<string, readonly Incoming[]>;
  /** The configuration of web servers that are applications. */
  readonly sites: ReadonlyMap<string, Proxied>;
  readonly withRole: (role: Role) => readonly string[];
}

/** The routes of a web server that serves `/` itself: paths of its own that it sends on. */
const withoutRoot = (site: ProxyService): ProxyService => ({
  ...site,
  proxied: site.proxied && { ...site.proxied, routes: site.proxied.routes.filter(({ path }) => path !== "/"), sockets: [] },
});

function sort(project: Project, settings: Settings): Sorted & { readonly notes: readonly Note[] } {
  const { files, profiles } = settings;
  const isActive = (own: readonly string[] = []) => own.length === 0 || own.some((one) => profiles.includes(one) || profiles.includes("*"));
  const all = Object.entries(project.services);
  const names = all.filter(([, { profiles: own }]) => isActive(own)).map(([name]) => name);
  const passive = all.filter(([name]) => !names.includes(name));
  const imageNow = (name: string) => imageOf(project.services[name] ?? {}, files)?.image;
  const role = (name: string, reached: boolean) => roleOf(project.services[name] ?? {}, imageNow(name), reached);
  const isServer = (name: string, kind: ProxyKind) =>
    role(name, false) === "proxy" || (isReadable(kind) && role(name, false) === "application");
  const servers = names.map((name) => readProxy(name, project, files)).filter(({ name, kind }) => isServer(name, kind));
  const ways = (server: ProxyService) => [...incomingOf([server], project, names).values()].flat();
  const mountsFiles = (name: string) =>
    (project.services[name]?.volumes ?? []).some(({ type, source, target }) => type === "bind" && source !== undefined && isServed(target));
  // A web server that serves files of the project is an application, unless it sends every other request on.
  const isSite = (server: ProxyService) =>
    role(server.name, false) === "application" ||
    (isReadable(server.kind) && mountsFiles(server.name) && !ways(server).some(({ route }) => route.path === "/"));
  const sites = servers.filter(isSite);
  const proxies = servers.filter((server) => !sites.includes(server));
  const incoming = incomingOf([...proxies, ...sites.map(withoutRoot)], project, names);
  const roles = new Map(
    names.map((name) => [name, sites.some((site) => site.name === name) ? "application" : role(name, incoming.has(name))]),
  );
  return {
    project,
    settings,
    names,
    incoming,
    sites: new Map(sites.flatMap(({ name, proxied }) => (proxied ? [[name, proxied]] : []))),
    withRole: (wanted) => names.filter((name) => roles.get(name) === wanted),
    notes: [
      ...passive.map(([name, { profiles: own = [] }]) => noteOn(name)("leftOut", say.leftOut.profile(own.join(", "), own[0] ?? ""))),
      ...proxies.flatMap((proxy) => [
        ...proxyNotes(proxy, project, ways(proxy).length > 0),
        ...otherKeys(proxy.name, project.services[proxy.name] ?? {}),
      ]),
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
  const { service, version, mariadb, scripts, capitals, accountOnly, settings, options, initialise, missing } = database;
  const { volumes = [], ports = [] } = project.services[service] ?? {};
  const shown = (paths: readonly string[]) => paths.map((path) => relative(project.folder, path)).join(", ");
  const kept = options.filter((option) => !/native_password|^--default-authentication/.test(option));
  const note = noteOn(service);
  const found: readonly (readonly [unknown, () => Note])[] = [
    [true, () => note("replaced", say.replaced.database)],
    [initialise.length, () => note("taken", say.taken.initialise(shown(initialise)))],
    [accountOnly.length, () => note("leftOut", say.leftOut.accountOnly(shown(accountOnly)))],
    [missing.length, () => note("todo", say.todo.missing(shown(missing)))],
    [capitals.length, () => note("taken", say.taken.capitals(shown(capitals)))],
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

/** That an application has another name than its service, and why. */
function renamed(service: string, name: string, used: ReadonlyMap<string, string>): Note[] {
  if (name === service) return [];
  const why = refusedName(label(service), used);
  return [noteOn(service)("taken", why === undefined ? say.taken.respelled(name) : say.taken.renamed(name, why))];
}

/** The database that a service uses: the one that its variables name, else the one that it waits for, else the first. */
function databaseFor({ environment = {}, depends_on: depends = {} }: Service, databases: readonly Database[]): Database | undefined {
  const named = databases.find(({ hosts }) => Object.values(environment).some((value) => namesHost(value, hosts)));
  return named ?? databases.find((one) => one.service in depends) ?? databases[0];
}

/** The service that gets a database: the one that is most certain to use it; of several one that waits for it, then the first of the file. */
function ownerOf(found: readonly Found[], order: readonly string[]): Found | undefined {
  const waits = ({ definition, database }: Found) => Number(database !== undefined && database.service in (definition.depends_on ?? {}));
  return found
    .filter(({ certainty }) => certainty > 0)
    .sort(
      (one, other) =>
        other.certainty - one.certainty || waits(other) - waits(one) || order.indexOf(one.service) - order.indexOf(other.service),
    )[0];
}

/** The applications of a project, in the order in which they get their addresses. */
function importAll(sorted: Sorted, databases: readonly Database[], metrics: Monitoring["metrics"]) {
  const { project, settings, incoming, sites, withRole } = sorted;
  const services = [...withRole("application")].sort((one, other) => rank(incoming.get(one)) - rank(incoming.get(other)));
  const addresses = addressesOf(settings.cluster, services.length === 1);
  const shared = sharedSecrets(project, services);
  const used = new Map<string, string>();
  const taken: TakenNames = { databases: new Map(), users: new Set() };
  const notes: Note[] = [];
  const candidates = services.map((service) => {
    const name = applicationName(service, project, used);
    notes.push(...renamed(service, name, used));
    used.set(name, service);
    const definition = project.services[service] ?? {};
    return findOut({
      name,
      service,
      project,
      files: settings.files,
      built: imageOf(definition, settings.files),
      database: databaseFor(definition, databases),
      incoming: incoming.get(service) ?? [],
      site: sites.get(service),
      metrics: Object.hasOwn(metrics, service) ? metrics[service] : undefined,
      folder: settings.folder,
      shared,
      taken,
      place: (wanted) => addresses.place(service, name, wanted),
    });
  });
  const usersOf = (database: Database | undefined) => candidates.filter((one) => one.database === database);
  // A database outside of the project can be replaced where one application alone uses it.
  const owners = [...databases, ...(databases.length === 0 && services.length === 1 ? [undefined] : [])].map((one) =>
    ownerOf(usersOf(one), withRole("application")),
  );
  const entries = candidates.map((found) => {
    const { service, name, database } = found;
    const owner = owners.find((one) => one?.database === database)?.service;
    const others = owner === service ? usersOf(database).filter((one) => one !== found && one.certainty > CERTAINTY.linked) : [];
    const result = importApplication(found, { owner, others: others.map((one) => one.service) });
    notes.push(...result.notes);
    if (owner === service && database === undefined) notes.push(noteOn(service)("todo", say.todo.outsideDatabase));
    return entry(name, result.entries, say.why.application(service));
  });
  const unused = databases
    .filter((database) => !owners.some((owner) => owner?.database === database))
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
  const { machine, applications } = machineFor(cluster, imported.entries);
  const entries: Entry[] = [
    entry("cluster", cluster, say.why.cluster),
    entry("machine", machine, say.why.machine),
    entry("language", language),
    ...(imported.ingress.length > 0 ? [entry("ingress", imported.ingress)] : []),
    ...(monitored.length > 0 ? [entry("monitoring", monitored)] : []),
    entry("applications", applications, say.why.applications),
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
