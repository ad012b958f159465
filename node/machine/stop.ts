import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { withProgress } from "../../tools/common/progress.ts";
import { removeCgroups } from "./cgroups.ts";
import { mountDisk, unmountDisk } from "./disk.ts";
import { DATA, HOME, HOST, INSIDE } from "./layout.ts";
import { exclusively } from "./lock.ts";
import { containerState, inside, removeContainer } from "./runc.ts";

/** What may be chosen at a stop. */
export interface StopOptions {
  /**
   * `keep`: the next start finds the cluster and its volumes. `delete`: both are removed; the images stay on the node's
   * disk. `purge`: everything outside the cache is removed, the disk too. @default keep
   */
  readonly data?: "keep" | "delete" | "purge";
}

/**
 * Stops the node: its pods are told to end and have 15 s, then everything in it ends, and with it its mounts, network
 * and packet filter. Mends what a start or stop that was cut off left behind. Nothing happens when there is nothing.
 *
 * @returns whether the node ran
 */
export async function stopNode({ data = "keep" }: StopOptions = {}): Promise<boolean> {
  return exclusively(async () => {
    const state = await containerState();
    if (state !== "absent") {
      await withProgress("stopping the node", "", async () => {
        // A node that was cut off while starting may lack the script: it ends all the same.
        const { words } = state === "running" ? await inside("/bin/bash", `${INSIDE.config}/shutdown.sh`) : { words: "" };
        if (words) process.stderr.write(`${words}\n`);
        await removeContainer();
      });
    }
    await removeCgroups();
    if (data === "delete" && existsSync(HOST.image)) await deleteData();
    await unmountDisk();
    if (data === "purge") await rm(HOME, { recursive: true, force: true });
    return state === "running";
  });
}

/** Removes the cluster and its volumes; containerd keeps its images, and forgets the pods before the next cluster (forget.sh). */
async function deleteData(): Promise<void> {
  await mountDisk();
  await rm(join(HOST.data, "initialised"), { force: true }); // first: from here on it is half a cluster, and no start uses it
  await rm(HOST.log, { recursive: true, force: true }); // the kubelet counts a pod's restarts by its logs
  for (const name of Object.keys(DATA).filter((folder) => folder !== "containerd")) {
    await rm(join(HOST.data, name), { recursive: true, force: true });
  }
}
