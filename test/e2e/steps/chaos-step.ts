import { shortPlan } from "../chaos/catalogue.ts";
import { chaos, isGood, summaryOf } from "../chaos/run.ts";
import { Writer } from "../chaos/writer.ts";
import { PORTS } from "../suite/environment-file.ts";
import { comesBack } from "../suite/health.ts";
import type { Step } from "../suite/step.ts";

/** A seed whatever the day: a step that fails can be repeated. `npm run chaos` takes others. */
const SEED = 1;
const LIMIT_MS = 10 * 60_000;

/** The short form of `npm run chaos`. */
export const CHAOS: Step = {
  name: "chaos",
  expects: "faults one after the other in a random order, under writes: by SQL no acknowledged write is lost and none is doubled",
  restarts: "all",
  run: async (stage) => {
    stage.load.stop();
    await stage.load.settled();
    const done = await chaos(stage, new Writer(PORTS.https), shortPlan(SEED), SEED, LIMIT_MS);
    stage.load.start(stage.intensity.rate);
    if (!isGood(done)) throw new Error(summaryOf(done));
    return `${summaryOf(done)}; then ${await comesBack(stage)}`;
  },
};
