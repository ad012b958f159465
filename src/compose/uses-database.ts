import { relative } from "node:path";
import { compose as say } from "../messages/compose.ts";
import { reservedNames } from "../mysql-names.ts";
import { entry } from "./entry.ts";
import { type Note, noteOn, type Part, part, type Subject, when } from "./part.ts";
import { atLeast, type Driver, driverOf, type Requirement } from "./python.ts";

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

/** `database` of an application: its name and account, whether TLS is required, what runs in it first. */
export function databasePart(subject: Subject): Part {
  const { usesDatabase, wantsShared, database, variables, folder, service } = subject;
  const note = noteOn(service);
  if (!usesDatabase) {
    const why = wantsShared ? say.why.sharedDatabase(database?.service ?? "MySQL") : say.why.noDatabase;
    return part([entry("database", false, why)], [when(wantsShared, () => note("todo", say.todo.sharedDatabase))]);
  }
  const { requireTls, why, todo } = connection(subject);
  const given = variables.databaseName ?? database?.name;
  const wish = given?.replace(/\W/g, "_").slice(0, 64);
  const reserved = wish !== undefined && RESERVED.databases.has(wish.toLowerCase());
  const account = variables.databaseUser ?? database?.user;
  const initialise = (database?.initialise ?? []).map((file) => relative(folder, file));
  const { entries } = part([
    when(wish && !reserved, () => entry("name", wish ?? "", say.why.databaseName)),
    when(account && isAccount(account), () => entry("user", account ?? "")),
    entry("requireTls", requireTls, why),
    when(initialise.length > 0, () => entry("initialise", initialise, say.why.initialise)),
  ]);
  return part(
    [entry("database", entries)],
    [
      when(todo, () => note("todo", todo ?? "")),
      ...sourceNotes(subject),
      when(wish !== given, () => note("todo", say.todo.databaseRenamed(given ?? "", wish ?? ""))),
      when(reserved, () => note("todo", say.todo.reservedName(wish ?? ""))),
    ],
  );
}
