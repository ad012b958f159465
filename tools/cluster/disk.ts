import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { output, run } from "../common/run.ts";

/** Size of Docker's disk: node images, clusters and their volumes. The file is sparse, it takes what is written. */
const SIZE = "40G";

/**
 * Read-ahead in KiB, Linux' own default. Machines differ: with the 8 MiB of one, a node whose memory is limited to 1,700 MiB read
 * 880 MB/s of its own programs, over and over, and did nothing else.
 */
const READ_AHEAD_KIB = 128;

const FREE_LIMIT_MS = 3000;

/**
 * Mounts the file system in the file `image` at `folder`, and makes it first where there is none. A disk of its own has the
 * properties of a small machine's disk rather than this machine's.
 *
 * @param size as truncate(1) takes it. @default that of Docker's disk
 * @throws Error when this machine has no loop devices
 */
export async function mountDisk(image: string, folder: string, size = SIZE): Promise<void> {
  if (!existsSync(image)) {
    const partial = `${image}.partial`;
    await mkdir(dirname(image), { recursive: true });
    await rm(partial, { force: true });
    await output("truncate", ["--size", size, partial]);
    await output("mke2fs", ["-q", "-t", "ext4", "-m", "0", partial]);
    await rename(partial, image);
  }
  await mkdir(folder, { recursive: true });
  if ((await diskDevice(folder)) === undefined) {
    const { status, words } = await run("mount", ["-o", "loop", image, folder]);
    if (status !== 0) throw new Error(`${image} cannot be mounted (${words}): Docker's disk needs loop devices (modprobe loop)`);
  }
  const device = await diskDevice(folder);
  if (device === undefined) throw new Error(`${folder} is not mounted although mount said so: look at "findmnt ${folder}"`);
  // Past the machine's page cache: a page in it would be counted a second time.
  await output("losetup", ["--direct-io=on", device]);
  await writeFile(`/sys/block/${basename(device)}/queue/read_ahead_kb`, String(READ_AHEAD_KIB));
}

/**
 * Unmounts the disk and waits until its loop device is free. A program that took a copy of the machine's mounts meanwhile (an image
 * build does) keeps it until it ends; that is said, and harms nothing: the next mount uses the same device.
 */
export async function unmountDisk(image: string, folder: string): Promise<void> {
  // Gives back to this machine what was deleted on the disk; where that cannot be done, the file only stays larger.
  if ((await diskDevice(folder)) !== undefined) await run("fstrim", [folder]);
  await unmountIn(folder);
  for (const deadline = Date.now() + FREE_LIMIT_MS; existsSync(image); await sleep(100)) {
    const users = (await output("losetup", ["--associated", image])).trim();
    if (users === "") return;
    if (Date.now() < deadline) continue;
    process.stderr.write(`… ${users.split(":")[0]} is freed when another program ends that holds a copy of this machine's mounts\n`);
    return;
  }
}

/**
 * Unmounts what is mounted at a folder and below it, the last mount first. A daemon that was killed leaves mounts of its containers
 * there, and with them the disk is busy.
 */
export async function unmountIn(folder: string): Promise<void> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
  // The fifth column is the mount point, with spaces as \040 (proc(5)).
  const points = mounts.map((line) =>
    (line.split(" ")[4] ?? "").replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(parseInt(code, 8))),
  );
  for (const point of points.reverse()) if (point === folder || point.startsWith(`${folder}/`)) await output("umount", [point]);
}

/** The loop device behind the mounted disk, or undefined when it is not mounted. */
async function diskDevice(folder: string): Promise<string | undefined> {
  const { status, stdout } = await run("findmnt", ["--noheadings", "--output", "SOURCE", "--mountpoint", folder]);
  return status === 0 ? stdout.trim().split("\n").at(-1) : undefined;
}
