import type { DatabaseFact as Fact } from "../config/applications.ts";
import { escapePlaceholders } from "../config/placeholders.ts";
import { compose as say } from "../messages/compose.ts";
import type { Database } from "./database.ts";
import { type Entry, entry } from "./entry.ts";
import type { Driver, Reading } from "./python.ts";

const placeholder = (fact: Fact) => `{database.${fact}}`;

const DATABASE_LIKE = /(^|_)(DB|DATABASE|MYSQL|MARIADB|SQL|RDS|SQLALCHEMY|JDBC|DATASOURCE)|DB(_|$|HOST|USER|PASS|NAME|PORT)/i;

/** By the end of a variable's name, what it holds. The first that fits is taken. */
const FACTS: readonly (readonly [RegExp, Fact])[] = [
  [/(_|^)(URL|URI|DSN)$/i, "url"],
  [/PORT$/i, "port"],
  [/(HOST|HOSTNAME|SERVER|ADDRESS|ADDR|ENDPOINT)$/i, "host"],
  [/(USER|USERNAME|USR|LOGIN)$/i, "user"],
  [/(PASS|PASSWD|PASSWORD|PWD)$/i, "password"],
  [/(NAME|DATABASE|SCHEMA|DB)$/i, "name"],
];

const endOf = (name: string): Fact | undefined => FACTS.find(([pattern]) => pattern.test(name))?.[1];

const OTHER = /ROOT|ADMIN|TEST|SQLITE|POSTGRES|PG|MONGO|REDIS|TRACK|ECHO|POOL|TIMEOUT|DIALECT|DRIVER|ENGINE|CHARSET|CONNECTION$|TYPE$/i;

/** What a variable holds of the database by its name alone; undefined where that is not certain. */
export function factOf(name: string): Fact | undefined {
  if (!DATABASE_LIKE.test(name) || OTHER.test(name)) return undefined;
  return endOf(name);
}

const URL = /^(jdbc:)?([a-z][\w+]*):\/\/(?:([^:@/\s]*)(?::([^@\s]*))?@)?([^:/?@\s]+)(?::(\d+))?(?:\/([^?\s]*))?(\?\S*)?$/i;

interface DatabaseUrl {
  readonly scheme: string;
  readonly user?: string;
  readonly host: string;
  readonly name?: string;
  /** With `{database.…}` for each part that it has. */
  readonly template: string;
}

function urlOf(value: string): DatabaseUrl | undefined {
  const [, jdbc = "", scheme, user, password, host, port, name, query = ""] = URL.exec(value) ?? [];
  if (scheme === undefined || host === undefined || !/^(mysql|mariadb)/i.test(scheme)) return undefined;
  const account = user === undefined ? "" : password === undefined ? "{database.user}@" : "{database.user}:{database.password}@";
  const whole = jdbc === "" && scheme === "mysql" && password !== undefined && query === "" && name;
  const template = whole
    ? placeholder("url")
    : `${jdbc}${scheme}://${account}{database.host}${port === undefined && jdbc === "" ? "" : ":{database.port}"}${name ? "/{database.name}" : ""}${query}`;
  return { scheme, host, template, ...(user && { user }), ...(name && { name }) };
}

/** The scheme of SQLAlchemy's URLs for each driver. */
const SCHEMES: Readonly<Record<Driver, string>> = {
  pymysql: "mysql+pymysql",
  mysqlclient: "mysql",
  "mysql-connector-python": "mysql+mysqlconnector",
  "mysql-connector": "mysql+mysqlconnector",
  aiomysql: "mysql+aiomysql",
  asyncmy: "mysql+asyncmy",
  mariadb: "mariadb+mariadbconnector",
};

const SECRET = /SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|ENCRYPT|(^|_)(PASS|PWD|KEY|SALT|DSN)$/i;
const PLAIN =
  /EXPIR|TTL|TIMEOUT|LIFETIME|MINUTES|HOURS|DAYS|SECONDS|LENGTH|ALGORITHM|HEADER|LOCATION|ISSUER|AUDIENCE|PUBLIC|ENABLED|(_NAME|_URL|_URI|_PATH|_DIR|_FILE|_ID|_TYPE|_PREFIX)$/i;
/** Values that only the application itself knows: a new random one is as good. */
const OWN =
  /^(\w+_)?(SECRET_KEY|APP_KEY|APP_SECRET|JWT_SECRET|SESSION_SECRET|SESSION_KEY|COOKIE_SECRET|CSRF_SECRET|FLASK_SECRET|FLASK_KEY|PASSWORD_SALT|SALT|SECRET)$/i;
const FOREIGN =
  /CLIENT|AWS|AZURE|GOOGLE|GCP|GITHUB|GITLAB|FACEBOOK|TWITTER|DISCORD|SLACK|TWILIO|STRIPE|PAYPAL|S3|MINIO|OAUTH|WEBHOOK|CAPTCHA|OPENAI|API|ENCRYPT|FERNET/i;
const URL_WITH_PASSWORD = /^[a-z][\w+.-]*:\/\/[^/\s:@]*:[^@/\s]+@/i;

