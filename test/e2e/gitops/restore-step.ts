import { setTimeout as sleep } from "node:timers/promises";
import { BACKUP } from "../steps/backup-step.ts";
import type { Step } from "../suite/step.ts";
import { expect } from "../suite/wait.ts";
import type { EngineTrial } from "./engine-trial.ts";
import { REPLICAS } from "./steps.ts";

const LOOK_MS = 500;

/** Sets the replicas back that a step changed. */
export async function threeReplicas(trial: EngineTrial): Promise<void> {
  await trial.stage.environment.set(REPLICAS, 3);
  expect("pods", (await trial.rollOut("Three replicas again")).pods, ["webapp: 1 new"]);
}

/** Has the engine look whenever the application is stopped, until told to end. @returns in how many looks it was stopped */
async function looksMeanwhile(trial: EngineTrial, signal: AbortSignal): Promise<number> {
  let looks = 0;
  for (; !signal.aborted; await sleep(LOOK_MS)) {
    const [webapp] = (await trial.stage.objects("deployments")).filter(({ metadata }) => metadata.name === "webapp");
    if (webapp?.spec.replicas !== 0) continue;
    looks++;
    await trial.look();
  }
  return looks;
}

/** A restore stops what the engine owns. */
export const restoreUnder = (trial: EngineTrial): Step => ({
  name: `a restore under ${trial.name}`,
  expects: `${BACKUP.expects}; ${trial.name}, which looks while the application is stopped, changes nothing, and rolls out the next commit`,
  run: async (stage) => {
    const unchanged = await trial.watch();
    const over = new AbortController();
    const looking = looksMeanwhile(trial, over.signal);
    const saw = await BACKUP.run(stage).finally(() => over.abort());
    const looks = await looking;
    if (looks === 0) throw new Error("the application was never seen stopped");
    await trial.runs(await trial.fork.head());
    const nothing = await unchanged();
    await stage.environment.set(REPLICAS, 2);
    expect("pods", (await trial.rollOut("One replica less")).pods, ["webapp: 1 gone"]);
    await threeReplicas(trial);
    return `${saw}; ${trial.name} was asked to look ${looks} times while it was stopped: ${nothing}, ${trial.well} afterwards; the next commits roll out`;
  },
});
