import { rm } from "node:fs/promises";
import { join } from "node:path";
import { mountDisk, unmountDisk } from "../../../tools/cluster/disk.ts";
import { nodeImage } from "../../../tools/cluster/node-image.ts";
import { output } from "../../../tools/common/run.ts";
import { cacheFolder } from "../../../tools/toolchain/cache.ts";
import { SUITE } from "../suite/suite-cluster.ts";

/** Size of the disk, in GiB: the root disk that EC2 proposes, which is the least that a server has. */
export const DISK_GIB = 8;

/**
 * A disk for the node alone: a file system in a sparse file, which becomes the node's /var. So volumes, images, logs and the control
 * plane's database lie on one disk, as on a small server, and this machine's own never fills.
 */
export class NodeDisk {
  /** Where it is mounted on this machine. */
  readonly folder = join(cacheFolder(), `node-disk-${SUITE}`);
  private readonly image = `${this.folder}.img`;

  /** Makes it anew, with what the node image has in /var: containerd's images are there. Docker copies that into volumes of its own only. */
  async make(): Promise<void> {
    await this.remove();
    await mountDisk(this.image, this.folder, `${DISK_GIB}G`);
    const { image } = await nodeImage();
    await output("docker", ["run", "--rm", "--volume", `${this.folder}:/disk`, "--entrypoint", "cp", image, "-a", "/var/.", "/disk"]);
  }

  /** Frees the loop device and deletes the file. Nothing happens when there is none. */
  async remove(): Promise<void> {
    await unmountDisk(this.image, this.folder);
    await rm(this.image, { force: true });
    await rm(this.folder, { recursive: true, force: true });
  }
}
