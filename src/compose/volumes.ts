import { relative } from "node:path";
import { compose as say } from "../messages/compose.ts";
import { type Entry, entry } from "./entry.ts";
import type { Mount } from "./model.ts";
import { type ApplicationInput, noteOn, type Part, part } from "./part.ts";

/** What becomes of a mount. */
type Fate =
  | { readonly fate: "volume"; readonly name: string; readonly why: string }
  | { readonly fate: "leftOut"; readonly why: string }
  | { readonly fate: "writable" | "log" }
  | { readonly fate: "code"; readonly source: string };

/** Folders of log files: in a cluster they are written to standard output, so none is kept. */
const LOGS = /^\/var\/log(\/|$)|\/logs?$/;
/** A folder that the image fills, though a mount of the source hides it. */
const IN_IMAGE = /\/(node_modules|\.?venv|__pycache__)$/;
const CODE = /\.(py|js|ts|php|rb)$|^(requirements.*\.txt|package\.json|templates|pyproject\.toml|Dockerfile)$/;
const OF_MACHINE = /^\/(etc\/(localtime|timezone)|dev|proc|sys)/;

const leftOut = (why: string): Fate => ({ fate: "leftOut", why });
const last = (path: string) => path.split("/").at(-1) ?? path;

/** A folder of the machine that a container has. */
function folderFate({ service, project, files, built }: ApplicationInput, source: string, target: string): Fate {
  const { build } = project.services[service] ?? {};
  const name = relative(project.folder, source) || ".";
  const names = files.list(source) ?? [];
  const isCode = names.some((one) => CODE.test(one));
  const isCopied = (built?.image.copies ?? []).some((copy) => copy.target.replace(/\/$/, "") === target);
  if (build && (isCode || isCopied || source === build.context)) return leftOut(say.volume.source(name, target));
  if (isCode) return { fate: "code", source };
  const holds = build && source.startsWith(`${build.context}/`) && names.some((one) => one.includes("."));
  return { fate: "volume", name: last(target), why: holds ? say.why.bindInContext(name) : say.why.bindVolume(name) };
}

function bindFate(input: ApplicationInput, source: string, target: string): Fate {
  const { files, project } = input;
  if (/docker\.sock$/.test(source)) return leftOut(say.volume.dockerSocket);
  if (OF_MACHINE.test(source)) return leftOut(say.volume.machine(target));
  if (files.list(source) !== undefined) return LOGS.test(target) ? { fate: "log" } : folderFate(input, source, target);
  const name = relative(project.folder, source) || ".";
  if (files.read(source) !== undefined) return leftOut(say.volume.file(name, target));
  return LOGS.test(target) ? { fate: "log" } : { fate: "volume", name: last(target), why: say.why.bindVolume(name) };
}

function fateOf(input: ApplicationInput, { type, source, target }: Mount): Fate {
  if (type === "tmpfs") return { fate: "writable" };
  if (source !== undefined && input.incoming.some(({ route }) => route.socket === source)) return leftOut(say.volume.socket(target));
  if (type === "bind") return bindFate(input, source ?? "", target);
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
  const code = fates.find((one) => one.fate === "code");
  return {
    volumes: part(volumes.length > 0 ? [entry("volumes", volumes)] : [], [
      ...fates.flatMap((one) => (one.fate === "leftOut" ? [note("leftOut", one.why)] : [])),
      ...(logs.length > 0 ? [note("leftOut", say.volume.logs(logs.join(", ")))] : []),
    ]),
    writable: [
      ...logs,
      ...tmpfs.map((one) => one.split(":")[0] ?? one),
      ...fates.flatMap(({ fate, target }) => (fate === "writable" ? [target] : [])),
    ],
    code: code?.fate === "code" ? { source: code.source, target: code.target } : undefined,
  };
}
