import { basename, dirname, join, relative } from "node:path";
import { compose as say } from "../messages/compose.ts";
import type { Image } from "./dockerfile.ts";
import { type Entry, entry } from "./entry.ts";
import type { Files, Mount } from "./model.ts";
import { type ApplicationInput, noteOn, type Part, part } from "./part.ts";
import { isServed } from "./roles.ts";

/** What becomes of a mount. */
type Fate =
  | {
      readonly fate: "volume";
      readonly name: string;
      readonly why: string;
      /** The folder of the project that it was; undefined for a volume. */
      readonly folder?: string;
      /** Whether that folder does not exist. */
      readonly missing?: boolean;
    }
  | { readonly fate: "leftOut"; readonly why: string }
  | { readonly fate: "todo"; readonly why: string }
  | { readonly fate: "writable" | "log" }
  | { readonly fate: "code"; readonly source: string };

/** Folders of log files: in a cluster they are written to standard output, so none is kept. */
const LOGS = /^\/var\/log(\/|$)|\/logs?$/;
/** A folder that the image fills, though a mount of the source hides it. */
const IN_IMAGE = /\/(node_modules|\.?venv|__pycache__)$/;
const CODE = /\.(py|js|ts|php|rb)$|^(requirements.*\.txt|package\.json|templates|pyproject\.toml|Dockerfile)$/;
/** What belongs to the machine: its devices, its settings and programs, the sockets of its services, and its whole file system. */
const OF_MACHINE = /^\/($|(dev|proc|sys|etc|run|var\/run|usr|bin|sbin|lib|lib64|boot|root)(\/|$)|tmp\/\.X11-unix)/;

const leftOut = (why: string): Fate => ({ fate: "leftOut", why });
const last = (path: string) => path.split("/").at(-1) ?? path;

/** What a COPY names where it takes code: files of a language, or every file. A file of packages, or a script that starts it, is none. */
const COPIED_CODE = /(\*|\.(py|js|ts|php|rb))$/;

const noSlash = (path: string) => path.replace(/(?<=.)\/+$/, "");
const holds = (folder: string, path: string) => path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);

/**
 * Whether a Dockerfile copies a folder, or code in it, from the build context: where the container works there, to where the mount
 * has it.
 */
function copiesCode({ copies, workdir }: Image, context: string, folder: string, target: string, files: Files): boolean {
  const isAnywhere = !holds(noSlash(target), noSlash(workdir));
  return copies
    .filter(({ from }) => from === undefined)
    .flatMap(({ sources, target: to }) => sources.map((source) => ({ path: noSlash(join(context, source)), to: noSlash(to) })))
    .some(({ path, to }) =>
      holds(path, folder)
        ? isAnywhere || holds(noSlash(target), join(to, relative(path, folder)))
        : holds(folder, path) && (COPIED_CODE.test(path) || files.list(path) !== undefined) && (isAnywhere || holds(noSlash(target), to)),
    );
}

/** A mount into an image that is built: the image has the files, unless its Dockerfile leaves code to the mount. */
function builtFate({ service, project, files, built }: ApplicationInput, { source = "", target }: Mount, isCode: boolean): Fate {
  const { build: { context = "" } = {}, working_dir: workdir = built?.image.workdir ?? "/" } = project.services[service] ?? {};
  const shown = (path: string) => relative(project.folder, path) || ".";
  if (!isCode || !built || copiesCode({ ...built.image, workdir }, context, source, target, files))
    return leftOut(say.volume.source(shown(source), target));
  const way = relative(context, source);
  const advice = way.startsWith("..")
    ? say.todo.copyFromOutside(shown(context), target, shown(built.file))
    : say.todo.copyCode(`COPY ${way || "."} ${target}`, shown(built.file));
  return { fate: "todo", why: say.todo.codeByMount(shown(source), target, advice) };
}

/** A folder of the machine that a container has. */
function folderFate(input: ApplicationInput, mount: Mount): Fate {
  const { service, project, files, built } = input;
  const { source = "", target, read_only: readOnly } = mount;
  const { build } = project.services[service] ?? {};
  const name = relative(project.folder, source) || ".";
  const names = files.list(source) ?? [];
  const isCode = names.some((one) => CODE.test(one)) || (!build && names.length > 0 && isServed(target));
  const isCopied = (built?.image.copies ?? []).some((copy) => copy.target.replace(/\/$/, "") === target);
  if (build && (isCode || isCopied || source === build.context)) return builtFate(input, mount, isCode);
  if (isCode) return { fate: "code", source };
  // What a container may only read is no data of its own.
  if (readOnly && names.length > 0) return leftOut(say.volume.folder(name, target));
  const hasFiles = build && source.startsWith(`${build.context}/`) && names.some((one) => one.includes("."));
  return { fate: "volume", name: last(target), folder: name, why: hasFiles ? say.why.bindInContext(name) : say.why.bindVolume(name) };
}

