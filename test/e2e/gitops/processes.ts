import { readFileSync } from "node:fs";

/** What a process takes. */
export interface Usage {
  /** Resident memory now, and the most that it ever was, in MiB. */
  readonly memory: number;
  readonly peak: number;
  /** Processor time since its start, in seconds. */
  readonly seconds: number;
}

/** Linux counts a process' time in hundredths of a second (sysconf(_SC_CLK_TCK) on every architecture that Node.js runs on). */
const TICKS = 100;

/** What a process takes now, by /proc. */
export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mebibytes = (key: string) => Math.round(Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024);
  // The second field is the program's name in brackets, which may have spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return { memory: mebibytes("VmRSS"), peak: mebibytes("VmHWM"), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS };
}
