import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { NODE } from "../../node/machine/layout.ts";
import type { NodeStatus } from "../../node/machine/status.ts";
import { withLock } from "../../tools/common/lock.ts";
import { elapsed, withProgress } from "../../tools/common/progress.ts";
import { output } from "../../tools/common/run.ts";
import { heavyLock } from "../../tools/toolchain/cache.ts";
import { bringUp, startNode } from "./steps/start.ts";
import { PORTS } from "./suite/environment.ts";
import { footprint, page } from "./suite/footprint-page.ts";
import { Stage } from "./suite/stage.ts";

// `npm run bench:footprint`: how long `up` takes, and what everything weighs after ten minutes of light load.

const PAGE = "docs/footprint.md";
const LIGHT = { rate: 5, repeats: 1, calm: 0, drills: [] };
const MINUTES = 10;

const wait = (what: string) => () => void process.stderr.write(`… waiting for ${what}\n`);

async function measure(minutes: number): Promise<void> {
  const stage = await Stage.set(PORTS.https, LIGHT);
  try {
    await stage.node("stop", "--delete-data");
    await stage.node(...startNode); // builds what is missing, which takes the lock itself
    const up = () => withProgress("up", "until verify is green", () => bringUp(stage));
    await withLock(heavyLock(), wait("a build or another benchmark"), up);
    await withProgress(`${LIGHT.rate} requests a second`, `${minutes} minutes`, () => sleep(minutes * 60_000));
    const { memory }: NodeStatus = JSON.parse(await output(process.execPath, ["build/node/main.mjs", "--output", "json", "status"]));
    if (!memory) throw new Error("the node does not run any more");
    const { sent, failed } = stage.load.tally();
    const result = {
      ...footprint(memory),
      green: stage.green - stage.asked,
      minutes,
      sent,
      failed: failed.length,
      share: stage.processorShare(),
    };
    writeFileSync(PAGE, await page(memory, result));
    console.log(
      `${PAGE}: green after ${elapsed(result.green)}, ours ${result.ours} MiB, the node ${result.node} MiB, both without Grafana's place`,
    );
  } finally {
    await stage.load.end();
    await stage.node("stop", "--delete-data");
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: "string", default: String(MINUTES) } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: give a number above 0`);
  if (NODE !== "cloudnova-e2e") throw new Error(`CLOUDNOVA_NODE is ${NODE}: run this by npm run bench:footprint`);
  await withLock(`/run/${NODE}-suite.lock`, wait("a run of the end-to-end suite"), () => measure(minutes));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
