import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../common/lock.ts";
import { withProgress } from "../common/progress.ts";
import { output, run } from "../common/run.ts";
import { heavyLock } from "../toolchain/cache.ts";
import { definitionHash } from "../toolchain/definition.ts";
import { imageCache } from "./cache.ts";

/** A root file system of Debian packages. */
export interface DebianRecipe {
  readonly suite: string;
  readonly packages: readonly string[];
}

/** A root file system in the cache. */
export interface DebianRoot {
  /** Uncompressed tar file. */
  readonly tar: string;
  /** Installed version of each package of the recipe. */
  readonly versions: Readonly<Record<string, string>>;
}

// Nobody reads manuals or translations in a container: a fifth of the size.
const LEFT_OUT = ["doc", "man", "info", "locale"].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);

/**
 * A root file system with these packages, from the cache or made by mmdebstrap. It keeps the versions of the day on
 * which it was made: sid moves, so they are read and reported, never pinned.
 *
 * @param refresh make it anew, with today's versions
 * @throws Error when mmdebstrap is missing or Debian no longer has a package
 */
export async function debianRoot(recipe: DebianRecipe, refresh = false): Promise<DebianRoot> {
  const { suite, packages } = recipe;
  const name = `debian-${suite}-${definitionHash({}, [process.arch, suite, ...packages, ...LEFT_OUT])}`;
  const tar = join(imageCache(), `${name}.tar`);
  const notes = join(imageCache(), `${name}.json`);
  if (refresh) await rm(notes, { force: true });
  if (!existsSync(notes)) {
    await mkdir(imageCache(), { recursive: true });
    const wait = (what: string) => () => void process.stderr.write(`… making ${name}: waiting for ${what}\n`);
    await withLock(`${tar}.lock`, wait("another run that makes it"), async () => {
      if (existsSync(notes)) return;
      await withLock(heavyLock(), wait("a benchmark or a build"), () =>
        withProgress(`installing Debian ${suite}: ${packages.join(", ")}`, "first time only, about a minute", () =>
          make(recipe, tar, notes),
        ),
      );
    });
  }
  return { tar, versions: JSON.parse(await readFile(notes, "utf8")) };
}

async function make({ suite, packages }: DebianRecipe, tar: string, notes: string): Promise<void> {
  const partial = `${tar}.partial.tar`; // mmdebstrap goes by the ending
  await rm(partial, { force: true });
  const { status, missing, words } = await run("mmdebstrap", [
    "--quiet",
    "--variant=essential",
    // A machine whose clock is ahead, or an archive that was not refreshed for a week, is no reason to fail.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    ...LEFT_OUT,
    `--include=${packages.join(",")}`,
    suite,
    partial,
  ]);
  if (missing) throw new Error("mmdebstrap is missing: install it (Debian, Ubuntu: apt-get install mmdebstrap debian-archive-keyring)");
  if (status !== 0) {
    const gone = [...words.matchAll(/Unable to locate package (\S+)|Package '?(\S+?)'? has no installation candidate/g)].map(
      (match) => match[1] ?? match[2],
    );
    if (gone.length > 0)
      throw new Error(`Debian ${suite} has no ${gone.join(", ")} today: look for its successor and change tools/cluster/table.ts`);
    throw new Error(`mmdebstrap could not install ${packages.join(", ")} from Debian ${suite}:\n${words}`);
  }
  const installed = await output("tar", ["--extract", "--to-stdout", "--file", partial, "./var/lib/dpkg/status"]);
  await rename(partial, tar);
  await writeFile(`${notes}.partial`, JSON.stringify(versionsIn(installed, packages)));
  await rename(`${notes}.partial`, notes); // the proof that both are whole
}

/** Versions of these packages in dpkg's status file. */
export function versionsIn(status: string, packages: readonly string[]): Record<string, string> {
  const field = (entry: string, name: string) => new RegExp(`^${name}: (.+)$`, "m").exec(entry)?.[1] ?? "";
  const all = new Map(status.split("\n\n").map((entry) => [field(entry, "Package"), field(entry, "Version")]));
  return Object.fromEntries(packages.map((name) => [name, all.get(name) ?? "not installed"]));
}

/** The upstream part of a Debian version: "2:3.5.30+ds1-2" is 3.5.30. */
export const upstreamVersion = (version: string): string => version.replace(/^\d+:/, "").replace(/[-+~].*$/, "");
