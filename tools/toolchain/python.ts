import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../common/run.ts";

const MISSING = "python3 with venv is missing: install Python 3.10 or newer (Debian: apt-get install python3 python3-venv)";

/** File that is written when an installation is whole. A virtual environment cannot be built elsewhere and renamed: its scripts name their own folder. */
export const COMPLETE = ".complete";

/**
 * What decides an installation besides its requirements: the platform, and the interpreter that the environment points at.
 *
 * @throws Error when `python3` is missing or too old
 */
export async function pythonRecipe(): Promise<string[]> {
  const code = 'import sys; print("%d.%d" % sys.version_info[:2], sys.base_prefix)';
  const { stdout, status } = await run("python3", ["-c", code]);
  if (status !== 0) throw new Error(MISSING);
  const [major = 0, minor = 0] = stdout.split(" ")[0]?.split(".").map(Number) ?? [];
  if (major < 3 || (major === 3 && minor < 10)) throw new Error(`python3 is ${major}.${minor}. ${MISSING}`);
  return [`${process.platform}/${process.arch}`, stdout.trim()];
}

/**
 * Creates a virtual environment at `target` from hash-locked wheels; nothing is compiled and no setup script runs but those of packages
 * that the requirements except by `--no-binary`.
 *
 * @throws Error with pip's own words
 */
export async function installPython(folder: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  const venv = await run("python3", ["-m", "venv", target]);
  if (venv.status !== 0) throw new Error(`${MISSING}\n${venv.words}`);
  const flags = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--only-binary", ":all:"];
  const pip = await run(join(target, "bin", "pip"), ["install", ...flags, "--requirement", join(folder, "requirements.txt")]);
  if (pip.status !== 0) throw new Error(`installing ${folder}/requirements.txt failed:\n${pip.words}`);
  await writeFile(join(target, COMPLETE), "");
}
