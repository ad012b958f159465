import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import { machine as say } from "../messages/machine.ts";
import type { Surroundings } from "./process.ts";

/** The holder of the lock. `started` distinguishes a process from a later one with the same pid, where Linux's /proc shows it. */
interface Holder {
  readonly pid: number;
  readonly started?: string;
}

/** When a process was started, in ticks since the machine was: field 22 of /proc/PID/stat (proc(5)). */
function startOf(pid: number): string | undefined {
  try {
    // The second field is the program's name in brackets, which may hold spaces and brackets.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false; // EPERM: another user's, and alive
  }
  const now = startOf(pid);
  return started === undefined || now === undefined || now === started;
}

function read(file: string): { readonly text: string; readonly holder: Holder } | undefined {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
    return { text, holder: JSON.parse(text) };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : { text, holder: { pid: 0 } };
  }
}

/** Takes the lock unless a living process holds it. Returns the holder then. */
function take(file: string): Holder | undefined {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Holder));
  try {
    for (;;) {
      try {
        linkSync(mine, file); // the only step that takes it, and it fails where there is one
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const there = read(file);
      if (there && isAlive(there.holder)) return there.holder;
      if (there) removeStale(file, there.text);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Removes the lock of a process that has ended, and puts one back that was taken by another meanwhile. */
function removeStale(file: string, text: string): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, "utf8") !== text) linkSync(aside, file);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["EPERM", "EACCES"].includes(code)) throw new ClusterError(say.lockLeft(file), say.removeLock); // a sticky folder
    if (!["ENOENT", "EEXIST"].includes(code)) throw error;
  }
  rmSync(aside, { force: true });
}

const POLL_MS = 500;

/** One for the whole machine, whatever the checkout and the user: two runs would make the same cluster. */
const lockFile = (folder: string): string => join(folder, "cloudnova-up.lock");

/**
 * Runs `work` while no other `up` prepares a cluster of this machine, and says so while it waits. A run that was killed holds nothing.
 *
 * @param folder where the lock lies, the same for all @default the machine's temporary folder
 * @throws Interrupted
 */
export async function exclusively<T>({ stderr, signal }: Surroundings, work: () => Promise<T>, folder = tmpdir()): Promise<T> {
  const file = lockFile(folder);
  let said = false;
  for (;;) {
    if (signal.aborted) throw new Interrupted();
    const holder = take(file);
    if (!holder) break;
    if (!said) stderr.write(`${say.waitsForOther(holder.pid)}\n`);
    said = true;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
