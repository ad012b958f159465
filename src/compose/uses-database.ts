import { relative } from "node:path";
import { compose as say } from "../messages/compose.ts";
import { reservedNames } from "../mysql-names.ts";
import { entry } from "./entry.ts";
import { type Note, noteOn, type Part, part, type Subject, when } from "./part.ts";
import { atLeast, type Driver, driverOf, type Requirement } from "./python.ts";
import { factOf, namesHost } from "./variables.ts";

/** Whether an application's connections use TLS by themselves, and what its driver needs. */
interface Tls {
  readonly requireTls: boolean;
  readonly why: string;
  /** What the user has to do. */
  readonly todo?: string;
}

/** How each driver connects. PyMySQL uses TLS by itself since 1.2 (its changelog), Connector/Python since 2.1 (its manual). */
function tlsOf(driver: Driver, { name, file, least }: Requirement, hasCryptography: boolean): Tls {
  const own = name === driver ? least : undefined;
  const plain = { requireTls: false, why: say.why.driverPlain(driver, file) };
  const withTls = (text: string) => ({ requireTls: true, why: say.why.driverWithTls(text, file) });
  switch (driver) {
    case "mysql-connector-python":
      return own === undefined || atLeast(own, "8.0.11") ? withTls(driver) : { ...withTls(driver), todo: say.todo.oldConnector(file) };
    case "mysql-connector":
      return { ...plain, todo: say.todo.connector(file) };
    case "pymysql":
      if (own !== undefined && atLeast(own, "1.2")) return withTls(`PyMySQL ${own}`);
      return hasCryptography ? plain : { ...plain, todo: say.todo.cryptography(file, driver) };
    case "aiomysql":
      return hasCryptography ? plain : { ...plain, todo: say.todo.cryptography(file, driver) };
    default:
      return plain;
  }
}

const isCryptography = ({ name, extras }: Requirement) => name === "cryptography" || (name === "pymysql" && extras.includes("rsa"));

function connection({ requirements, source }: Subject): Tls {
  const off = source?.withoutTls[0];
  if (off) return { requireTls: false, why: say.why.tlsOff(off.place), todo: say.todo.tlsOff(off.place) };
  const found = driverOf(requirements);
  if (!found) return { requireTls: false, why: say.why.noDriver };
  return tlsOf(found.driver, found.requirement, requirements.some(isCryptography));
}

const places = (list: readonly { readonly place: string }[] | undefined) => (list ?? []).map(({ place }) => place).join(", ");

/** What the source says that cannot stay. */
function sourceNotes({ service, source, database, variables }: Subject): (Note | undefined)[] {
  const note = noteOn(service);
  const native = places(source?.nativePassword);
  const roots = places(source?.roots);
  const hosts = places(source?.hosts);
  const { asRoot, usesDatabase } = variables;
  return [
    when(native, () => note("todo", say.todo.nativeInSource(native))),
    when(!native && database?.nativePassword, () => noteOn(database?.service ?? "")("replaced", say.replaced.nativePassword)),
    when(roots, () => note("todo", say.todo.rootInSource(roots))),
    when(!roots && asRoot.length > 0, () => note("taken", say.taken.noRoot(asRoot.join(", ")))),
    when(hosts, () => note("todo", say.todo.hardCoded(hosts))),
    when(!hosts && !usesDatabase, () => note("todo", say.todo.noVariables)),
  ];
}

/** An imported environment runs no sample application. */
const RESERVED = reservedNames(false);

const isAccount = (name: string) => /^\w{1,32}$/.test(name) && !RESERVED.users.has(name.toLowerCase());

/** The name that an application's database has where the file says none. */
const ownName = ({ name }: Subject): string => name.replaceAll("-", "_");

/** The first of the names that is free; else the last one with a number. */
function firstFree(names: readonly string[], isTaken: (name: string) => boolean): string {
  const numbered = Array.from({ length: 100 }, (_, index) => `${(names.at(-1) ?? "").slice(0, 29)}_${index + 2}`);
  return [...names, ...numbered].find((name) => !isTaken(name)) ?? "";
}

/**
 * The names of an application's database and account: those of the project, where no other application has them. `name` and `user` are
 * undefined where the file need not say them, and `holder` is the service that has the wished database.
 */
function namesOf(subject: Subject) {
  const { variables, database, taken, service } = subject;
  const given = variables.databaseName ?? database?.name;
  const wish = given?.replace(/\W/g, "_").slice(0, 64);
  const account = variables.databaseUser ?? database?.user;
  const databaseTaken = (name: string) => taken.databases.has(name) || RESERVED.databases.has(name.toLowerCase());
  const own = ownName(subject);
  const chosen = firstFree([...(wish === undefined ? [] : [wish]), own], databaseTaken);
  const holder = wish === undefined ? undefined : taken.databases.get(wish);
  const userTaken = (name: string) => taken.users.has(name) || !isAccount(name);
  const user = firstFree([...(account === undefined ? [] : [account]), chosen.slice(0, 32), own], userTaken);
  taken.databases.set(chosen, service);
  taken.users.add(user);
  return {
    given,
    wish,
    holder,
    name: chosen === own && chosen !== wish ? undefined : chosen,
    user: user === chosen.slice(0, 32) && user !== account ? undefined : user,
  };
}

/** An application without a database here, and what to do where it seems to use one. */
function withoutDatabase({ wantsOther, owner, database, service, definition }: Subject): Part {
  if (!wantsOther) return part([entry("database", false, say.why.noDatabase)]);
  if (owner === undefined)
    return part([entry("database", false, say.why.outsideDatabase)], [noteOn(service)("todo", say.todo.keepsOutside)]);
  const { service: name = "MySQL", hosts = [] } = database ?? {};
  const keys = Object.entries(definition.environment ?? {})
    .filter(([key, value]) => factOf(key) !== undefined || namesHost(value, hosts))
    .map(([key]) => key)
    .join(", ");
  return part(
    [entry("database", false, say.why.sharedDatabase(name, owner))],
    [noteOn(service)("todo", say.todo.sharedDatabase(name, owner, keys))],
  );
}

/** `database` of an application: its name and account, whether TLS is required, what runs in it first. */
export function databasePart(subject: Subject): Part {
  const { usesDatabase, database, folder, service, others } = subject;
  const note = noteOn(service);
  if (!usesDatabase) return withoutDatabase(subject);
  const { requireTls, why, todo } = connection(subject);
  const { given, wish, name, user, holder } = namesOf(subject);
  const reserved = wish !== undefined && RESERVED.databases.has(wish.toLowerCase());
  const initialise = (database?.initialise ?? []).map((file) => relative(folder, file));
  const { entries } = part([
    when(name, () => entry("name", name ?? "", name === wish ? say.why.databaseName : undefined)),
    when(user, () => entry("user", user ?? "")),
    entry("requireTls", requireTls, why),
    when(initialise.length > 0, () => entry("initialise", initialise, say.why.initialise)),
  ]);
  return part(
    [entry("database", entries)],
    [
      when(todo, () => note("todo", todo ?? "")),
      ...sourceNotes(subject),
      when(wish !== given, () => note("todo", say.todo.databaseRenamed(given ?? "", wish ?? ""))),
      when(holder, () => note("todo", say.todo.databaseTaken(wish ?? "", holder ?? "", name ?? ownName(subject)))),
      when(others.length > 0 && database, () => note("taken", say.taken.hasShared(database?.service ?? "", others.join(", ")))),
      when(reserved, () => note("todo", say.todo.reservedName(wish ?? ""))),
    ],
  );
}
