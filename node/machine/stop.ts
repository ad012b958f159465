import { rm } from "node:fs/promises";
import { withProgress } from "../../tools/common/progress.ts";
import { removeCgroups } from "./cgroups.ts";
import { HOME } from "./layout.ts";
import { exclusively } from "./lock.ts";
import { containerState, inside, removeContainer } from "./runc.ts";

/** What may be chosen at a stop. */
export interface StopOptions {
  /** Remove the cluster, its volumes and its images too. @default false: the next start finds them */
  readonly deleteData?: boolean;
}

/**
 * Stops the node: its pods are told to end and have 15 s, then everything in it ends, and with it its mounts, network
 * and packet filter. Nothing happens when it does not run.
 *
 * @returns whether there was anything to stop
 */
export async function stopNode({ deleteData = false }: StopOptions = {}): Promise<boolean> {
  return exclusively(async () => {
    const state = await containerState();
    if (state !== "absent") {
      await withProgress("stopping the node", "", async () => {
        // A node that was cut off while starting may lack the script: it ends all the same.
        if (state === "running") await inside("/bin/bash", "/opt/config/shutdown.sh");
        await removeContainer();
      });
    }
    await removeCgroups();
    if (deleteData) await rm(HOME, { recursive: true, force: true });
    return state !== "absent";
  });
}
