import { setTimeout as sleep } from "node:timers/promises";
import { BACKUP } from "../steps/backup-step.ts";
import { withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Step } from "../suite/step.ts";
import { expect } from "../suite/wait.ts";
import { EVERY_S } from "./argo-cd.ts";
import { STAYS_S, TOLD_S } from "./engine-trial.ts";
import { REPLICAS } from "./steps.ts";
import type { Trial } from "./trial.ts";

/** Argo CD looks by itself once in its interval; then the sync runs, and the pods change. */
const BY_ITSELF_S = EVERY_S + 120;
const LOOK_MS = 500;

/** Sets the replicas back that a step changed. */
async function threeReplicas(trial: Trial): Promise<void> {
  await trial.stage.environment.set(REPLICAS, 3);
  expect("pods", (await trial.rollOut("Three replicas again")).pods, ["webapp: 1 new"]);
}

/** Commits one replica less than the three that there are. @returns the commit */
async function oneLess({ stage, fork }: Trial): Promise<string> {
  await stage.environment.set(REPLICAS, 2);
  return fork.commit("One replica less");
}

const gitServerAway = (trial: Trial): Step => ({
  name: "the git server is away",
  expects: "what runs stays, the Application says why it is not compared; a commit made meanwhile rolls out by itself afterwards",
  run: (stage) =>
    withoutLoss(stage, async () => {
      const before = await stage.pods();
      await trial.server.stop();
      const commit = await oneLess(trial);
      await trial.refresh();
      const { words, seconds } = await trial.tells(/ComparisonError: [^;]*/, TOLD_S);
      await sleep(STAYS_S * 1000);
      expect("pods", changes(before, await stage.pods()), []);
      await trial.server.start();
      const back = await trial.runs(commit, BY_ITSELF_S); // by its own interval, without a refresh
      expect("pods", changes(before, await stage.pods()), ["webapp: 1 gone"]);
      await threeReplicas(trial);
      return `after ${seconds} s: "${words}"; the commit runs ${back} s after the server was back, without a hand`;
    }),
});

const controllerEnds = (trial: Trial): Step => ({
  name: "the application controller is killed in a sync",
  expects: "what runs stays while it is away; started again, it ends the sync",
  run: (stage) =>
    withoutLoss(stage, async () => {
      const before = await stage.pods();
      const phase = async () => (await trial.status()).operationState?.phase;
      const commit = await oneLess(trial);
      await trial.refresh();
      for (const end = Date.now() + TOLD_S * 1000; (await phase()) !== "Running"; )
        if (Date.now() > end) throw new Error("no sync was seen that runs");
      await trial.engine.kill("application-controller");
      expect("the phase that it left", await phase(), "Running");
      const between = changes(before, await stage.pods());
      await sleep(STAYS_S * 1000);
      expect("pods that changed while it was away", changes(before, await stage.pods()), between);
      trial.engine.again("application-controller");
      const seconds = await trial.runs(commit);
      expect("pods", changes(before, await stage.pods()), ["webapp: 1 gone"]);
      await threeReplicas(trial);
      const left = between.length > 0 ? between.join() : "no pod changed yet";
      return `killed while the phase was Running (${left}), away for ${STAYS_S} s; Synced and Healthy ${seconds} s after its start`;
    }),
});

/** Has Argo CD look whenever the application is stopped, until told to end. @returns in how many looks it was stopped */
async function looksMeanwhile(trial: Trial, signal: AbortSignal): Promise<number> {
  let looks = 0;
  for (; !signal.aborted; await sleep(LOOK_MS)) {
    const [webapp] = (await trial.stage.objects("deployments")).filter(({ metadata }) => metadata.name === "webapp");
    if (webapp?.spec.replicas !== 0) continue;
    looks++;
    await trial.refresh();
  }
  return looks;
}

const restoreUnderIt = (trial: Trial): Step => ({
  name: "a restore under Argo CD",
  expects: `${BACKUP.expects}; Argo CD, which looks while the application is stopped, syncs nothing, and rolls out the next commit`,
  run: async (stage) => {
    const [syncs, last] = [await trial.engine.syncs(), (await trial.status()).operationState?.finishedAt];
    const over = new AbortController();
    const looking = looksMeanwhile(trial, over.signal);
    const saw = await BACKUP.run(stage).finally(() => over.abort());
    const looks = await looking;
    if (looks === 0) throw new Error("the application was never seen stopped");
    await trial.runs(await trial.fork.head());
    expect("syncs", [await trial.engine.syncs(), (await trial.status()).operationState?.finishedAt], [syncs, last]);
    await stage.environment.set(REPLICAS, 2);
    expect("pods", (await trial.rollOut("One replica less")).pods, ["webapp: 1 gone"]);
    await threeReplicas(trial);
    return `${saw}; Argo CD was asked to look ${looks} times while it was stopped: no sync, Synced and Healthy afterwards; the next commits roll out`;
  },
});

/** What Argo CD does when something around it fails, and when a restore stops what it owns. */
export const argoSteps = (trial: Trial): Step[] => [restoreUnderIt(trial), controllerEnds(trial), gitServerAway(trial)];
