import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mountDisk, unmountDisk } from "../../tools/cluster/disk.ts";

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
