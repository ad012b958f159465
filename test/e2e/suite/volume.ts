import type { Stage } from "./stage.ts";
import { until } from "./wait.ts";

/** Where kind's provisioner keeps volumes in the node: each is a folder of the node's disk. */
export const VOLUMES = "/var/local-path-provisioner";

/** Does `work` while mysqld does not run; whatever becomes of it, mysqld is started again. */
export async function withoutMysql(stage: Stage, work: () => Promise<unknown>): Promise<void> {
  const scale = (replicas: number) => stage.kubectl("scale", "statefulset/mysql", `--replicas=${replicas}`, "--namespace", "cloudnova");
  await scale(0);
  try {
    const gone = async () => !(await stage.everyPod()).some(({ component }) => component === "mysql") || undefined;
    await until("mysqld has ended", 90, gone);
    await work();
  } finally {
    await scale(1);
  }
}

/** Runs a script in the node, in which $folder is MySQL's volume and $image a file beside it, while mysqld does not run. */
const scriptWithoutMysql = (stage: Stage, script: string): Promise<void> =>
  withoutMysql(stage, async () => stage.inNode(`set -euo pipefail; folder=${await mysqlVolume(stage)}; image=/var/mysql.img\n${script}`));

/** The folder of MySQL's volume in the node. */
export const mysqlVolume = (stage: Stage): Promise<string> => volumeOf(stage, "mysql-data");

/** The folder in the node of the volume that a claim of ours has. */
export async function volumeOf(stage: Stage, claim: string): Promise<string> {
  const found = (await stage.objects("pvc")).find(({ metadata }) => metadata.name === claim);
  return `${VOLUMES}/${found?.spec.volumeName}_cloudnova_${claim}`;
}

/** Makes MySQL's volume a file system of its own, 1 GiB large, so that it can be full without the node's disk being so. */
export const ownFileSystem = (stage: Stage): Promise<void> =>
  scriptWithoutMysql(
    stage,
    `truncate -s 1G $image; mkfs.ext4 -q -m 0 $image; mkdir -p /var/mysql; mount -o loop $image /var/mysql; rmdir /var/mysql/lost+found
     cp -a $folder/. /var/mysql; umount /var/mysql; rmdir /var/mysql; mount -o loop $image $folder`,
  );

/** Makes it a folder again, with the data of now. */
export const folderAgain = (stage: Stage): Promise<void> =>
  scriptWithoutMysql(
    stage,
    `umount $folder; mkdir -p /var/mysql; mount -o loop $image /var/mysql; find $folder -mindepth 1 -delete
     cp -a /var/mysql/. $folder; umount /var/mysql; rmdir /var/mysql; rm $image`,
  );
