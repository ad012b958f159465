import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { evidence as say } from "../messages/evidence.ts";
import type { Commit, Entry } from "./model.ts";

const run = promisify(execFile);

/** Runs git in the current folder. @throws Error in words */
async function git(...args: readonly string[]): Promise<string> {
  try {
    return (await run("git", [...args], { maxBuffer: 16 * 2 ** 20 })).stdout;
  } catch (error) {
    const { code, stderr = "", message } = error as NodeJS.ErrnoException & { stderr?: string };
    throw new Error(code === "ENOENT" ? say.noGit : (stderr || message).trim().split("\n")[0]);
  }
}

/** The commit that is checked out here. */
export async function readCommit(): Promise<Commit> {
  const [id = "", date = "", subject = ""] = (await git("log", "-1", "--format=%H%n%cI%n%s")).split("\n");
  const changed = (await git("status", "--porcelain", "--untracked-files=no")) !== "";
  return { id, date, subject, changed };
}

/** The files of git, as folders: those at the top with their number of files, and the folders in them. */
export function layoutOf(files: readonly string[]): Entry[] {
  const counts = new Map<string, number>();
  const add = (path: string, by: number) => counts.set(path, (counts.get(path) ?? 0) + by);
  for (const file of files) {
    const [top = "", second = "", ...rest] = file.split("/");
    add(second ? `${top}/` : top, second ? 1 : 0);
    if (rest.length > 0) add(`${top}/${second}/`, 1);
  }
  const folderFirst = (path: string) => (path.includes("/") ? 0 : 1);
  return [...counts]
    .map(([path, number]) => ({ path, files: number }))
    .sort((one, other) => folderFirst(one.path) - folderFirst(other.path) || one.path.localeCompare(other.path, "en"));
}

/** The repository's layout. */
export async function readLayout(): Promise<Entry[]> {
  return layoutOf((await git("ls-files", "-z")).split("\0").filter(Boolean));
}
