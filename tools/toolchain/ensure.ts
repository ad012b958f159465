import { existsSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../common/lock.ts";
import { withProgress } from "../common/progress.ts";
import { repositoryRoot } from "../common/root.ts";
import { cacheFolder, heavyLock } from "./cache.ts";
import { definitionHash, readDefinition } from "./definition.ts";
import { buildGo, goRecipe } from "./go.ts";
import { type Program, type ProgramName, programs } from "./programs.ts";
import { COMPLETE, installPython, pythonRecipe } from "./python.ts";

/**
 * Makes a program available and returns the folder of its commands.
 * What was built once is found by its definition's hash, in well under a second and without the network.
 *
 * Takes the heavy lock while it builds: never call it while holding that lock.
 *
 * @param commands which commands of the program are needed; default: its usual ones. Go commands are built one by one.
 * @throws Error that names what to install (go, python3, flock), or with the builder's own words
 */
export async function ensure(name: ProgramName, commands?: readonly string[]): Promise<string> {
  const program: Program = programs[name];
  const folder = join(repositoryRoot(), (program.kind === "go" && program.folder) || join("tools", program.kind, name));
  const definition = readDefinition(folder);
  const recipe = program.kind === "go" ? goRecipe(program) : await pythonRecipe();
  const target = join(cacheFolder(), "toolchain", `${name}-${definitionHash(definition, recipe)}`);
  const bin = join(target, "bin");

  if (program.kind === "python") {
    await once(join(target, COMPLETE), `${target}.lock`, `installing ${name}`, "first time only", () => installPython(folder, target));
    return bin;
  }
  const known = Object.keys(program.commands);
  for (const command of commands ?? program.usual ?? known) {
    if (!known.includes(command)) throw new Error(`${name} has no command ${command}: it has ${known.join(", ")}`);
    const hint = name === "kubernetes" ? "first time only, up to 5 minutes on two cores" : "first time only, up to 2 minutes";
    await once(join(bin, command), `${target}.lock`, `building ${command}`, hint, () => buildGo(program, command, folder, definition, bin));
  }
  return bin;
}

/** Runs `work` unless `proof` exists, one process at a time. */
async function once(proof: string, lock: string, title: string, hint: string, work: () => Promise<void>): Promise<void> {
  if (existsSync(proof)) return;
  const waitFor = (what: string) => () => void process.stderr.write(`… ${title}: waiting for ${what}\n`);
  await withLock(lock, waitFor("another run that builds it"), async () => {
    if (existsSync(proof)) return; // that other run has built it
    await withLock(heavyLock(), waitFor("a benchmark or another build"), () => withProgress(title, hint, work));
  });
}
