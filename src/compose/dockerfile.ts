import { shellWords } from "./shell-words.ts";

interface Copy {
  readonly sources: readonly string[];
  /** Path in the image, absolute. */
  readonly target: string;
  /** Stage or image that it comes from; undefined: the build context. */
  readonly from?: string;
}

/** What a Dockerfile says of the image that it builds. */
export interface Image {
  /** The image that the last stage begins with, such as `python:3.12-slim`; undefined for `scratch` or a name that a variable makes. */
  readonly base?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly expose: readonly number[];
  readonly user?: string;
  readonly workdir: string;
  readonly cmd?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly copies: readonly Copy[];
  /** `RUN` commands, in their order. */
  readonly runs: readonly string[];
  /** The test of HEALTHCHECK, as Compose has it. */
  readonly healthcheck?: readonly string[];
}

type Stage = { -readonly [K in keyof Image]: Image[K] };

/** The instructions, with their lines joined and comments taken out. */
function instructions(text: string): [name: string, rest: string][] {
  const continuation = /^#\s*escape\s*=\s*`/im.test(text) ? "`" : "\\";
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*#/.test(line));
  const joined: string[] = [];
  let unfinished = "";
  for (const line of lines) {
    const trimmed = line.trimEnd();
    if (trimmed.endsWith(continuation)) {
      unfinished += `${trimmed.slice(0, -1)} `;
      continue;
    }
    joined.push(unfinished + trimmed);
    unfinished = "";
  }
  return [...joined, unfinished].flatMap((line): [string, string][] => {
    const [, name, rest = ""] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(line) ?? [];
    return name ? [[name.toUpperCase(), rest.trim()]] : [];
  });
}

/** A command in exec form, or in shell form, which a shell runs. */
function execOrShell(rest: string): readonly string[] {
  if (!rest.startsWith("[")) return ["sh", "-c", rest];
  try {
    const words: unknown = JSON.parse(rest);
    return Array.isArray(words) ? words.map(String) : ["sh", "-c", rest];
  } catch {
    return ["sh", "-c", rest];
  }
}

const within = (workdir: string, path: string) =>
  path.startsWith("/") ? path : `${workdir === "/" ? "" : workdir}/${path.replace(/^\.\/?/, "")}`;

function copy(rest: string, workdir: string): Copy {
  const list = /\[.*\]\s*$/.exec(rest)?.[0];
  const flags = shellWords(rest).filter((word) => word.startsWith("--"));
  const words = list === undefined ? shellWords(rest).filter((word) => !word.startsWith("--")) : (execOrShell(list) as string[]);
  const from = flags.find((flag) => flag.startsWith("--from="))?.slice("--from=".length);
  return { sources: words.slice(0, -1), target: within(workdir, words.at(-1) ?? ""), ...(from !== undefined && { from }) };
}

/** What instructions change while a Dockerfile is read. */
interface Reading {
  stage: Stage;
  readonly stages: Map<string, Stage>;
  /** Build arguments. */
  readonly known: Record<string, string>;
  readonly given: Readonly<Record<string, string | null>>;
}

/** The variables of a text, by ENV, then by build arguments. */
const withVariables = ({ stage, known }: Reading, value: string): string =>
  value.replace(
    /\$\{?([A-Za-z_]\w*)(?::-([^}]*))?\}?/g,
    (_, name: string, other?: string) => stage.env[name] ?? known[name] ?? other ?? "",
  );

const fresh = (): Stage => ({ env: {}, expose: [], workdir: "/", copies: [], runs: [] });

function begin(reading: Reading, rest: string): void {
  const [image = "", as, alias] = rest.split(/\s+/).filter((word) => !word.startsWith("--"));
  const base = withVariables(reading, image);
  const parent = reading.stages.get(base.toLowerCase());
  const named = base === "" || base === "scratch" ? {} : { base };
  reading.stage = parent ? { ...parent, env: { ...parent.env } } : { ...fresh(), ...named };
  reading.stages.set(String(reading.stages.size), reading.stage);
  if (as?.toLowerCase() === "as" && alias) reading.stages.set(alias.toLowerCase(), reading.stage);
}

