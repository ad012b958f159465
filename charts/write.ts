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

/** Puts `fresh` in the place of `target`, whose former content goes to `old`; when that fails all is as it was. */
function swap(target: string, fresh: string, old: string): void {
  const before = existsSync(target);
  if (before) renameSync(target, old);
  try {
    renameSync(fresh, target);
  } catch (error) {
    if (before) renameSync(old, target);
    throw error;
  }
}

/**
 * Replaces each environment's folder below `outdir` by what is given: everything is written beside it first, so that a
 * full disk or a missing right leaves what was there. Nothing else in `outdir` is touched.
 */
export function replace(outdir: string, folders: ReadonlyMap<string, Manifests>): void {
  mkdirSync(outdir, { recursive: true });
  const work = mkdtempSync(join(outdir, ".synth-"));
  try {
    for (const [name, files] of folders) fill(join(work, "new", name), files);
    mkdirSync(join(work, "old"));
    for (const name of folders.keys()) swap(join(outdir, name), join(work, "new", name), join(work, "old", name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Removes the folders of environments that are no more, and returns their names: those that synth made, by their kustomization. */
export function removeStale(outdir: string, kept: ReadonlySet<string>): string[] {
  const stale = readdirSync(outdir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !kept.has(entry.name) && existsSync(join(outdir, entry.name, "Kustomization")))
    .map(({ name }) => name);
  for (const name of stale) rmSync(join(outdir, name), { recursive: true });
  return stale;
}
