import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A definition's files by their names, as text. */
export type DefinitionFiles = Readonly<Record<string, string>>;

/** Reads the files of a definition folder, by their paths in it. */
export function readDefinition(folder: string): DefinitionFiles {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

/**
 * Names what a definition builds: equal for equal files and recipe, whatever order they come in, and
 * different as soon as one byte differs. 12 hex digits (48 bits): collisions do not matter among a few dozen.
 *
 * @param recipe what besides the files decides the result: platform, flags, interpreter
 */
export function definitionHash(files: DefinitionFiles, recipe: readonly string[]): string {
  const parts = Object.keys(files)
    .sort()
    .map((file) => [file, files[file]]);
  return createHash("sha256")
    .update(JSON.stringify([parts, recipe]))
    .digest("hex")
    .slice(0, 12);
}

/**
 * The version that go.mod requires of a module.
 *
 * @throws Error when go.mod does not require it
 */
export function requiredVersion(goMod: string, module: string): string {
  const line = goMod.split("\n").find((text) =>
    text
      .replace(/^require\s+/, "")
      .trim()
      .startsWith(`${module} v`),
  );
  const version = line?.match(/ (v\S+)/)?.[1];
  if (!version) throw new Error(`go.mod requires no ${module}: add it with "go get ${module}@VERSION"`);
  return version;
}
