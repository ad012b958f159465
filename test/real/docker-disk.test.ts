import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mountDisk, unmountDisk } from "../../tools/cluster/disk.ts";
import { output } from "../../tools/common/run.ts";

test("Docker's disk is made where no folder is there yet, and unmounted again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-disk-"));
  const [image, mounted] = [join(folder, "absent/cache/docker.img"), join(folder, "docker")];
  try {
    await mountDisk(image, mounted);
    const found = execFileSync("findmnt", ["--noheadings", "--output", "FSTYPE", "--mountpoint", mounted], { encoding: "utf8" });
    expect(found.trim()).toBe("ext4");
    await unmountDisk(image, mounted);
    expect(() => execFileSync("findmnt", ["--mountpoint", mounted])).toThrow();
    expect(existsSync(image)).toBe(true);
  } finally {
    await unmountDisk(image, mounted);
    rmSync(folder, { recursive: true });
  }
});

// Docker's storage driver mounts every container's file system below; a daemon that was killed leaves those mounts.
test("Docker's disk is unmounted with what a daemon that was killed left mounted below", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova disk-"));
  const [image, mounted] = [join(folder, "docker.img"), join(folder, "docker")];
  const below = join(mounted, "overlay2/merged");
  try {
    await mountDisk(image, mounted);
    mkdirSync(join(below, "proc"), { recursive: true });
    await output("mount", ["-t", "tmpfs", "none", below]);
    mkdirSync(join(below, "proc"));
    await output("mount", ["-t", "tmpfs", "none", join(below, "proc")]);
    await unmountDisk(image, mounted);
    expect(() => execFileSync("findmnt", ["--mountpoint", mounted])).toThrow();
  } finally {
    await unmountDisk(image, mounted);
    rmSync(folder, { recursive: true });
  }
});
