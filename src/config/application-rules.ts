import { CLOUD_METADATA } from "../addresses.ts";
import { environment as words } from "../messages/environment.ts";
import { MOST_DATABASE_NAME, reservedNames, WORKING_DATABASE } from "../mysql-names.ts";
import { IMAGES } from "../versions.ts";
import { DATABASE_FACTS, PASSWORD_VARIABLE, SAMPLE } from "./applications.ts";
import type { Violation } from "./errors.ts";
import { nearest } from "./explain.ts";
import { OPEN_PORTS } from "./open.ts";
import { placeholdersIn } from "./placeholders.ts";
import { contains } from "./ranges.ts";
import { resolve } from "./resolve.ts";
import { type Application, sampleOf } from "./resolve-applications.ts";
import type { Parsed } from "./schema.ts";
import { mebibytes, millicores } from "./units.ts";

/** The longest name of a namespace (RFC 1123 label). */
const LONGEST_NAMESPACE = 63;

/** Names of scrape jobs that are no component's (src/monitoring/scrape.ts), and of the namespace of node-exporter. */
const OTHER_NAMES = ["node", "cadvisor", "kubelet", "kubelet-probes", "probe", "bootstrap", "host", "backup", "backups"];

/** Names that labels, scrape jobs, images or `open` have for parts of CloudNova: no application may take one. */
export const TAKEN: ReadonlySet<string> = new Set([...Object.keys(IMAGES), ...Object.keys(OPEN_PORTS), ...OTHER_NAMES]);

/** A rule on one application; paths count from its entry. */
type EntryRule = (application: Application, parsed: Parsed) => Violation[];

/** What the file itself says of the entry, without defaults. */
type Given = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** The sample is the entry webapp, alone in it, and described once. */
function sampleViolations({ webapp, applications = {} }: Parsed, given: Given): Violation[] {
  const found: Violation[] = Object.entries(applications).flatMap(([name, { sample }]) => {
    const path = ["applications", name];
    if (sample === undefined) return name === SAMPLE ? [{ path, message: words.webappIsSample }] : [];
    if (name !== SAMPLE) return [{ path: [...path, "sample"], message: words.sampleName(name) }];
    const others = Object.keys(given[name] ?? {}).filter((key) => key !== "sample");
    return others.map((key) => ({ path: [...path, key], message: words.sampleAlone(key) }));
  });
  if (webapp && applications[SAMPLE]?.sample) found.push({ path: ["webapp"], message: words.sampleTwice });
  return found;
}

const nameIsFree: EntryRule = ({ name, namespace }) => {
  if (TAKEN.has(name)) return [{ path: [], message: words.nameTaken(name) }];
  return namespace.length > LONGEST_NAMESPACE ? [{ path: [], message: words.namespaceTooLong(namespace, LONGEST_NAMESPACE) }] : [];
};

const imageIsKnown: EntryRule = ({ name, build }, { applications }) =>
  build || applications?.[name]?.image ? [] : [{ path: [], message: words.noImage }];

const databaseIsFree: EntryRule = ({ database }, parsed) => {
  if (!database) return [];
  const found: Violation[] = [];
  const reserved = reservedNames(sampleOf(parsed).runs);
  if (reserved.databases.has(database.name.toLowerCase())) {
    found.push({ path: ["database", "name"], message: words.databaseReserved(database.name) });
  }
  if (reserved.users.has(database.user.toLowerCase())) {
    found.push({ path: ["database", "user"], message: words.userReserved(database.user) });
  }
  if (parsed.backups && database.name.length > MOST_DATABASE_NAME) {
    found.push({ path: ["database", "name"], message: words.databaseTooLong(database.name, MOST_DATABASE_NAME) });
  }
  if (WORKING_DATABASE.test(database.name)) {
    found.push({ path: ["database", "name"], message: words.databaseOfRestores(database.name) });
  }
  return found;
};

/** A text of an application, with its path from the entry. */
interface TextAt {
  readonly path: readonly string[];
  readonly text: string;
}

const listed = (key: readonly string[], texts: readonly string[] = []): TextAt[] =>
  texts.map((text, index) => ({ path: [...key, String(index)], text }));
