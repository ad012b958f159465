import { setTimeout as sleep } from "node:timers/promises";
import { withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Step } from "../suite/step.ts";
import { expect } from "../suite/wait.ts";
import { EVERY_S } from "./argo-cd.ts";
import { STAYS_S, TOLD_S } from "./engine-trial.ts";
import { threeReplicas } from "./restore-step.ts";
import { REPLICAS } from "./steps.ts";
import type { Trial } from "./trial.ts";

/** Argo CD looks by itself once in its interval; then the sync runs, and the pods change. */
const BY_ITSELF_S = EVERY_S + 120;

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

/** What Argo CD does when something around it fails, and when its own parts end. */
export const argoSteps = (trial: Trial): Step[] => [controllerEnds(trial), gitServerAway(trial)];
