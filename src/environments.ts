import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { EnvironmentError } from "./config/errors.ts";
import { nearest } from "./config/explain.ts";
import { environment as words } from "./messages/environment.ts";
import { isYamlFile } from "./yaml.ts";

/** Where environment files lie; a user's own lies beside the shipped ones. */
export const ENVIRONMENTS = "environments";
/** The source systems: synthesised by name, not committed to dist/. */
const SOURCES = join(ENVIRONMENTS, "sources");

function yamlFiles(folder: string): string[] {
  if (!existsSync(folder)) throw new EnvironmentError(folder, [{ path: "", message: words.noFolder }]);
  return readdirSync(folder)
    .filter(isYamlFile)
    .sort()
    .map((file) => join(folder, file));
}

/** The files that plain `synth` writes: all beside the shipped ones, without the source systems. */
export function committedEnvironments(): string[] {
  return yamlFiles(ENVIRONMENTS);
}

/** Every environment file of the repository. */
export function allEnvironments(): string[] {
  return [...committedEnvironments(), ...yamlFiles(SOURCES)];
}

/** An environment's name: its file's, without folder and ending. */
export const nameOf = (file: string): string => file.replace(/^.*[/\\]|\.ya?ml$/g, "");

/**
 * The file of an environment, given its name (`kind`, `s0`) or a path.
 * @throws EnvironmentError when there is none; it names the nearest
 */
export function environmentFile(nameOrPath: string): string {
  if (/[/\\]|\.ya?ml$/.test(nameOrPath) || statSync(nameOrPath, { throwIfNoEntry: false })?.isFile()) return nameOrPath;
  const files = allEnvironments();
  const file = files.find((candidate) => nameOf(candidate) === nameOrPath);
  if (file) return file;
  const names = files.map(nameOf);
  throw new EnvironmentError(nameOrPath, [{ path: "", message: words.noEnvironment(nearest(nameOrPath, names), names.join(", ")) }]);
}
