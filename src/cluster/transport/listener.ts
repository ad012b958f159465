import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { doctor as words } from "../../messages/doctor.ts";

/** How /proc writes that state. */
const LISTENING = "0A";

/** The program that listens on a TCP port, as far as Linux tells it to this user. */
export function listener(port: number): { name: string; pid: number } | undefined {
  try {
    const rows = ["tcp", "tcp6"].flatMap((table) => readFileSync(`/proc/net/${table}`, "utf8").trim().split("\n").slice(1));
    const inodes = rows
      .map((row) => row.trim().split(/\s+/))
      .filter(([, address = "", , state]) => state === LISTENING && Number.parseInt(address.split(":")[1] ?? "", 16) === port)
      .map((cells) => `socket:[${cells[9]}]`);
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      if (holds(pid, inodes)) return { name: readFileSync(`/proc/${pid}/comm`, "utf8").trim(), pid: Number(pid) };
    }
  } catch {
    // no /proc here, or the program ended meanwhile
  }
  return undefined;
}

function holds(pid: string, sockets: readonly string[]): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.includes(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false; // another user's, or gone
  }
}

/** Who listens on a TCP port of this machine, in words. */
export function whoListens(port: number): string {
  const whom = listener(port);
  return whom ? words.program(whom.name, whom.pid) : words.somebody;
}
