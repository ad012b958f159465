import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connectDocker } from "../../tools/cluster/docker.ts";
import { nodeImage } from "../../tools/cluster/node-image.ts";
import { withLock } from "../../tools/common/lock.ts";
import { elapsed, withProgress } from "../../tools/common/progress.ts";
import { heavyLock } from "../../tools/toolchain/cache.ts";
import { bringUp } from "./steps/start-step.ts";
import { PORTS } from "./suite/environment-file.ts";
import { footprint, page } from "./suite/footprint-page.ts";
import { Stage } from "./suite/stage.ts";
import { CLUSTER } from "./suite/suite-cluster.ts";

// `npm run bench:footprint`: how long `up` takes, and what everything weighs after ten minutes of light load.

const PAGE = "docs/footprint.md";
const LIGHT = { rate: 5, repeats: 1, calm: 0, drills: [] };
const MINUTES = 10;

const wait = (what: string) => () => void process.stderr.write(`… waiting for ${what}\n`);

async function measure(minutes: number): Promise<void> {
  Object.assign(process.env, await connectDocker()); // what builds images asks the Docker of this process
  const stage = await Stage.set(PORTS.https, LIGHT);
  try {
    await stage.cluster.delete();
    await nodeImage(); // builds what is missing, which takes the lock itself
    const up = () => withProgress("up", "until verify is green", () => bringUp(stage));
    await withLock(heavyLock(), wait("a build or another benchmark"), up);
    await withProgress(`${LIGHT.rate} requests a second`, `${minutes} minutes`, () => sleep(minutes * 60_000));
    const memory = await stage.cluster.memory();
    const { sent, failed } = stage.load.tally();
    const result = {
      ...footprint(memory),
      green: stage.green - stage.asked,
      minutes,
      sent,
      failed: failed.length,
      share: await stage.processorShare(),
    };
    writeFileSync(PAGE, await page(memory, result));
    console.log(
      `${PAGE}: green after ${elapsed(result.green)}, ours ${result.ours} MiB, the node ${result.node} MiB, both without Grafana's place`,
    );
  } finally {
    await stage.load.end();
    await stage.cluster.delete();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: "string", default: String(MINUTES) } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: give a number above 0`);
  await withLock(`/run/${CLUSTER}-suite.lock`, wait("a run of the end-to-end suite"), () => measure(minutes));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
