import { basename, dirname, isAbsolute, join, normalize, resolve } from "node:path";
import { isNode, LineCounter, parseDocument, visit } from "yaml";
import { EnvironmentError, type Problem } from "../config/errors.ts";
import { nearest } from "../config/explain.ts";
import { compose as say } from "../messages/compose.ts";
import { canonical, isMap, PlaceError, type Raw, SERVICE_KEYS } from "./canonical.ts";
import { EnvFileError, parseEnvFile } from "./env-file.ts";
import { interpolate, type Lookup, TemplateError } from "./interpolate.ts";
import { merge } from "./merge.ts";
import type { Files, Project, Service } from "./model.ts";

/** What a project is loaded with. */
export interface Loading {
  readonly files: Files;
  /** The shell's variables: they win over `.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const TOP_KEYS: ReadonlySet<string> = new Set("version name include services networks volumes secrets configs models jobs".split(" "));

/** A file that includes itself would be read for ever; no project is nested as deeply. */
const DEEPEST = 32;

/** One Compose file, read: its data with variables filled in, and the way back to its lines. */
interface Source {
  readonly file: string;
  readonly data: Raw;
  readonly fail: (path: readonly string[], message: string) => never;
}

interface Context extends Loading {
  readonly lookup: Lookup;
  readonly unset: (name: string) => void;
}

function readSource(file: string, context: Context): Source {
  const text = context.files.read(file);
  if (text === undefined) throw new EnvironmentError(file, [{ path: "", message: say.noFile }]);
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    const problem = ({ pos, code, message }: (typeof broken)[number]): Problem => {
      const what = code === "MULTIPLE_DOCS" ? say.oneDocument : code === "TAG_RESOLVE_FAILED" ? say.tag(message) : say.notYaml(message);
      return { ...at(pos[0]), path: "", message: what };
    };
    throw new EnvironmentError(file, broken.map(problem));
  }
  const fail = (path: readonly string[], message: string): never => {
    let node: unknown;
    for (let length = path.length; node === undefined && length > 0; length--) {
      const found = document.getIn(path.slice(0, length), true);
      if (isNode(found)) node = found;
    }
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    throw new EnvironmentError(file, [{ ...at(offset), path: path.join("."), message }]);
  };
  // JavaScript would round an id of 18 digits, and drop the zero before a telephone's number.
  visit(document, {
    Scalar: (key, node) => {
      const { value, source } = node;
      if (key === "key" || typeof value !== "number" || source === undefined) return;
      if (/^[-+]?0\d/.test(source) || (/^[-+]?\d+$/.test(source) && !Number.isSafeInteger(value))) node.value = source;
    },
  });
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 1000 });
    JSON.stringify(data);
  } catch (error) {
    return fail([], say.notYaml((error as Error).message.split("\n")[0] ?? ""));
  }
  if (!isMap(data)) return fail([], say.noProject);
  const filled = fill(data, [], context, fail) as Raw;
  return { file, data: firstVersion(filled) ?? filled, fail };
}

/** Fills in the variables of every text. */
function fill(value: unknown, path: readonly string[], context: Context, fail: Source["fail"]): unknown {
  if (typeof value === "string") {
    try {
      return interpolate(value, context.lookup, context.unset);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      return fail(path, error.required === undefined ? say.template(error.template) : say.required(error.template, error.required));
    }
  }
  if (Array.isArray(value)) return value.map((one, index) => fill(one, [...path, String(index)], context, fail));
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one, [...path, key], context, fail)]));
  return value;
}

/** A file of Compose's first version, from before 2016, has its services at the top. */
function firstVersion(data: Raw): Raw | undefined {
  const values = Object.values(data);
  const old = !("services" in data) && values.length > 0 && values.every((one) => isMap(one) && ("image" in one || "build" in one));
  if (!old) return undefined;
  const services = Object.entries(data as Record<string, Raw>).map(([name, { dockerfile, ...service }]) => {
    const build = dockerfile === undefined ? {} : { build: { context: service.build, dockerfile } };
    return [name, { ...service, ...build }];
  });
  return { services: Object.fromEntries(services) };
}

function checkKeys({ data, fail }: Source): void {
  for (const key of Object.keys(data)) {
    if (!TOP_KEYS.has(key) && !key.startsWith("x-")) fail([key], say.unknownKey(key, nearest(key, [...TOP_KEYS])));
  }
  for (const key of ["models", "jobs"]) if (key in data) fail([key], say.notSupported);
}

/** The services of a file, in their long forms, with what they extend. */
function servicesOf(source: Source, folder: string, context: Context, trail: readonly string[] = []): Record<string, Raw> {
  const { data, fail } = source;
  const { services = {} } = data;
  if (!isMap(services)) return fail(["services"], say.expected.map);
  const names = Object.keys(services);
  return Object.fromEntries(names.map((name) => [name, serviceOf(source, name, folder, context, trail)]));
}

