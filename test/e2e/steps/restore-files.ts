import { UPLOADS } from "../suite/examples.ts";
import type { Stage } from "../suite/stage.ts";
import { expect } from "../suite/wait.ts";

/** The example that has a volume (suite/examples.ts). */
const name = "tasks";
const NAMESPACE = `cloudnova-${name}`;

/** Runs a script in the application's pod, in the folder of its volume. */
const inUploads = (stage: Stage, script: string): Promise<string> =>
  stage.kubectl(
    "exec",
    `deployment/${name}`,
    "--namespace",
    NAMESPACE,
    "--container",
    name,
    "--",
    "sh",
    "-c",
    `cd ${UPLOADS.path}; ${script}`,
  );

/** The files of the volume with their sums. */
const sums = (stage: Stage): Promise<string> => inUploads(stage, "find . -type f -exec sha256sum {} + | sort -k 2");

/** Backs up an application with a volume, damages its files, and restores it. @returns what was seen @throws Error when a file is not as it was */
export async function restoreFiles(stage: Stage): Promise<string> {
  const before = await sums(stage);
  const { backups }: { backups: { name: string }[] } = JSON.parse(await stage.must("backup now", "--unit", name, "--output", "json"));
  await inUploads(stage, "rm foto.bin; echo otherwise > .oculto; echo new > new.txt");
  await stage.must("backup restore", backups[0]?.name ?? "", "--yes");
  await stage.kubectl("rollout", "status", `deployment/${name}`, "--namespace", NAMESPACE, "--timeout=90s");
  expect("the files of the volume after the restore", await sums(stage), before);
  return `${before.trim().split("\n").length} files of ${name} are as they were in its backup`;
}
