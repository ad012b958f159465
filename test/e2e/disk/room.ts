import { CLUSTERS } from "../../../src/config/clusters.ts";
import type { Stage } from "../suite/stage.ts";

const MIB = 2 ** 20;

/** Free room on the node's disk, MiB, as the kubelet counts it. */
export async function freeRoom(stage: Stage): Promise<number> {
  return Math.floor(Number(await stage.inNode("df --output=avail --block-size=1 /var | tail -1")) / MIB);
}

/** Room below which k3s' kubelet evicts pods, MiB. */
export async function evictionLevel(stage: Stage): Promise<number> {
  const size = Number(await stage.inNode("df --output=size --block-size=1 /var | tail -1"));
  return Math.ceil((size * CLUSTERS.k3s.evictsBelow) / 100 / MIB);
}

let files = 0;
/** Takes so much of the disk, MiB, in a moment. */
export const take = (stage: Stage, mebibytes: number): Promise<string> =>
  stage.inNode(`fallocate --length ${mebibytes}M /var/filler.${files++}`);

/** Takes the rest, but for this. */
export const leave = async (stage: Stage, mebibytes: number): Promise<string> => take(stage, (await freeRoom(stage)) - mebibytes);

/** Fills the disk to its last byte. dd always ends with an error, that no space is left: that error is what is wanted. */
export const takeAll = (stage: Stage): Promise<string> =>
  stage.inNode("for size in 1M 4K; do dd if=/dev/zero of=/var/filler.$size bs=$size 2>/dev/null || true; done; sync");

/** Makes room again. */
export const giveBack = (stage: Stage): Promise<string> => stage.inNode("rm -f /var/filler.*");
