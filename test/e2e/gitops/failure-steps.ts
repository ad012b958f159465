import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NAME } from "../suite/environment-file.ts";
import { withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { type EngineTrial, STAYS_S, TOLD_S } from "./engine-trial.ts";

const WEBAPP = "30-webapp.k8s.yaml";
const MISSING = "cloudnova-webapp:does-not-exist";
/** Two more tries of Argo CD, after 10 and 20 s, and what they take. */
const TRIES_S = 240;
/** Flux looks at no other commit until the timeout of its health checks is over. */
const WAITS_S = 600;

/** A commit that no engine can apply, what each says then, and how it comes back. */
interface Wrong {
  readonly name: string;
  readonly expects: string;
  readonly subject: string;
  /** Spoils what the folder holds. */
  readonly spoil: (trial: EngineTrial) => void;
  readonly says: Readonly<Record<EngineTrial["name"], RegExp>>;
}

const WRONG: readonly Wrong[] = [
  {
    name: "a commit whose YAML does not parse",
    expects: "the engine names the file; what runs stays; a revert heals it",
    subject: "Break the YAML",
    spoil: ({ stage }) => stage.environment.edit(WEBAPP, "kind: Deployment\n", "kind: Deployment\n  - }: {\n"),
    says: {
      "Argo CD": /ComparisonError: .*Failed to unmarshal "30-webapp\.k8s\.yaml": .*yaml: line \d+/,
      Flux: /BuildFailed: .*MalformedYAMLError: yaml: line \d+: .* in File: 30-webapp\.k8s\.yaml/,
    },
  },
  {
    name: "a manifest that the API server refuses",
    expects: "the engine repeats the server's words; what runs stays; a revert heals it",
    subject: "Ask for -3 replicas",
    spoil: ({ stage }) => stage.environment.edit(WEBAPP, "  replicas: 3\n", "  replicas: -3\n"),
    says: {
      "Argo CD": /operation \w+: .*Deployment\.apps "webapp" is invalid: spec\.replicas: Invalid value: -3/,
      Flux: /ReconciliationFailed: .*Deployment\.apps "webapp" is invalid: spec\.replicas: Invalid value: -3/,
    },
  },
  {
    name: "the folder is gone from the repository",
    expects: "the engine names the folder, and prunes nothing; a revert heals it",
    subject: "Remove the folder",
    spoil: ({ stage }) => rmSync(join(stage.environment.dist, NAME), { recursive: true }),
    says: {
      "Argo CD": new RegExp(`ComparisonError: .*dist/${NAME}: app path does not exist`),
      Flux: new RegExp(`ArtifactFailed: kustomization path not found: .*dist/${NAME}`),
    },
  },
];

const wrongCommit = (trial: EngineTrial, { name, expects, subject, spoil, says }: Wrong): Step => ({
  name,
  expects,
  run: (stage) =>
    withoutLoss(stage, async () => {
      const before = await stage.pods();
      spoil(trial);
      await trial.fork.commit(subject);
      await trial.refresh();
      const { words, seconds } = await trial.tells(says[trial.name], TOLD_S);
      await sleep(STAYS_S * 1000);
      expect("pods", changes(before, await stage.pods()), []);
      const healed = await trial.takeBack(TRIES_S);
      expect("pods after the revert", changes(before, await stage.pods()), []);
      return `after ${seconds} s: "${words}"; reverted, it runs after ${healed} s`;
    }),
});

/** What an engine says of pods that do not start. */
const UNDER_WAY: Wrong["says"] = {
  "Argo CD": /Synced, (Progressing|Degraded), commit \w+/,
  Flux: /Running health checks for revision \S+ with a timeout of \w+/,
};

/** Faults that come by a commit. */
export const failures = (trial: EngineTrial): Step[] => [
  ...WRONG.map((wrong) => wrongCommit(trial, wrong)),
  {
    name: "an image that does not exist",
    expects: "the old pods serve on, the engine says that it is under way, `status` names the image, and a revert heals it",
    run: (stage) =>
      withoutLoss(stage, async () => {
        const before = await stage.pods();
        stage.environment.edit(WEBAPP, "image: cloudnova-webapp:1.0.0\n", `image: ${MISSING}\n`);
        await trial.fork.commit("Name an image that does not exist");
        await trial.refresh();
        const { words, seconds } = await trial.tells(UNDER_WAY[trial.name], TOLD_S);
        const named = await until("status names the image", TOLD_S, async () => {
          const { stdout } = await stage.cloudnova("status");
          return stdout.split("\n").find((line) => line.includes(MISSING));
        });
        await sleep(STAYS_S * 1000);
        expect("pods", changes(before, await stage.everyPod()), ["webapp: 1 new"]);
        const healed = await trial.takeBack(WAITS_S);
        expect("pods after the revert", changes(before, await stage.pods()), []);
        return `after ${seconds} s: ${words}; status: "${named.trim().split(": ")[0]}"; reverted, it runs after ${healed} s`;
      }),
  },
];
