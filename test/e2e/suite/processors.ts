import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { cgroupFolders } from "../../../node/machine/cgroups.ts";

/** Processor time that the whole node has used since it started, in seconds. */
function used(): number {
  const folders = cgroupFolders();
  const v1 = folders.map((folder) => join(folder, "cpuacct.usage")).find((path) => existsSync(path));
  if (v1) return Number(readFileSync(v1, "utf8")) / 1e9;
  const v2 = folders.map((folder) => join(folder, "cpu.stat")).find((path) => existsSync(path));
  return Number(/^usage_usec (\d+)$/m.exec(v2 ? readFileSync(v2, "utf8") : "")?.[1]) / 1e6;
}

/** Begins to measure; the function that is returned tells the node's share of the machine's processors since, in %. */
export function processorShare(): () => number {
  const [before, begun] = [used(), Date.now()];
  return () => (100 * (used() - before)) / (((Date.now() - begun) / 1000) * cpus().length);
}
