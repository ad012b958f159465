import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { allEnvironments } from "../../src/environments.ts";
import { repositoryRoot } from "./root.ts";
import { run } from "./run.ts";

/** An environment with its manifests on disk. */
export interface Environment {
  /** Its file's name without ending, for instance `k3s-ec2`. */
  readonly name: string;
  /** Folder of its manifests. */
  readonly folder: string;
}

/**
 * Runs the project's own synth, as a user does, into `outdir`.
 *
 * @param asked environment names or paths; none means every file that the repository ships
 * @throws Error with synth's own words when it refuses an environment
 */
export async function synthesise(asked: readonly string[], outdir: string): Promise<Environment[]> {
  const root = repositoryRoot();
  const environments = asked.length > 0 ? asked : allEnvironments();
  const program = join(root, "build", "synth.cjs");
  if (!existsSync(program)) throw new Error(`${program} is missing: run "npm run build" first`);
  const { status, words } = await run(process.execPath, [program, "--quiet", "--outdir", outdir, ...environments], { cwd: root });
  if (status !== 0) throw new Error(`synth failed:\n${words}`);
  return environmentsIn(outdir);
}

/**
 * The environments in a folder like dist/: each sub-folder is one.
 *
 * @param names which of them; none means all
 * @throws Error when one is missing
 */
export function environmentsIn(folder: string, names: readonly string[] = []): Environment[] {
  const there = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()) : [];
  const found = there.map((entry) => entry.name).sort();
  const wanted = names.length > 0 ? names.map((name) => basename(name, ".yaml")) : found;
  const missing = wanted.filter((name) => !found.includes(name));
  if (missing.length > 0 || found.length === 0)
    throw new Error(`${folder} holds no ${missing.join(", ") || "environment"}: it has ${found.join(", ") || "nothing"}`);
  return wanted.map((name) => ({ name, folder: join(folder, name) }));
}
