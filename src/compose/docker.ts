import { dirname } from "node:path";
import { ClusterError } from "../cluster/cluster-error.ts";
import { compose as say } from "../messages/compose.ts";
import { lastLines, run, type Surroundings } from "../target/process.ts";
import type { Project } from "./model.ts";

/** Loads a project with Docker Compose itself; undefined where there is none. */
export type Docker = (files: readonly string[]) => Promise<Project | undefined>;

/** `docker compose config` writes `$$` for a dollar sign, so that its output can be read again. */
function withDollars(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$$", "$");
  if (Array.isArray(value)) return value.map(withDollars);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withDollars(one)]));
}

/** What `docker compose config --format json` printed, as a project. @param warnings its standard error */
export function projectOf(json: string, warnings: string, files: readonly string[]): Project {
  const { name, services = {}, secrets = {}, configs = {} } = withDollars(JSON.parse(json)) as Partial<Project>;
  const unset = [...warnings.matchAll(/The \\?"(\w+)\\?" variable is not set/g)].map(([, variable = ""]) => variable);
  return { name: name ?? "", folder: dirname(files[0] ?? ""), services, secrets, configs, unset: [...new Set(unset)].sort() };
}

/**
 * Docker Compose of this machine.
 *
 * @throws ClusterError with its own words, where it refuses the project
 */
export const dockerCompose =
  (around: Surroundings): Docker =>
  async (files) => {
    const version = await run(around, "docker", ["compose", "version", "--short"]);
    if (version.status !== 0) return undefined;
    const args = ["compose", ...files.flatMap((file) => ["-f", file]), "--profile", "*", "config", "--format", "json"];
    const { status, stdout, words } = await run(around, "docker", args);
    if (status !== 0) throw new ClusterError(say.dockerFailed(lastLines(words)));
    return projectOf(stdout, words, files);
  };
