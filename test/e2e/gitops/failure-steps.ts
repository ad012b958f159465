import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NAME } from "../suite/environment-file.ts";
import { withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import type { Trial } from "./trial.ts";

const WEBAPP = "30-webapp.k8s.yaml";
const MISSING = "cloudnova-webapp:does-not-exist";
/** Argo CD looks at once when it is asked to. */
const TOLD_S = 120;
/** Two more tries, after 10 and 20 s, and what they take. */
const TRIES_S = 240;
/** How long it is watched whether what runs stays. */
const STAYS_S = 15;

/** A commit that Argo CD cannot apply, what it says then, and how it comes back. */
interface Wrong {
  readonly name: string;
  readonly expects: string;
  readonly subject: string;
  /** Spoils what the folder holds. */
  readonly spoil: (trial: Trial) => void;
  readonly says: RegExp;
}

const WRONG: readonly Wrong[] = [
  {
    name: "a commit whose YAML does not parse",
    expects: "Argo CD names the file; what runs stays; a revert heals it",
    subject: "Break the YAML",
    spoil: ({ stage }) => stage.environment.edit(WEBAPP, "kind: Deployment\n", "kind: Deployment\n  - }: {\n"),
    says: /ComparisonError: .*Failed to unmarshal "30-webapp\.k8s\.yaml": .*yaml: line \d+/,
  },
  {
    name: "a manifest that the API server refuses",
    expects: "Argo CD repeats the server's words; what runs stays; a revert heals it after its tries",
    subject: "Ask for -3 replicas",
    spoil: ({ stage }) => stage.environment.edit(WEBAPP, "  replicas: 3\n", "  replicas: -3\n"),
    says: /operation \w+: .*Deployment\.apps "webapp" is invalid: spec\.replicas: Invalid value: -3/,
  },
  {
    name: "the folder is gone from the repository",
    expects: "Argo CD names the folder, and prunes nothing; a revert heals it",
    subject: "Remove the folder",
    spoil: ({ stage }) => rmSync(join(stage.environment.dist, NAME), { recursive: true }),
    says: new RegExp(`ComparisonError: .*dist/${NAME}: app path does not exist`),
  },
];

const wrongCommit = (trial: Trial, { name, expects, subject, spoil, says }: Wrong): Step => ({
  name,
  expects,
  run: (stage) =>
    withoutLoss(stage, async () => {
      const before = await stage.pods();
      spoil(trial);
      await trial.fork.commit(subject);
      await trial.refresh();
      const { words, seconds } = await trial.says(says, TOLD_S);
      await sleep(STAYS_S * 1000);
      expect("pods", changes(before, await stage.pods()), []);
      const healed = await trial.takeBack(TRIES_S);
      expect("pods after the revert", changes(before, await stage.pods()), []);
      return `after ${seconds} s: "${words}"; reverted, Synced and Healthy after ${healed} s`;
    }),
});

/** Faults that come by a commit. */
export const failures = (trial: Trial): Step[] => [
  ...WRONG.map((wrong) => wrongCommit(trial, wrong)),
  {
    name: "an image that does not exist",
    expects: "the old pods serve on, the Application is Progressing, `status` names the image, and a revert heals it",
    run: (stage) =>
      withoutLoss(stage, async () => {
        const before = await stage.pods();
        stage.environment.edit(WEBAPP, "image: cloudnova-webapp:1.0.0\n", `image: ${MISSING}\n`);
        await trial.fork.commit("Name an image that does not exist");
        await trial.refresh();
        const { words, seconds } = await trial.says(/Synced, (Progressing|Degraded), commit \w+/, TOLD_S);
        const named = await until("status names the image", TOLD_S, async () => {
          const { stdout } = await stage.cloudnova("status");
          return stdout.split("\n").find((line) => line.includes(MISSING));
        });
        await sleep(STAYS_S * 1000);
        expect("pods", changes(before, await stage.everyPod()), ["webapp: 1 new"]);
        const healed = await trial.takeBack();
        expect("pods after the revert", changes(before, await stage.pods()), []);
        return `after ${seconds} s: ${words}; status: "${named.trim()}"; reverted, Synced and Healthy after ${healed} s`;
      }),
  },
];