/** Keys of the specification that name what cannot be looked up here. */
const UNSUPPORTED = ["provider", "models", "label_file"];

/** A service as its file has it, with known keys alone. */
function rawService({ data, fail }: Source, name: string): Raw {
  const path = ["services", name];
  const raw = (data.services as Raw | undefined)?.[name];
  if (raw === undefined) return fail(["services"], say.noService(name));
  if (raw === null) return {};
  if (!isMap(raw)) return fail(path, say.expected.map);
  for (const key of Object.keys(raw)) {
    if (!SERVICE_KEYS.has(key) && !key.startsWith("x-")) fail([...path, key], say.unknownKey(key, nearest(key, [...SERVICE_KEYS])));
    if (UNSUPPORTED.includes(key)) fail([...path, key], say.notSupported);
  }
  return raw;
}

/** A service in its long forms, with what it extends. @param trail the services that lead to this one */
function serviceOf(source: Source, name: string, folder: string, context: Context, trail: readonly string[]): Raw {
  const { fail, file } = source;
  const path = ["services", name];
  const { extends: base, ...own } = rawService(source, name);
  let service: Raw;
  try {
    service = canonical(own, path, { folder, home: context.env.HOME ?? "/" });
  } catch (error) {
    if (!(error instanceof PlaceError)) throw error;
    return fail(error.path, error.message);
  }
  if (base === undefined) return service;
  const { service: from, file: where } = isMap(base) ? base : { service: base, file: undefined };
  const step = JSON.stringify([file, name]);
  if (trail.includes(step)) return fail([...path, "extends"], say.loop);
  const next = [...trail, step];
  const other = where === undefined ? file : resolve(folder, String(where));
  const extended =
    other === file
      ? serviceOf(source, String(from), folder, context, next)
      : serviceOf(readSource(other, context), String(from), dirname(other), context, next);
  return merge(extended, service) as Raw;
}

/** The parts of a project before its environment is merged. */
interface Parts {
  readonly services: Record<string, Raw>;
  readonly secrets: Record<string, Raw>;
  readonly configs: Record<string, Raw>;
  readonly name?: string;
}

/** Top-level secrets or configs with absolute paths. */
function givenOf({ data }: Source, key: "secrets" | "configs", folder: string): Record<string, Raw> {
  const entries = Object.entries(isMap(data[key]) ? data[key] : {});
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const whole = isMap(value) ? value : {};
      const { file } = whole;
      return [name, typeof file === "string" ? { ...whole, file: isAbsolute(file) ? file : normalize(join(folder, file)) } : whole];
    }),
  );
}

/** The parts of one file over those of the files before it. */
function overridden(parts: Parts, source: Source, folder: string, context: Context): Parts {
  checkKeys(source);
  const { name = parts.name } = source.data;
  return {
    services: merge(parts.services, servicesOf(source, folder, context)) as Record<string, Raw>,
    secrets: { ...parts.secrets, ...givenOf(source, "secrets", folder) },
    configs: { ...parts.configs, ...givenOf(source, "configs", folder) },
    ...(typeof name === "string" && { name }),
  };
}

const KINDS = ["services", "secrets", "configs"] as const;

/** The parts of a project and of another that it includes; a name that both have is an error. */
function joined(parts: Parts, included: Parts, fail: (message: string) => never): Parts {
  for (const kind of KINDS) {
    const twice = Object.keys(included[kind]).find((name) => name in parts[kind]);
    if (twice !== undefined) fail(say.twice(kind, twice));
  }
  const both = Object.fromEntries(KINDS.map((kind) => [kind, { ...parts[kind], ...included[kind] }]));
  return { ...parts, ...both };
}

function partsOf(files: readonly string[], folder: string, context: Context, depth = 0): Parts {
  const sources = files.map((file) => readSource(file, context));
  let parts: Parts = { services: {}, secrets: {}, configs: {} };
  for (const source of sources) parts = overridden(parts, source, folder, context);
  for (const { data, fail } of sources) {
    const { include = [] } = data;
    if (!Array.isArray(include)) return fail(["include"], say.expected.list);
    if (include.length > 0 && depth > DEEPEST) return fail(["include"], say.loop);
    for (const [index, one] of include.entries()) {
      parts = joined(parts, includedParts(one, folder, context, depth), (message) => fail(["include", String(index)], message));
    }
  }
  return parts;
}