/** Whether a variable holds something that must not stand in a file. */
export function isSecret(name: string, value: string): boolean {
  if (URL_WITH_PASSWORD.test(value)) return true;
  if (!SECRET.test(name) || PLAIN.test(name)) return false;
  return !/^(true|false|yes|no|on|off)$/i.test(value) && !(/^\d+$/.test(value) && !/PASS|PWD|PIN$|SECRET_KEY$/i.test(name));
}

/** An application's variables as entries of the environment file. */
export interface Variables {
  readonly env: readonly Entry[];
  readonly secrets: readonly Entry[];
  /** Whether one of them names the database. */
  readonly usesDatabase: boolean;
  /** The database's name in its URL or variables. */
  readonly databaseName?: string;
  /** The account in its variables. */
  readonly databaseUser?: string;
  /** Names of those that connect as root. */
  readonly asRoot: readonly string[];
  readonly leftOut: readonly { readonly key: string; readonly why: string }[];
  /** Variables that have no value in the project. */
  readonly empty: readonly string[];
  /** Names that the user's own Secret must hold. */
  readonly own: readonly string[];
}

export interface VariablesInput {
  readonly application: string;
  readonly environment: Readonly<Record<string, string | null>>;
  readonly database: Database | undefined;
  /** Whether it has a database here at all. */
  readonly wanted: boolean;
  /** Variables that its source reads. */
  readonly reads: Readonly<Record<string, Reading>>;
  readonly driver: Driver | undefined;
  /** Files with the database's password in its container. */
  readonly passwordFiles: readonly string[];
  /** Values of secrets that another service has too. */
  readonly shared: ReadonlySet<string>;
}

/** Name of the user's own Secret for an application. */
export const ownSecret = (application: string): string => `${application}-own`;

/** Whether a value names one of the hosts, alone, with a port, or in a URL. */
export const namesHost = (value: string | null, hosts: readonly string[]) =>
  value !== null &&
  hosts.some((host) => value === host || value.startsWith(`${host}:`) || value.includes(`@${host}`) || value.includes(`//${host}`));

/** What becomes of one variable. */
interface Verdict {
  readonly env?: Entry;
  readonly secret?: Entry;
  /** Why it is left out. */
  readonly leftOut?: string;
  readonly empty?: boolean;
  /** The user has to bring it. */
  readonly own?: boolean;
  /** It names the database. */
  readonly usesDatabase?: boolean;
  readonly databaseName?: string;
  readonly databaseUser?: string;
  readonly asRoot?: boolean;
}

interface Variable {
  readonly key: string;
  /** null: not set. */
  readonly given: string | null;
  readonly value: string;
}

/** Decides on a variable, or leaves it to the next rule. */
type Rule = (variable: Variable, input: VariablesInput) => Verdict | undefined;

const isHost = (value: string, database: Database | undefined) =>
  database?.hosts.some((host) => value === host || value === `${host}:3306`) ?? false;

/** Addresses of a database outside of the project, on the machine itself. */
const MACHINE = /^(localhost|127\.0\.0\.1|host\.docker\.internal)?$/;

/** A variable that holds a fact of the database. @param value what the project has there */
function factVerdict(key: string, value: string, fact: Fact, why: string): Verdict {
  const verdict = { env: entry(key, placeholder(fact), why), usesDatabase: true, empty: value === "" };
  if (fact === "name" && /^\w{1,64}$/.test(value)) return { ...verdict, databaseName: value };
  if (fact !== "user") return verdict;
  return value === "root" ? { ...verdict, asRoot: true } : { ...verdict, ...(/^\w{1,32}$/.test(value) && { databaseUser: value }) };
}

function urlVerdict(key: string, { user, name, template }: DatabaseUrl): Verdict {
  return {
    env: entry(key, template, say.why.databaseUrl),
    usesDatabase: true,
    asRoot: user === "root",
    ...(name !== undefined && { databaseName: name }),
    ...(user !== undefined && user !== "root" && { databaseUser: user }),
  };
}

const ownVerdict = (key: string, application: string): Verdict => ({
  own: true,
  secret: entry(key, [entry("from", ownSecret(application))], say.why.ownSecret(application, key)),
});

const rootPassword: Rule = ({ key }) => (/^(MYSQL|MARIADB|DB)_ROOT_PASSWORD(_FILE)?$/i.test(key) ? { leftOut: say.why.noRoot } : undefined);

const databaseUrl: Rule = ({ key, value }, { database, wanted }) => {
  const url = wanted ? urlOf(value) : undefined;
  const isOurs = url && (database === undefined || isHost(url.host, database) || factOf(key) === "url");
  return isOurs ? urlVerdict(key, url) : undefined;
};

const databaseHost: Rule = ({ key, value }, { database, wanted }) => {
  const fact = factOf(key);
  if (!wanted || !isHost(value, database) || fact === "name" || fact === "user") return undefined;
  const text = value.endsWith(":3306") ? "{database.host}:{database.port}" : placeholder("host");
  return { env: entry(key, text, say.why.databaseHost(value)), usesDatabase: true };
};

