import { join } from "node:path";
import { parseArgs } from "node:util";
import { connectDocker } from "../../tools/cluster/docker.ts";
import { onInterrupt } from "../../tools/common/cleanup.ts";
import { repositoryRoot } from "../../tools/common/root.ts";
import { K3sEnvironment } from "./disk/k3s-environment.ts";
import { NodeDisk } from "./disk/node-disk.ts";
import { diskSteps } from "./disk/steps.ts";
import { alone, conclude } from "./suite/command.ts";
import { PORTS } from "./suite/environment-file.ts";
import { runSteps } from "./suite/runner.ts";
import { Stage } from "./suite/stage.ts";

// `npm run e2e:disk`: the disk of the node itself full, on a kind cluster whose node has a disk of its own and k3s' thresholds of eviction.
// `-- --only TEXT`: of the steps after the first only those whose name has this text.

const INTENSITY = { rate: 20, repeats: 1, calm: 0, drills: [] };
/**
 * The kubelet's own defaults for images, which k3s leaves and kind turns off. It believes after a minute that there is room again; by default,
 * on k3s too, after five, which a trial need not wait for.
 */
const KUBELET = { imageGCHighThresholdPercent: 85, imageGCLowThresholdPercent: 80, evictionPressureTransitionPeriod: "1m" };

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  await alone(async () => {
    Object.assign(process.env, await connectDocker()); // what makes images asks the Docker of this process's environment
    const disk = new NodeDisk();
    const environment = new K3sEnvironment(join(repositoryRoot(), "build", "e2e", "work"));
    const stage = await Stage.set(PORTS.https, INTENSITY, { kubelet: KUBELET, disk: disk.folder, environment });
    const [first, ...others] = diskSteps(disk);
    const steps = [...(first ? [first] : []), ...others.filter(({ name }) => name.includes(values.only ?? ""))];
    const settled = onInterrupt(() => disk.remove()); // after the cluster, which runSteps deletes
    const outcomes = await runSteps(stage, steps).finally(async () => {
      settled();
      await disk.remove();
    });
    conclude(outcomes, steps.length + 1);
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
