import { setTimeout as sleep } from "node:timers/promises";
import { withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Step } from "../suite/step.ts";
import { expect } from "../suite/wait.ts";
import { EVERY_S } from "./argo-cd.ts";
import { REPLICAS } from "./steps.ts";
import type { Trial } from "./trial.ts";

/** Argo CD looks at once when it is asked to. */
const TOLD_S = 120;
/** Argo CD looks by itself once in its interval; then the sync runs, and the pods change. */
const BY_ITSELF_S = EVERY_S + 120;
/** How long it is watched whether what runs stays. */
const STAYS_S = 15;

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
      const back = await trial.runs(commit, BY_ITSELF_S); // nobody asks it to look
      expect("pods", changes(before, await stage.pods()), ["webapp: 1 gone"]);
      await threeReplicas(trial);
      return `after ${seconds} s: "${words}"; the commit runs ${back} s after the server was back, without a hand`;
    }),
});

/** What Argo CD does when something around it fails. */
export const argoSteps = (trial: Trial): Step[] => [gitServerAway(trial)];
