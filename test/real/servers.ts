import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type DebianRecipe, debianRoot } from "../../tools/cluster/debian.ts";
import { SERVERS } from "../../tools/cluster/table.ts";

export const run = promisify(execFile);

/** The folder of a root file system of Debian packages. @param recipe @default the servers that the kind cluster of the tests runs */
export async function serversRoot(recipe: DebianRecipe = SERVERS): Promise<string> {
  const { tar, versions } = await debianRoot(recipe);
  console.info(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  );
  const root = tar.replace(/\.tar$/, ".root");
  if (!existsSync(root)) {
    const partial = `${root}.${process.pid}`;
    mkdirSync(partial);
    await run("tar", ["--extract", "--file", tar, "--directory", partial]);
    try {
      renameSync(partial, root);
    } catch {
      rmSync(partial, { recursive: true }); // another run was faster
    }
  }
  return root;
}

/** Files by absolute path inside a mount namespace, for a shell script that mounts tmpfs over `folders` of a root first. */
export function prelude(root: string, folders: readonly string[]): string {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  return folders.map((folder) => `mount -t tmpfs tmpfs ${join(root, folder)}`).join("\n");
}

/** Writes files below a folder; keys are paths. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** A shell script that runs a command in a root, where files lie at their places below `folders`; keys of files are paths. */
export function inRootScript(root: string, folders: readonly string[], files: Readonly<Record<string, string>>, command: string): string {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-root-"));
  writeFiles(folder, files);
  return `set -e\n${prelude(root, folders)}\ncp -r ${folder}/. ${root}/\nrm -r ${folder}\nexec chroot ${root} sh -c '${command}'`;
}

/** Runs such a script in a mount namespace of its own; returns what it printed. @throws Error with the same when it fails */
export async function inRoot(...script: Parameters<typeof inRootScript>): Promise<string> {
  const { stdout, stderr } = await run("unshare", ["--mount", "bash", "-c", inRootScript(...script)]).catch((error) =>
    Promise.reject(new Error(`${error.stdout}${error.stderr}`)),
  );
  return stdout + stderr;
}
