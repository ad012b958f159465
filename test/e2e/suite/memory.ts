import { readFileSync } from "node:fs";
import type { Stage } from "./stage.ts";

/** Watches for processes that the kernel killed because memory ran out, on the machine and in our pods. */
export class MemoryWatch {
  private readonly before = kills();
  private readonly containers = new Set<string>();

  /** Looks at the containers; a pod that is deleted later takes its history along. */
  async look(stage: Stage): Promise<void> {
    for (const { outOfMemory } of await stage.everyPod()) for (const name of outOfMemory) this.containers.add(name);
  }

  /** What happened since the beginning, in words. @throws Error when anything was killed */
  verdict(): string {
    const count = kills() - this.before;
    const names = [...this.containers];
    if (count > 0 || names.length > 0) {
      throw new Error(
        `out of memory: ${count} kills on this machine (by anybody); containers killed in the node: ${names.join(", ") || "none"}`,
      );
    }
    return "oom_kill in /proc/vmstat is what it was, no container was OOMKilled";
  }
}

/** Processes that the kernel has killed because memory ran out, on the whole machine since it started. @throws Error on a kernel that does not count them */
export function kills(): number {
  const count = /^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "utf8"))?.[1];
  if (count === undefined) throw new Error("/proc/vmstat has no oom_kill: this kernel does not tell (Linux 4.13 does)");
  return Number(count);
}
