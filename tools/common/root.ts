import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * The repository's folder, which every command is run in (`npm run` sees to that).
 *
 * @throws Error when the current folder is another one
 */
export function repositoryRoot(): string {
  const here = process.cwd();
  if (existsSync(join(here, "tools", "go"))) return here;
  throw new Error(`${here} is not CloudNova's folder: run the command there, best by "npm run"`);
}
