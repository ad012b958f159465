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

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0); // only asks
    return pid !== process.pid; // this one has left nothing yet: a former process had its number, as in containers
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Puts right what runs left that were ended by force: a folder that was out of the way comes back, unless another stands in
 * its place, and the rest goes. The folder of a run that still works, by the process number in its name, is left alone.
 */
function recover(outdir: string): void {
  for (const left of readdirSync(outdir)) {
    const pid = /^\.synth-(\d+)-/.exec(left)?.[1];
    if (!pid || runs(Number(pid))) continue;
    const old = join(outdir, left, "old");
    for (const name of existsSync(old) ? readdirSync(old) : []) {
      if (!existsSync(join(outdir, name))) renameSync(join(old, name), join(outdir, name));
    }
    rmSync(join(outdir, left), { recursive: true, force: true });
  }
}

/**
 * Replaces each environment's folder below `outdir` by what is given: everything is written beside it first, so that a
 * full disk or a missing right leaves what was there. Nothing else in `outdir` is touched.
 */
export function replace(outdir: string, folders: ReadonlyMap<string, Manifests>): void {
  mkdirSync(outdir, { recursive: true });
  recover(outdir);
  const work = mkdtempSync(join(outdir, `.synth-${process.pid}-`));
  try {
    for (const [name, files] of folders) fill(join(work, "new", name), files);
    mkdirSync(join(work, "old"));
    for (const name of folders.keys()) swap(join(outdir, name), join(work, "new", name), join(work, "old", name));
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
