import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ExecaError, execa } from "execa";

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
  const { stdout, failed } = await execa("python3", ["-c", code], { reject: false });
  if (failed) throw new Error(MISSING);
  const [major = 0, minor = 0] = String(stdout).split(" ")[0]?.split(".").map(Number) ?? [];
  if (major < 3 || (major === 3 && minor < 10)) throw new Error(`python3 is ${major}.${minor}. ${MISSING}`);
  return [`${process.platform}/${process.arch}`, String(stdout)];
}

/**
 * Creates a virtual environment at `target` from hash-locked wheels; nothing is compiled and no setup script runs.
 *
 * @throws Error with pip's own words
 */
export async function installPython(folder: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  try {
    await execa("python3", ["-m", "venv", target]);
    await execa(join(target, "bin", "pip"), [
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "--no-input",
      "--require-hashes",
      "--only-binary",
      ":all:",
      "--requirement",
      join(folder, "requirements.txt"),
    ]);
  } catch (error) {
    const words = error instanceof ExecaError ? error.stderr || error.shortMessage : String(error);
    throw new Error(`${/venv|ensurepip/.test(words) ? `${MISSING}\n` : ""}installing ${folder}/requirements.txt failed:\n${words}`);
  }
  await writeFile(join(target, COMPLETE), "");
}
