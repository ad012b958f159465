import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { Environment } from "../config/load.ts";
import type { Config } from "../config/resolve.ts";
import type { Application } from "../config/resolve-applications.ts";
import { machine as say } from "../messages/machine.ts";
import { BUILT_HERE, type BuiltHere } from "../versions.ts";

/** An image that `up` builds, and what it is built from. */
export interface Build {
  /** Its name, as the manifests have it. */
  readonly image: string;
  /** The folder that the builder reads. */
  readonly context: string;
  readonly dockerfile: string;
  /** The stage of the Dockerfile. @default the last */
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
  /** The user's application that it is for; undefined for an image of our own. */
  readonly application?: Pick<Application, "name" | "namespace">;
}

/** The images of our own that an environment runs. */
export const ownComponents = ({ sample }: Pick<Config, "sample">): BuiltHere[] => BUILT_HERE.filter((one) => sample || one !== "webapp");

/** How an image of our own is built, under the name that the environment gives it: from the folder of its component. */
export const ownBuild = (component: BuiltHere, image: string): Build => ({
  image,
  context: component,
  dockerfile: join(component, "Dockerfile"),
  args: {},
});

/** How the images of an environment's own applications are built; paths count from the environment's file. */
export function applicationBuilds({ file, config }: Pick<Environment, "file" | "config">): Build[] {
  return config.applications.flatMap(({ name, namespace, image, build }) => {
    if (!build) return [];
    const context = resolve(dirname(file), build.context);
    const { target, args } = build;
    return [{ image, context, dockerfile: resolve(context, build.dockerfile), target, args, application: { name, namespace } }];
  });
}

/** A line of a .dockerignore, as a test of a path in the context. */
interface Ignored {
  readonly fits: RegExp;
  /** A line that begins with `!` lets through again what an earlier line left out. */
  readonly back: boolean;
}

/** Go's filepath.Match with Docker's `**`, for a path and everything below it. */
function patternOf(line: string): RegExp {
  const parts = line.replace(/^\/+|\/+$/g, "").split(/(\*\*\/?|\*|\?|\[[^\]]*\])/);
  const text = parts.map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    if (part.startsWith("**")) return part.endsWith("/") ? "(?:.*/)?" : ".*";
    return part === "*" ? "[^/]*" : part === "?" ? "[^/]" : part;
  });
  return new RegExp(`^${text.join("")}(?:/|$)`);
}

/** The lines of a .dockerignore (docs.docker.com, "Build context"): the last that fits a path decides. */
export function ignoredIn(text: string): Ignored[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ fits: patternOf(line.replace(/^!\s*/, "")), back: line.startsWith("!") }));
}

const isIgnored = (path: string, ignored: readonly Ignored[]): boolean => ignored.findLast(({ fits }) => fits.test(path))?.back === false;

/** A file that may be missing. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** The files of a context that the builder gets, in an order that is always the same. @throws when a folder cannot be read */
export function contextFiles({ context, dockerfile }: Pick<Build, "context" | "dockerfile">): string[] {
  // A file of the Dockerfile's own name counts before the context's.
  const ignored = ignoredIn(textOf(`${dockerfile}.dockerignore`) ?? textOf(join(context, ".dockerignore")) ?? "");
  // A folder that is left out may still hold something that a later line lets through.
  const descends = ignored.some(({ back }) => back);
  const within = (folder: string): string[] => {
    const entries = readdirSync(join(context, folder), { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      return { entry, path, out: isIgnored(path, ignored) };
    });
    const files = entries.filter(({ entry, out }) => !out && (entry.isFile() || entry.isSymbolicLink()));
    const folders = entries.filter(({ entry, out }) => entry.isDirectory() && (!out || descends));
    return [...files.map(({ path }) => path), ...folders.flatMap(({ path }) => within(path))];
  };
  return within("").sort();
}

/**
 * Hash of all that an image is built from: names, contents and executable bits of the context's files, the Dockerfile, stage and
 * arguments. The base image is named in one of them.
 *
 * @throws ClusterError when something is not there
 */
export function contentOf(build: Build): string {
  const { context, dockerfile, target, args } = build;
  const hash = createHash("sha256");
  try {
    hash.update(readFileSync(dockerfile)).update(JSON.stringify([target, Object.entries(args).sort()]));
    for (const path of contextFiles(build)) {
      const file = join(context, path);
      const status = lstatSync(file);
      hash.update(`\0${path}\0${status.mode & 0o111 ? "x" : ""}\0`);
      hash.update(status.isSymbolicLink() ? readlinkSync(file) : readFileSync(file));
    }
  } catch (error) {
    const { code = "", path = context } = error as NodeJS.ErrnoException;
    const key = build.application && `applications.${build.application.name}.build`;
    throw new ClusterError(
      say.sourceUnreadable(build.image, path, code),
      key ? say.correctBuild(key) : say.inCheckout(`images.${context}`),
    );
  }
  return hash.digest("hex");
}
