import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { measure } from "../../tools/bench/measure.ts";
import { type AppliedEnvironment, noOpContestants } from "../../tools/bench/no-op.ts";
import { nodeImage } from "../../tools/cluster/node-image.ts";
import { withLock } from "../../tools/common/lock.ts";
import { elapsed, withProgress } from "../../tools/common/progress.ts";
import { heavyLock } from "../../tools/toolchain/cache.ts";
import { bringUp } from "./steps/start-step.ts";
import { NAME, PORTS } from "./suite/environment-file.ts";
import { footprint, page } from "./suite/footprint-page.ts";
import { Stage } from "./suite/stage.ts";
import { CLUSTER } from "./suite/suite-cluster.ts";

// `npm run bench:footprint`: how long `up` takes, what everything weighs after ten minutes of light load, what Prometheus weighs after an
// hour of it, and what `apply` and `diff` take with nothing to do, beside kubectl's. `-- --minutes N --until N`: other times.

const PAGE = "docs/footprint.md";
const LIGHT = { rate: 5, repeats: 1, calm: 0, drills: [] };
const MINUTES = 10;
const UNTIL = 60;
const RUNS = 7;

const wait = (what: string) => () => void process.stderr.write(`… waiting for ${what}\n`);

async function run(minutes: number, until: number): Promise<void> {
  const stage = await Stage.set(PORTS.https, LIGHT);
  Object.assign(process.env, stage.cluster.env); // what builds images and what is measured ask the Docker of this process
  try {
    await stage.cluster.delete();
    await nodeImage(); // builds what is missing, which takes the lock itself
    const up = () => withProgress("up", "until verify is green", () => bringUp(stage));
    await withLock(heavyLock(), wait("a build or another benchmark"), up);
    await withProgress(`${LIGHT.rate} requests a second`, `${minutes} minutes`, () => sleep(minutes * 60_000));
    const memory = await stage.cluster.memory();
    const { sent, failed } = stage.load.tally();
    const share = await stage.processorShare();
    await withProgress("the same requests", `until minute ${until}`, () => sleep((until - minutes) * 60_000));
    const prometheus = (await stage.cluster.memory()).pods[PROMETHEUS];
    if (!prometheus) throw new Error(`the node reports no pod ${PROMETHEUS}`);
    // What is measured holds this process up, and with it the requests.
    await stage.load.end();
    const noOp = measure(noOpContestants(applied(stage)), RUNS);
    const result = {
      ...footprint(memory),
      green: stage.green - stage.asked,
      minutes,
      sent,
      failed: failed.length,
      share,
      later: { minutes: until, prometheus },
      noOp: { runs: RUNS, samples: noOp },
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

const PROMETHEUS = "cloudnova/prometheus-0";

const applied = ({ cluster, environment }: Stage): AppliedEnvironment => ({
  kubectl: cluster.kubectlProgram,
  cluster: ["--kubeconfig", cluster.env.KUBECONFIG ?? "", "--context", `kind-${CLUSTER}`],
  environment: environment.file,
  dist: environment.dist,
  folder: join(environment.dist, NAME),
});

async function main(): Promise<void> {
  const option = (value: number) => ({ type: "string", default: String(value) }) as const;
  const { values } = parseArgs({ options: { minutes: option(MINUTES), until: option(UNTIL) } });
  const [minutes, until] = [Number(values.minutes), Number(values.until)];
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: give a number above 0`);
  if (!(until >= minutes)) throw new Error(`--until ${values.until}: give a number of at least ${minutes}, which --minutes is`);
  await withLock(`/run/${CLUSTER}-suite.lock`, wait("a run of the end-to-end suite"), () => run(minutes, until));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