const mapped = (key: readonly string[], texts: Readonly<Record<string, string>> = {}): TextAt[] =>
  Object.entries(texts).map(([name, text]) => ({ path: [...key, name], text }));
const single = (path: readonly string[], text: string | undefined): TextAt[] => (text === undefined ? [] : [{ path, text }]);

/** The texts in which placeholders are replaced (charts/application.ts). */
const filledTexts = ({ env, command, args, before }: Application): TextAt[] => [
  ...mapped(["env"], env),
  ...listed(["command"], command),
  ...listed(["args"], args),
  ...listed(["before"], before),
];

/** Texts in which a placeholder would stay as it is. */
const otherTexts = ({ health, metrics, build }: Application): TextAt[] => [
  ...single(["health", "path"], health.path),
  ...listed(["health", "command"], health.command),
  ...single(["metrics", "path"], metrics?.path),
  ...mapped(["build", "args"], build?.args),
];

const KNOWN_PLACEHOLDERS = DATABASE_FACTS.map((fact) => `{database.${fact}}`);

const placeholdersAreKnown: EntryRule = (application) => [
  ...filledTexts(application).flatMap(({ path, text }) =>
    placeholdersIn(text).flatMap((found) => {
      if (!KNOWN_PLACEHOLDERS.includes(found)) {
        return [{ path, message: words.noSuchFact(found, KNOWN_PLACEHOLDERS.join(", ")) + nearest(found, KNOWN_PLACEHOLDERS) }];
      }
      return application.database ? [] : [{ path, message: words.noDatabase(found) }];
    }),
  ),
  ...otherTexts(application).flatMap(({ path, text }) =>
    placeholdersIn(text).map((found) => ({ path, message: words.placeholderElsewhere(found) })),
  ),
];

const variablesDiffer: EntryRule = ({ env, secrets }) => {
  const asVariables = Object.entries(secrets).flatMap(([name, { file }]) => (file === undefined ? [name] : []));
  const reserved = [...Object.keys(env).map((name) => ["env", name]), ...asVariables.map((name) => ["secrets", name])].filter(
    ([, name]) => name === PASSWORD_VARIABLE,
  );
  return [
    ...reserved.map((path) => ({ path, message: words.variableReserved(PASSWORD_VARIABLE) })),
    ...asVariables
      .filter((name) => Object.hasOwn(env, name))
      .map((name) => ({ path: ["secrets", name], message: words.variableTwice(name) })),
  ];
};

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/**
 * Kubernetes refuses two mounts at one path, and nothing can be mounted below a file. A file in a volume would leave an empty file of root's
 * there, where the application and its copies of the volume find it without the secret.
 */
const mountsDiffer: EntryRule = ({ volumes, secrets, writable }) => {
  const volumePaths = Object.entries(volumes).map(([name, { path }]) => ({ path: ["volumes", name, "path"], mount: path }));
  const files = Object.entries(secrets).flatMap(([name, { file }]) => (file ? [{ path: ["secrets", name, "file"], mount: file }] : []));
  const folders = (Array.isArray(writable) ? writable : []).map((path) => ({ path: ["writable"], mount: path }));
  const mounts = [...volumePaths, ...files];
  const twice = mounts.flatMap(({ path, mount }, index) => {
    const other = mounts.slice(0, index).find((one) => one.mount === mount);
    return other ? [{ path, message: words.pathTwice(mount, other.path.join(".")) }] : [];
  });
  const besideFiles = files.flatMap(({ path, mount: file }) => {
    const volume = volumePaths.find((one) => isBelow(file, one.mount));
    const same = folders.find(({ mount }) => mount === file);
    return [
      ...(volume ? [{ path, message: words.fileInVolume(file, volume.path.slice(0, 2).join("."), volume.mount) }] : []),
      ...(same ? [{ path, message: words.pathTwice(file, "writable") }] : []),
      ...[...mounts, ...folders]
        .filter(({ mount }) => isBelow(mount, file))
        .map((one) => ({ path: one.path, message: words.belowFile(one.mount, path.join("."), file) })),
    ];
  });
  return [...twice, ...besideFiles];
};

