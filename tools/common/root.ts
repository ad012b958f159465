import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The repository's own folder: the nearest one upwards from `start` that holds `tools/go`.
 * Not taken from the running file's place, which differs between the bundle and the tests.
 *
 * @param start folder to begin at; default: the current one
 * @throws Error when no folder above `start` is the repository
 */
export function repositoryRoot(start = process.cwd()): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "tools", "go"))) return folder;
    if (folder === dirname(folder)) throw new Error(`${start} is not inside the CloudNova repository: run the command there`);
  }
}
