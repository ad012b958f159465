import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CATALOGUE } from "./chaos/catalogue.ts";
import { page } from "./chaos/chaos-page.ts";
import { planOf } from "./chaos/plan.ts";
import { chaos, isGood, summaryOf } from "./chaos/run.ts";
import { Writer } from "./chaos/writer.ts";
import { bringUp } from "./steps/start-step.ts";
import { alone } from "./suite/command.ts";
import { showState } from "./suite/distress.ts";
import { PORTS } from "./suite/environment-file.ts";
import { Stage } from "./suite/stage.ts";

// `npm run chaos`: many faults in a random order on a kind cluster of its own, under writes, with a checker that asks MySQL itself.
// `-- --faults N --seed S`: how many, and in which order. `-- --minutes N`: no fault begins later. `-- --only TEXT`: kinds whose name has it.

const PAGE = "docs/chaos.md";
const FAULTS = 200;
const MINUTES = 75;

/**
 * A container that ends several times within ten minutes is started again after 10, 20, 40 s and so on, up to five minutes: 60 killed
 * mysqlds would take most of the run's time to wait for that. Here it is 1 s each time.
 */
const KUBELET = { featureGates: { KubeletCrashLoopBackOffMax: true }, crashLoopBackOff: { maxContainerRestartPeriod: "1s" } };

interface Wanted {
  readonly faults: number;
  readonly seed: number;
  readonly minutes: number;
  readonly only: string | undefined;
}

function wanted(): Wanted {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { faults: text, seed: text, minutes: text, only: text } });
  const number = (name: "faults" | "seed" | "minutes", usual: number) => {
    const value = Number(values[name] ?? usual);
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${values[name]}: give a whole number above 0`);
    return value;
  };
  const seed = number("seed", 1 + Math.floor(Math.random() * 1_000_000));
  return { faults: number("faults", FAULTS), seed, minutes: number("minutes", MINUTES), only: values.only };
}

async function run({ faults, seed, minutes, only }: Wanted): Promise<void> {
  const kinds = CATALOGUE.filter(({ name }) => only === undefined || name.includes(only));
  if (kinds.length === 0)
    throw new Error(`--only ${only}: no fault has this in its name; there are: ${CATALOGUE.map(({ name }) => name).join(", ")}`);
  const stage = await Stage.set(PORTS.https, { rate: 1, repeats: 1, calm: 0, drills: [] }, { kubelet: KUBELET });
  try {
    await stage.cluster.delete(); // what an earlier run left
    await bringUp(stage);
    await stage.load.end(); // the writer stands in its place
    process.stderr.write(`… ${faults} faults with the seed ${seed}\n`);
    const done = await chaos(stage, new Writer(PORTS.https), planOf(kinds, faults, seed), seed, minutes * 60_000);
    if (only === undefined) writeFileSync(PAGE, await page(CATALOGUE, done));
    console.log(`chaos: ${summaryOf(done)}`);
    if (!isGood(done)) {
      await showState(stage);
      process.exitCode = 1;
    }
  } finally {
    await stage.load.end();
    await stage.cluster.delete();
  }
}

async function main(): Promise<void> {
  const options = wanted();
  await alone(() => run(options));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