function setArgument({ known, given }: Reading, rest: string): void {
  const [, key = "", value] = /^([^=\s]+)(?:=(\S*))?/.exec(rest) ?? [];
  const result = given[key] ?? value?.replace(/^(["'])(.*)\1$/, "$2");
  if (result !== undefined) known[key] = result;
}

function setEnv(reading: Reading, rest: string): void {
  const [first = ""] = rest.split(/\s+/);
  const pairs = first.includes("=")
    ? shellWords(rest).map((word) => [word.split("=")[0] ?? "", word.slice(word.indexOf("=") + 1)] as const)
    : [[first, rest.replace(/^\S+\s+/, "")] as const];
  const { stage } = reading;
  stage.env = { ...stage.env, ...Object.fromEntries(pairs.map(([key, value]) => [key, withVariables(reading, value)])) };
}

function setHealthcheck({ stage }: Reading, rest: string): void {
  const [, words] = /^(?:--\S+\s+)*CMD\s+(.*)$/s.exec(rest) ?? [];
  if (words !== undefined) stage.healthcheck = words.startsWith("[") ? ["CMD", ...execOrShell(words)] : ["CMD-SHELL", words];
}

const ports = (text: string) =>
  text
    .split(/\s+/)
    .map((word) => Number.parseInt(word, 10))
    .filter((port) => port > 0 && port <= 65_535);

const noSlash = (path: string) => path.replace(/(?<=.)\/+$/, "");

/** Where the build context has a path of a stage, by what the stage copied; undefined where it made the file itself. */
function inContext(stage: Stage, path: string): string | undefined {
  const found = stage.copies
    .filter(({ from, sources }) => from === undefined && sources.length === 1)
    .map(({ sources: [source = ""], target }) => ({ source, target: noSlash(target) }))
    .findLast(({ target }) => path === target || path.startsWith(target === "/" ? "/" : `${target}/`));
  if (!found) return undefined;
  const rest = path.slice(found.target === "/" ? 1 : found.target.length + 1);
  return rest === "" ? found.source : `${noSlash(found.source)}/${rest}`;
}

const copyFiles = (reading: Reading, rest: string) => {
  const { stage, stages } = reading;
  const copied = copy(withVariables(reading, rest), stage.workdir);
  const from = copied.from === undefined ? undefined : stages.get(copied.from.toLowerCase());
  const sources = from ? copied.sources.flatMap((path) => inContext(from, noSlash(path.startsWith("/") ? path : `/${path}`)) ?? []) : [];
  const brought = sources.length > 0 ? [{ sources, target: copied.target }] : [];
  stage.copies = [...stage.copies, copied, ...brought];
};

/** What each instruction does. The others say nothing that is needed. */
const INSTRUCTIONS: Readonly<Record<string, (reading: Reading, rest: string) => void>> = {
  ARG: setArgument,
  FROM: begin,
  ENV: setEnv,
  HEALTHCHECK: setHealthcheck,
  COPY: copyFiles,
  ADD: copyFiles,
  WORKDIR: (reading, rest) => {
    reading.stage.workdir = within(reading.stage.workdir, withVariables(reading, rest));
  },
  EXPOSE: (reading, rest) => {
    reading.stage.expose = [...reading.stage.expose, ...ports(withVariables(reading, rest))];
  },
  USER: (reading, rest) => {
    reading.stage.user = withVariables(reading, rest);
  },
  CMD: ({ stage }, rest) => {
    stage.cmd = execOrShell(rest);
  },
  ENTRYPOINT: ({ stage }, rest) => {
    stage.entrypoint = execOrShell(rest);
  },
  RUN: ({ stage }, rest) => {
    stage.runs = [...stage.runs, rest];
  },
};

/**
 * Reads a Dockerfile: what its last stage, or `target`, makes.
 *
 * @param args build arguments, which `FROM` may name
 */
export function parseDockerfile(text: string, args: Readonly<Record<string, string | null>> = {}, target?: string): Image {
  const reading: Reading = { stage: fresh(), stages: new Map(), known: {}, given: args };
  for (const [name, rest] of instructions(text)) INSTRUCTIONS[name]?.(reading, rest);
  return (target !== undefined && reading.stages.get(target.toLowerCase())) || reading.stage;
}
