import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifests } from "./app.ts";

/** Writes the files of one environment into a folder that is empty or new. */
function fill(folder: string, files: Manifests): void {
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(folder, file), text);
}

/** Writes each environment's folder below `outdir`, where cdk8s' own command has made room. */
export function writeInto(outdir: string, folders: ReadonlyMap<string, Manifests>): void {
  for (const [name, files] of folders) fill(join(outdir, name), files);
}

/**
 * Replaces each environment's folder below `outdir` by what is given: everything is written beside it first, so that a
 * full disk or a missing right leaves what was there, and no reader finds half an environment. A run that is killed between
 * the two steps leaves no folder or a `.synth-…` beside it; git has what was there, and the next run writes the folder again.
 */
export function replace(outdir: string, folders: ReadonlyMap<string, Manifests>): void {
  mkdirSync(outdir, { recursive: true });
  const work = mkdtempSync(join(outdir, ".synth-"));
  try {
    writeInto(work, folders);
    for (const name of folders.keys()) {
      rmSync(join(outdir, name), { recursive: true, force: true });
      renameSync(join(work, name), join(outdir, name));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The folders in `outdir` that synth wrote, by their kustomization, for environments that are not among the `named`. */
export function otherFolders(outdir: string, named: ReadonlySet<string>): string[] {
  return readdirSync(outdir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !named.has(entry.name) && existsSync(join(outdir, entry.name, "Kustomization")))
    .map(({ name }) => name);
}
