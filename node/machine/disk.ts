import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { output, run } from "../../tools/common/run.ts";
import { HOST } from "./layout.ts";

/** Size of the node's disk: what cloud machines of 2 GiB commonly get. The file is sparse, it takes what is written. */
const SIZE = "20G";

/**
 * Read-ahead in KiB, Linux' own default. Machines differ (8 MiB was met on one), and a node of little memory that reads
 * megabytes at every page fault does nothing else: it read 150 MB/s of its own programs, over and over.
 */
const READ_AHEAD_KIB = 128;

const FREE_LIMIT_MS = 3000;

/**
 * Makes the node's disk unless it is there, and mounts it unless it is mounted. A disk of its own bounds what the node
 * can fill, and has the properties of a small machine's disk rather than this machine's.
 */
export async function mountDisk(): Promise<void> {
  if (!existsSync(HOST.image)) {
    const partial = `${HOST.image}.partial`;
    await rm(partial, { force: true });
    await output("truncate", ["--size", SIZE, partial]);
    await output("mke2fs", ["-q", "-t", "ext4", "-m", "0", partial]);
    await rename(partial, HOST.image);
  }
  await mkdir(HOST.disk, { recursive: true });
  if ((await diskDevice()) === undefined) {
    const { status, words } = await run("mount", ["-o", "loop", HOST.image, HOST.disk]);
    if (status !== 0)
      throw new Error(`the node's disk ${HOST.image} cannot be mounted (${words}): the node needs loop devices (modprobe loop)`);
  }
  const device = await diskDevice();
  if (device === undefined) throw new Error(`${HOST.disk} is not mounted although mount said so: look at "findmnt ${HOST.disk}"`);
  // Past the machine's page cache: a page in it would be counted a second time, and nobody would read it.
  await output("losetup", ["--direct-io=on", device]);
  await writeFile(`/sys/block/${basename(device)}/queue/read_ahead_kb`, String(READ_AHEAD_KIB));
}

/**
 * Unmounts the node's disk and waits until its loop device is free. A program that took a copy of the machine's mounts
 * meanwhile (an image build does) keeps it until it ends; that is said, and harms nothing: a start uses the same device again.
 */
export async function unmountDisk(): Promise<void> {
  // Gives back to this machine what was deleted on the node's disk; where that cannot be done, the file only stays larger.
  if ((await diskDevice()) !== undefined) await run("fstrim", [HOST.disk]);
  while ((await diskDevice()) !== undefined) await output("umount", [HOST.disk]);
  const deadline = Date.now() + FREE_LIMIT_MS;
  while (existsSync(HOST.image)) {
    const users = (await output("losetup", ["--associated", HOST.image])).trim();
    if (users === "") return;
    if (Date.now() > deadline) {
      process.stderr.write(`… ${users.split(":")[0]} is freed when another program ends that holds a copy of this machine's mounts\n`);
      return;
    }
    await sleep(100);
  }
}

/** The loop device behind the mounted disk, or undefined when it is not mounted. */
async function diskDevice(): Promise<string | undefined> {
  const { status, stdout } = await run("findmnt", ["--noheadings", "--output", "SOURCE", "--mountpoint", HOST.disk]);
  return status === 0 ? stdout.trim().split("\n").at(-1) : undefined;
}