/** The parts of an included project: its paths begin at its own folder. Our variables win over those of its `.env`. */
function includedParts(entry: unknown, folder: string, context: Context, depth: number): Parts {
  const whole: Raw = isMap(entry) ? entry : { path: entry };
  const files = (Array.isArray(whole.path) ? whole.path : [whole.path]).map((path) => resolve(folder, String(path)));
  const home = whole.project_directory === undefined ? dirname(files[0] ?? folder) : resolve(folder, String(whole.project_directory));
  const named = whole.env_file === undefined ? [] : Array.isArray(whole.env_file) ? whole.env_file : [whole.env_file];
  const envFiles = named.length === 0 ? [join(home, ".env")] : named.map((file) => resolve(folder, String(file)));
  const own = Object.assign({}, ...envFiles.map((file) => readEnvFile(file, context.files, context.lookup) ?? {}));
  return partsOf(files, home, { ...context, lookup: (name) => context.lookup(name) ?? own[name] }, depth + 1);
}

/** The variables of an env file; undefined where there is none. @throws EnvironmentError */
function readEnvFile(
  file: string,
  files: Files,
  lookup: Lookup,
  before?: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  const text = files.read(file);
  if (text === undefined) return undefined;
  try {
    return parseEnvFile(text, lookup, before);
  } catch (error) {
    // What stands there may be a secret.
    if (error instanceof EnvFileError) {
      throw new EnvironmentError(file, [{ line: error.line, column: 1, path: "", message: say.badEnvLine }]);
    }
    if (error instanceof TemplateError) throw new EnvironmentError(file, [{ path: "", message: say.template(error.template) }]);
    throw error;
  }
}

/** A file beside a missing one that shows what it must hold, such as `.env.example`. */
const exampleOf = (file: string, { list }: Files): string | undefined =>
  list(dirname(file))?.find((name) => name !== basename(file) && /example|sample|template|dist/i.test(name) && /^\.?env/i.test(name));

/** A service with its env files in `environment`, and the defaults that Compose fills in. */
function finished(name: string, raw: Raw, file: string, context: Context): Service {
  const { env_file: envFiles = [], environment = {}, links = [], build, depends_on: depends = {}, ...rest } = raw;
  const read: Record<string, string> = {};
  for (const { path, required } of envFiles as { path: string; required: boolean }[]) {
    const own = readEnvFile(path, context.files, context.lookup, read);
    if (own === undefined && required) {
      const example = exampleOf(path, context.files);
      throw new EnvironmentError(file, [{ path: `services.${name}.env_file`, found: path, message: say.noEnvFile(example, path) }]);
    }
    Object.assign(read, own);
  }
  const values: Record<string, string | null> = { ...read };
  for (const [key, value] of Object.entries(environment as Record<string, string | null>)) {
    values[key] = value ?? context.lookup(key) ?? null;
  }
  const linked = Object.fromEntries((links as string[]).map((link) => [link.split(":")[0] ?? "", { condition: "service_started" }]));
  const all = { ...linked, ...(depends as object) };
  return {
    ...rest,
    ...(Object.keys(values).length > 0 && { environment: values }),
    ...((links as string[]).length > 0 && { links: links as string[] }),
    ...(Object.keys(all).length > 0 && { depends_on: all }),
    ...(isMap(build) && { build: builtOf(build, context) }),
  };
}

function builtOf({ args: given = {}, ...build }: Raw, { lookup }: Context): Service["build"] {
  const args = Object.entries(given as Record<string, string | null>).flatMap(([key, one]) => {
    const value = one ?? lookup(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  const dockerfile = build.dockerfile_inline === undefined ? { dockerfile: "Dockerfile" } : {};
  return {
    context: ".",
    ...dockerfile,
    ...build,
    ...(args.length > 0 && { args: Object.fromEntries(args) }),
  };
}

/** A project's name as Compose makes it of a folder's. */
export const projectName = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replace(/[^-_a-z0-9]/g, "")
    .replace(/^[-_]+/, "");

/**
 * Loads Compose files as Docker Compose does: later files override earlier ones, paths begin at the first file's folder, its `.env` is
 * read. Every profile is active: which services are used is decided later.
 *
 * @throws EnvironmentError that names the file, the line and the key
 */
export function loadProject(paths: readonly string[], loading: Loading): Project {
  const files = paths.map((path) => resolve(path));
  const [first = ""] = files;
  const folder = dirname(first);
  const shell: Lookup = (name) => loading.env[name];
  const own = readEnvFile(join(folder, ".env"), loading.files, shell) ?? {};
  const unset = new Set<string>();
  const context: Context = {
    ...loading,
    lookup: (name) => shell(name) ?? own[name],
    unset: (name) => void unset.add(name),
  };
  const parts = partsOf(files, folder, context);
  if (Object.keys(parts.services).length === 0) throw new EnvironmentError(first, [{ path: "services", message: say.noServices }]);
  return {
    name: parts.name ?? loading.env.COMPOSE_PROJECT_NAME ?? own.COMPOSE_PROJECT_NAME ?? projectName(folder),
    folder,
    services: Object.fromEntries(Object.entries(parts.services).map(([name, raw]) => [name, finished(name, raw, first, context)])),
    secrets: parts.secrets,
    configs: parts.configs as Project["configs"],
    unset: [...unset].sort(),
  };
}