/** Where the host is the database's, bare names such as USER and PASSWORD belong to it too. */
const hasBareHost = ({ environment, database }: VariablesInput) =>
  Object.entries(environment).some(([name, value]) => /^(HOST(NAME)?|SERVER)$/i.test(name) && value !== null && isHost(value, database));

const databaseFact: Rule = ({ key, value }, input) => {
  if (!input.wanted) return undefined;
  const fact = factOf(key) ?? (hasBareHost(input) ? endOf(key) : undefined);
  if (fact === undefined) return undefined;
  if (fact === "url") return value === "" ? factVerdict(key, value, fact, say.why.byName) : undefined;
  // A host that is not the database's may be another server's.
  if (fact === "host" && input.database !== undefined && !MACHINE.test(value)) return undefined;
  return factVerdict(key, value, fact, fact === "password" ? say.why.databasePassword : say.why.databaseFact);
};

const databasePassword: Rule = ({ key, value }, { wanted, database }) =>
  wanted && value !== "" && /PASS|PWD/i.test(key) && database?.passwords.includes(value)
    ? factVerdict(key, value, "password", say.why.databasePassword)
    : undefined;

const passwordFile: Rule = ({ key, value }, { passwordFiles }) =>
  /_FILE$/.test(key) && passwordFiles.includes(value) ? { env: entry(key, value, say.why.passwordFile), usesDatabase: true } : undefined;

const isOwn = (key: string) => OWN.test(key) && !FOREIGN.test(key);

const secret: Rule = ({ key, value }, { application, shared }) => {
  if (!isSecret(key, value)) return undefined;
  const replaceable = isOwn(key) && !shared.has(value) && !URL_WITH_PASSWORD.test(value);
  if (replaceable) return { secret: entry(key, [entry("generate", true)], say.why.generated) };
  return value === "" ? { env: entry(key, "", say.why.emptySecret), empty: true } : ownVerdict(key, application);
};

/** Shorter passwords are parts of ordinary words. */
const LONG = 8;

const holdsPassword: Rule = ({ key, value }, { application, database }) =>
  database?.passwords.some((password) => password.length >= LONG && value.includes(password)) ? ownVerdict(key, application) : undefined;

const plain: Rule = ({ key, given, value }) =>
  given === null ? { leftOut: say.why.notSet } : { env: entry(key, escapePlaceholders(value)) };

/** The first that decides is taken. */
const RULES: readonly Rule[] = [
  rootPassword,
  databaseUrl,
  databaseHost,
  databaseFact,
  databasePassword,
  passwordFile,
  secret,
  holdsPassword,
  plain,
];

/** What the source reads and the project does not set: its default is the Compose project's, and would not be right here. */
function readVerdict(key: string, { place, fallback }: Reading, { wanted, driver }: VariablesInput): Verdict | undefined {
  if (isOwn(key)) return { secret: entry(key, [entry("generate", true)], say.why.readSecret(place)) };
  const fact = factOf(key);
  if (!wanted || fact === undefined) return undefined;
  if (fact !== "url") return { ...factVerdict(key, fallback ?? "", fact, say.why.read(place)), empty: false };
  const url = fallback === undefined ? undefined : urlOf(fallback);
  if (url) return urlVerdict(key, url);
  if (fallback !== undefined && /^sqlite/.test(fallback)) return undefined;
  const whole = "{database.user}:{database.password}@{database.host}:{database.port}/{database.name}";
  return {
    env: entry(key, driver === undefined ? placeholder("url") : `${SCHEMES[driver]}://${whole}`, say.why.read(place)),
    usesDatabase: true,
  };
}

/** Decides what becomes of each variable. */
export function variablesOf(input: VariablesInput): Variables {
  const { environment, reads } = input;
  const set = Object.entries(environment).map(([key, given]): [string, Verdict] => {
    const variable = { key, given, value: given ?? "" };
    return [key, RULES.map((rule) => rule(variable, input)).find((verdict) => verdict !== undefined) ?? {}];
  });
  const read = Object.entries(reads).flatMap(([key, reading]): [string, Verdict][] => {
    const verdict = Object.hasOwn(environment, key) ? undefined : readVerdict(key, reading, input);
    return verdict ? [[key, verdict]] : [];
  });
  const all = [...set, ...read];
  const keysOf = (which: "asRoot" | "empty" | "own") => all.flatMap(([key, verdict]) => (verdict[which] ? [key] : []));
  const first = (which: "databaseName" | "databaseUser") => all.map(([, verdict]) => verdict[which]).find((one) => one !== undefined);
  const databaseName = first("databaseName");
  const databaseUser = first("databaseUser");
  return {
    env: all.flatMap(([, { env }]) => env ?? []),
    secrets: all.flatMap(([, { secret: one }]) => one ?? []),
    usesDatabase: all.some(([, verdict]) => verdict.usesDatabase),
    asRoot: keysOf("asRoot"),
    leftOut: all.flatMap(([key, { leftOut: why }]) => (why === undefined ? [] : [{ key, why }])),
    empty: keysOf("empty"),
    own: keysOf("own"),
    ...(databaseName !== undefined && { databaseName }),
    ...(databaseUser !== undefined && { databaseUser }),
  };
}