const rootIsBaseline: EntryRule = ({ user, podSecurity }) =>
  user === 0 && podSecurity === "restricted" ? [{ path: ["user"], message: words.rootNeedsBaseline }] : [];

const limitsCoverRequests: EntryRule = ({ resources: { memory, memoryLimit, cpu, cpuLimit } }) => {
  const found: Violation[] = [];
  if (mebibytes(memoryLimit) < mebibytes(memory)) found.push({ path: ["resources"], message: words.memoryLimit(memoryLimit, memory) });
  if (millicores(cpuLimit) < millicores(cpu)) found.push({ path: ["resources"], message: words.cpuLimit(cpuLimit, cpu) });
  return found;
};

/** Kubernetes refuses an ipBlock whose exception is not smaller than it; and none of these is for an application. */
const outgoingIsOutside: EntryRule = ({ outgoing }, parsed) => {
  if (!Array.isArray(outgoing)) return [];
  const { network } = resolve(parsed);
  const inner = [...network.pods, ...network.services, CLOUD_METADATA.ipv4];
  return outgoing.flatMap((range, index) => {
    const other = inner.find((one) => contains(one, range));
    return other ? [{ path: ["outgoing", String(index)], message: words.notOutside(range, other) }] : [];
  });
};

const ENTRY_RULES: readonly EntryRule[] = [
  imageIsKnown,
  databaseIsFree,
  placeholdersAreKnown,
  variablesDiffer,
  mountsDiffer,
  rootIsBaseline,
  limitsCoverRequests,
  outgoingIsOutside,
];

/** Where an application or the sample answers; undefined stands for every name. */
interface Address {
  readonly name: string;
  readonly host: string | undefined;
  readonly path: string;
}

/** Two applications may share neither an address nor a database nor an account. */
function sharedThings(parsed: Parsed): Violation[] {
  const { applications, sample, ingress } = resolve(parsed);
  const everyName = ingress.onlyHost ? ingress.host : undefined;
  const addresses: Address[] = [
    ...(sample ? [{ name: SAMPLE, host: everyName, path: "/" }] : []),
    ...applications.map(({ name, ingress: { host = everyName, path } }) => ({ name, host, path })),
  ];
  const found: Violation[] = addresses.flatMap(({ name, host, path }, index) => {
    const other = addresses.slice(0, index).find((one) => one.host === host && one.path === path);
    if (!other) return [];
    const key = applications.find((one) => one.name === name)?.ingress.host ? ["ingress", "host"] : [];
    return [{ path: ["applications", name, ...key], message: words.sameAddress(other.name, host ?? words.everyName, path) }];
  });
  const databases = applications.flatMap(({ name, database }) => (database ? [{ name, database }] : []));
  for (const [index, { name, database }] of databases.entries()) {
    const before = databases.slice(0, index);
    const [same, account] = (["name", "user"] as const).map((key) => before.find((one) => one.database[key] === database[key]));
    const path = ["applications", name, "database"];
    if (same) found.push({ path: [...path, "name"], message: words.databaseShared(database.name, same.name) });
    if (account && (!same || database.user !== database.name))
      found.push({ path: [...path, "user"], message: words.userShared(database.user, account.name) });
  }
  return found;
}

function entryViolations(application: Application, parsed: Parsed): Violation[] {
  const name = nameIsFree(application, parsed);
  // The defaults of the rest follow from the name.
  const found = name.length > 0 ? name : ENTRY_RULES.flatMap((rule) => rule(application, parsed));
  return found.map(({ path, message }) => ({ path: ["applications", application.name, ...path], message }));
}

/**
 * What is wrong with the applications of an environment whose every value is right by itself.
 *
 * @param data the environment file as it was read, without the schema's defaults
 */
export function applicationViolations(parsed: Parsed, data: unknown): Violation[] {
  const given = ((data as { applications?: Given } | null)?.applications ?? {}) as Given;
  const { applications } = resolve(parsed);
  return [
    ...sampleViolations(parsed, given),
    ...applications.filter(({ name }) => name !== SAMPLE).flatMap((application) => entryViolations(application, parsed)),
    ...sharedThings(parsed),
  ];
}
