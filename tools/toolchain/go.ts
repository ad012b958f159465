import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../common/run.ts";
import { type DefinitionFiles, requiredVersion } from "./definition.ts";
import type { GoProgram } from "./programs.ts";

/** What decides a Go program's bytes besides its definition folder. */
export const goRecipe = (program: GoProgram): string[] => [
  `${process.platform}/${process.arch}`,
  JSON.stringify([program.commands, program.stamp ?? null]),
  FLAGS.join(" "),
];

// readonly: go.mod and go.sum are the pins, a build must never move them. trimpath: equal bytes wherever it is built.
// buildvcs=false: the commit of this repository is no part of the program.
const FLAGS = ["-mod=readonly", "-trimpath", "-buildvcs=false"];

/** Linker flags: no symbol table (a third smaller), and the version where the program asks for it. */
export function linkerFlags(program: GoProgram, definition: DefinitionFiles): string {
  const flags = ["-s", "-w"];
  if (program.stamp) {
    const version = requiredVersion(definition["go.mod"] ?? "", program.stamp.module);
    const [major, minor] = version.slice(1).split(".");
    for (const name of program.stamp.packages) {
      flags.push(`-X ${name}.gitVersion=${version}`, `-X ${name}.gitMajor=${major}`, `-X ${name}.gitMinor=${minor}`);
    }
  }
  return flags.join(" ");
}

/**
 * Builds one command into `bin`, by way of a temporary name, so that a file there is always whole.
 *
 * @param folder definition folder with go.mod and go.sum
 * @throws Error when `go` is missing, or with the compiler's own words
 */
export async function buildGo(
  program: GoProgram,
  command: string,
  folder: string,
  definition: DefinitionFiles,
  bin: string,
): Promise<void> {
  await mkdir(bin, { recursive: true });
  const temporary = join(bin, `.${command}.partial`);
  const { status, missing, words } = await run(
    "go",
    ["build", ...FLAGS, "-ldflags", linkerFlags(program, definition), "-o", temporary, String(program.commands[command])],
    {
      cwd: folder,
      // GOFLAGS and GOWORK: a user's own settings must not change what is built here.
      env: { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
    },
  );
  if (missing) throw new Error('go is missing: install Go 1.26 or newer (go.dev, or your distribution\'s package "golang")');
  if (status !== 0) {
    await rm(temporary, { force: true });
    throw new Error(`go build of ${command} in ${folder} failed:\n${words}`);
  }
  await access(temporary);
  await rename(temporary, join(bin, command));
}
