import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Manifests } from "./app.ts";

/** Writes the files of each folder into `outdir`; for a folder that is empty or new. */
export function writeInto(outdir: string, folders: ReadonlyMap<string, Manifests>): void {
  for (const [name, files] of folders) {
    const folder = join(outdir, name);
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of files) writeFileSync(join(folder, file), text);
  }
}

/** Replaces a folder by what `fill` writes: all of it or, when something fails, nothing. */
function swap(target: string, fill: (folder: string) => void): void {
  const parent = dirname(resolve(target));
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(join(parent, `.${basename(target)}-`));
  try {
    const [fresh, old] = [join(work, "new"), join(work, "old")];
    mkdirSync(fresh);
    fill(fresh);
    if (existsSync(target)) renameSync(target, old);
    renameSync(fresh, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Replaces `outdir` by the folders, or only the named folders in it.
 * @param whole whether the folders are all that belongs there
 */
export function replace(outdir: string, folders: ReadonlyMap<string, Manifests>, whole: boolean): void {
  if (whole) {
    swap(outdir, (fresh) => writeInto(fresh, folders));
    return;
  }
  for (const [name, files] of folders) swap(join(outdir, name), (fresh) => writeInto(fresh, new Map([["", files]])));
}
