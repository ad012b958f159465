import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../../tools/common/root.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { EVERY, FluxTrial, STAND_IN, TIMEOUT } from "./flux/flux-trial.ts";
import { quiet, setForAWhile, takes } from "./gitops/engine-steps.ts";
import { failures } from "./gitops/failure-steps.ts";
import { restoreUnder } from "./gitops/restore-step.ts";
import { BEGIN, everyEngine } from "./gitops/steps.ts";
import { DRILLS } from "./steps/drills-step.ts";
import { alone, conclude } from "./suite/command.ts";
import { PORTS } from "./suite/environment-file.ts";
import { runSteps } from "./suite/runner.ts";
import { Stage } from "./suite/stage.ts";
import type { Step } from "./suite/step.ts";
import { page } from "./suite/suite-report.ts";

// `npm run e2e:flux`: Flux' real kustomize-controller deploys a fork of the repository into a kind cluster, fed by a stand-in for
// source-controller. `-- --write`: writes the page of results. `-- --only REGEXP`: of the steps after the first sync and a roll-out only those
// whose name fits.

const PAGE = "docs/flux-trial.md";
const TITLE = { title: "Flux on a real cluster", command: "npm run e2e:flux -- --write" };
const INTENSITY = { rate: 10, repeats: 1, calm: 0, drills: ["Watchdog"] };

const drill = (trial: FluxTrial): Step => ({
  name: "a drill",
  expects: "Flux leaves alone what the drill sets, and the drill passes",
  restarts: "all",
  run: async (stage) => {
    const before = trial.engine.applies().length;
    const saw = await DRILLS.run(stage);
    const { applies, left } = trial.did(before);
    if (left.length === 0) throw new Error(`Flux left nothing alone in ${applies} applies: ${saw}`);
    return `${saw}; Flux compared ${applies} times meanwhile and left alone ${left.join(", ")}`;
  },
});

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { write: { type: "boolean" }, only: { type: "string" } } });
  await ensure("kustomize-controller");
  await alone(async () => {
    const stage = await Stage.set(PORTS.https, INTENSITY);
    const trial = await FluxTrial.set(stage, join(repositoryRoot(), "build", "e2e", "flux"));
    const all = [
      ...everyEngine(trial),
      ...setForAWhile(trial),
      drill(trial),
      restoreUnder(trial),
      quiet(trial),
      ...failures(trial),
      takes(trial),
    ];
    const steps = all.filter(({ name }) => BEGIN.includes(name) || new RegExp(values.only ?? "").test(name));
    const outcomes = await runSteps(stage, steps).finally(() => trial.end());
    const planned = steps.length + 1;
    const how = `${INTENSITY.rate} requests a second; Flux looks for drift every ${EVERY} and waits ${TIMEOUT} for health, to show it in a run (generated: 5 minutes each). **Not Flux as a whole: ${STAND_IN}.**`;
    if (values.write && values.only === undefined) writeFileSync(PAGE, await page(TITLE, outcomes, planned, how));
    conclude(outcomes, planned, ` (${STAND_IN})`);
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
