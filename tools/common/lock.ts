import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Runs `work` while holding an exclusive lock on `file`, waiting for whoever holds it now.
 *
 * The lock is flock(2), held by a child that ends with this process: a crash or Ctrl-C cannot leave it taken,
 * and shell scripts share it with `flock FILE COMMAND`. `-o` keeps the lock out of the child's own children.
 *
 * @param onWait called once when the lock is taken by somebody else
 * @throws Error when the `flock` command is missing
 */
export async function withLock<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const waiting = setTimeout(onWait, 300);
  // The child lives exactly as long as its standard input, our pipe, stays open.
  const holder = spawn("flock", ["-o", file, "sh", "-c", "echo held; cat >/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<never>((_, reject) => {
    holder.once("error", () => reject(new Error('flock is missing: install util-linux (Debian) or "brew install flock" (macOS)')));
    holder.once("exit", () => reject(new Error(`flock gave up on ${file}: is its folder writable?`)));
  });
  ended.catch(() => undefined);
  try {
    await Promise.race([once(holder.stdout, "data"), ended]);
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
  }
}
