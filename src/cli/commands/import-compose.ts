import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { decide } from "../../compose/decide.ts";
import { disk } from "../../compose/disk.ts";
import { type Docker, dockerCompose } from "../../compose/docker.ts";
import { environmentText } from "../../compose/entry.ts";
import { loadProject } from "../../compose/load.ts";
import type { Project } from "../../compose/model.ts";
import type { Note } from "../../compose/part.ts";
import { EnvironmentError } from "../../config/errors.ts";
import { allImported, IMPORTED, importedFile } from "../../config/imported.ts";
import { parseEnvironment } from "../../config/load.ts";
import { label } from "../../config/units.ts";
import { ENVIRONMENTS } from "../../environments.ts";
import { type Language, languageOf } from "../../language.ts";
import { compose as say } from "../../messages/compose.ts";
import { importDashboard } from "../../monitoring/import/index.ts";
import { interruptible } from "../interrupt.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";

export interface ComposeOptions {
  /** Name of the environment. @default the project's */
  readonly name?: string;
  readonly cluster: "kind" | "k3s";
  /** Profiles whose services are taken over too. @default none */
  readonly profile?: readonly string[];
  /** Overwrite an environment file of this name. */
  readonly force?: boolean;
  readonly language?: Language;
  readonly output: "text" | "json";
}

/** The names under which Docker Compose finds a project, the first first. */
const NAMES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const override = (name: string) => name.replace(/(\.ya?ml)$/, ".override$1");

/** The files of a project: a folder or one of the usual names stands for it and for its override file. */
export function projectFiles(given: readonly string[], { read, list } = disk): string[] {
  const paths = given.map((path) => resolve(path));
  const [first = "", ...rest] = paths;
  if (rest.length > 0) return paths;
  const names = list(first);
  const name = names === undefined ? undefined : NAMES.find((one) => names.includes(one));
  if (names !== undefined && name === undefined)
    throw new EnvironmentError(given[0] ?? "", [{ path: "", message: say.noFolderFile(NAMES.join(", ")) }]);
  const file = name === undefined ? first : join(first, name);
  const base = file.split(/[/\\]/).at(-1) ?? "";
  const others = ["yml", "yaml"].map((ending) => join(dirname(file), override(base).replace(/ya?ml$/, ending)));
  return [file, ...(NAMES.includes(base) ? others.filter((other) => read(other) !== undefined).slice(0, 1) : [])];
}

const environmentName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");

/** Imports a dashboard file as `dashboards import` does, and says under which name. */
function bringDashboard(file: string): { name: string } | { why: string } {
  try {
    const made = importDashboard(readFileSync(file, "utf8"), file, {
      others: allImported().map(({ name, dashboard: { title, uid } }) => ({ name, title, uid })),
    });
    mkdirSync(IMPORTED, { recursive: true });
    const path = importedFile(made.name);
    writeFileSync(`${path}.partial`, `${JSON.stringify(made.file)}\n`);
    renameSync(`${path}.partial`, path);
    return { name: made.name };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { why: error.problems.map(({ message }) => message).join("; ") };
  }
}

const KINDS: readonly Note["kind"][] = ["taken", "replaced", "leftOut", "todo"];

function report(io: Io, notes: readonly Note[]): void {
  const paint = painter(io.stdout, io.env);
  for (const kind of KINDS) {
    const found = notes.filter((note) => note.kind === kind);
    if (found.length === 0) continue;
    line(io.stdout, `\n${paint("bold", say.headings[kind])}`);
    for (const { subject, text } of found) line(io.stdout, `  ${subject}: ${text.replaceAll("\n", "\n      ")}`);
  }
}

/** `cloudnova import compose FILE…`. @param docker how a project is loaded with Docker Compose; an argument for tests */
export async function importComposeCommand(io: Io, given: readonly string[], options: ComposeOptions, docker?: Docker): Promise<number> {
  const files = projectFiles(given);
  const load = async (): Promise<{ project: Project; way: "docker" | "own" }> => {
    const asked = docker ?? ((paths) => interruptible((signal) => dockerCompose({ env: io.env, stderr: io.stderr, signal })(paths)));
    const project = await asked(files);
    return project ? { project, way: "docker" } : { project: loadProject(files, { files: disk, env: io.env }), way: "own" };
  };
  const { project, way } = await load();
  const name = options.name ?? environmentName(project.name);
  if (!label.safeParse(name).success) throw new ClusterError(say.badName(name), say.badNameAdvice);
  const target = join(ENVIRONMENTS, `${name}.yaml`);
  if (!options.force && disk.read(target) !== undefined) throw new ClusterError(say.exists(target), say.existsAdvice);
  const language = languageOf(options.language ? ["--language", options.language] : [], io.env);
  const decided = decide(project, {
    cluster: options.cluster,
    language,
    folder: resolve(ENVIRONMENTS),
    files: disk,
    profiles: options.profile ?? [],
    dashboard: bringDashboard,
  });
  if (decided.applications.length === 0) {
    report(io, decided.notes);
    throw new ClusterError(say.noApplications, say.noApplicationsAdvice);
  }
  const source = files.map((file) => relative(".", file)).join(", ");
  const text = environmentText(decided.entries, ["yaml-language-server: $schema=schema.json", say.head(source)]);
  mkdirSync(ENVIRONMENTS, { recursive: true });
  writeFileSync(`${target}.partial`, text);
  renameSync(`${target}.partial`, target);
  const problems = problemsOf(text, target);
  if (options.output === "json") {
    json(io, { file: target, name, applications: decided.applications, readWith: way, notes: decided.notes, problems });
    return problems.length > 0 ? EXIT.problem : EXIT.ok;
  }
  line(io.stdout, `${say.wrote(target, decided.applications.length)} (${say.readWith[way]})`);
  report(io, decided.notes);
  if (problems.length > 0) {
    line(io.stdout, `\n${say.invalid}:\n${problems.map((one) => `  ${one}`).join("\n")}`);
    return EXIT.problem;
  }
  line(io.stdout, `\n${say.next(name)}`);
  return EXIT.ok;
}

/** What the schema has against a written file: values that the project had, and that no environment may have. */
function problemsOf(text: string, file: string): string[] {
  try {
    parseEnvironment(text, file);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message.split("\n");
    throw error;
  }
}