function bindFate(input: ApplicationInput, mount: Mount): Fate {
  const { files, project } = input;
  const { source = "", target } = mount;
  if (/docker\.sock$/.test(source)) return leftOut(say.volume.dockerSocket);
  if (OF_MACHINE.test(source)) return leftOut(say.volume.machine(target));
  const isFolder = files.list(source) !== undefined;
  if (isFolder) return LOGS.test(target) ? { fate: "log" } : folderFate(input, mount);
  const name = relative(project.folder, source) || ".";
  // Also a file that is too large to be read here.
  if (files.list(dirname(source))?.includes(basename(source))) return leftOut(say.volume.file(name, target));
  if (LOGS.test(target)) return { fate: "log" };
  return { fate: "volume", name: last(target), folder: name, missing: true, why: say.why.bindMissing(name) };
}

function fateOf(input: ApplicationInput, mount: Mount): Fate {
  const { type, source, target } = mount;
  if (type === "tmpfs") return { fate: "writable" };
  if (source !== undefined && input.incoming.some(({ route }) => route.socket === source)) return leftOut(say.volume.socket(target));
  if (type === "bind") return bindFate(input, mount);
  if (type !== "volume") return leftOut(say.volume.kind(type, target));
  if (IN_IMAGE.test(target)) return leftOut(say.volume.inImage(target));
  return LOGS.test(target) ? { fate: "log" } : { fate: "volume", name: source ?? target, why: say.why.volume(source ?? target) };
}

/** A name of a volume, as Kubernetes takes it, that is not used yet. */
function volumeName(text: string, used: ReadonlySet<string>): string {
  const clean = (one: string, length: number) =>
    one
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+/, "")
      .slice(0, length)
      .replace(/-+$/, "") || "data";
  let name = clean(text, 30);
  for (let number = 2; used.has(name); number++) name = `${clean(text, 27)}-${number}`;
  return name;
}

/** What an application keeps, where it may write, and the code that is mounted into an image. */
export interface Storage {
  readonly volumes: Part;
  /** Paths of its volumes in the container. */
  readonly paths: readonly string[];
  readonly writable: readonly string[];
  readonly code: { readonly source: string; readonly target: string } | undefined;
}

/** Decides what becomes of each mount of a service. */
export function storageOf(input: ApplicationInput): Storage {
  const { volumes: mounts = [], tmpfs = [] } = input.project.services[input.service] ?? {};
  const note = noteOn(input.service);
  const fates = mounts.map((mount) => ({ ...fateOf(input, mount), target: mount.target }));
  const used = new Set<string>();
  const volumes: Entry[] = fates.flatMap((one) => {
    if (one.fate !== "volume") return [];
    const name = volumeName(one.name, used);
    used.add(name);
    return [entry(name, [entry("path", one.target)], one.why)];
  });
  const logs = fates.flatMap(({ fate, target }) => (fate === "log" ? [target] : []));
  const [code, ...moreCode] = fates.flatMap((one) => (one.fate === "code" ? [{ source: one.source, target: one.target }] : []));
  const kept = fates.flatMap((one) => (one.fate === "volume" ? [one] : []));
  const missing = kept.filter((one) => one.missing);
  const empty = kept.filter((one) => !one.missing);
  const emptyNames = empty.flatMap((one) => volumes[kept.indexOf(one)]?.key ?? []);
  const shown = ({ folder, name, target }: (typeof kept)[number]) => `${target} (${folder ?? name})`;
  return {
    volumes: part(volumes.length > 0 ? [entry("volumes", volumes)] : [], [
      ...fates.flatMap((one) => (one.fate === "leftOut" || one.fate === "todo" ? [note(one.fate, one.why)] : [])),
      ...moreCode.map(({ source, target }) => note("leftOut", say.volume.folder(relative(input.project.folder, source) || ".", target))),
      ...(logs.length > 0 ? [note("leftOut", say.volume.logs(logs.join(", ")))] : []),
      ...missing.map(({ folder = "", target }) => note("todo", say.todo.missingFolder(folder, target))),
      ...(empty.length > 0 ? [note("todo", say.todo.emptyVolumes(empty.map(shown).join(", "), input.name, emptyNames))] : []),
    ]),
    paths: kept.map(({ target }) => target),
    writable: [
      ...logs,
      ...tmpfs.map((one) => one.split(":")[0] ?? one),
      ...fates.flatMap(({ fate, target }) => (fate === "writable" ? [target] : [])),
    ],
    code,
  };
}
