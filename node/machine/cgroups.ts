import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { NODE } from "./layout.ts";

const MOUNT = "/sys/fs/cgroup";

/** The node's folders in every cgroup hierarchy: one in cgroup v2, one for each controller in v1. */
export function cgroupFolders(): string[] {
  const hierarchies = existsSync(join(MOUNT, "cgroup.controllers")) ? [MOUNT] : readdirSync(MOUNT).map((name) => join(MOUNT, name));
  return hierarchies.map((folder) => join(folder, NODE)).filter((folder) => existsSync(folder));
}

/** The node's folder where memory is counted, or undefined when it has none. */
export const memoryCgroup = (): string | undefined => cgroupFolders().find((folder) => existsSync(join(folder, "memory.stat")));

/** Removes the node's cgroups, deepest first. Only empty ones can be removed, so that this ends nothing. */
export async function removeCgroups(): Promise<void> {
  for (const folder of cgroupFolders()) remove(folder);
}

function remove(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) remove(join(folder, entry.name));
  rmdirSync(folder);
}
