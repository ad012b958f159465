import type { DrillResult } from "../../../src/drill/drill-run.ts";
import { comesBack } from "../suite/health.ts";
import type { Step } from "../suite/step.ts";
import { expect } from "../suite/wait.ts";

const told = ({ alert, outcome, why, timeline }: DrillResult) =>
  outcome === "passed" ? `${alert} in ${timeline.at(-1)?.after.toFixed(0)} s` : `${alert} ${outcome}: ${why}`;

/** An alert that others' work has set off already is skipped by the command, and told; one at least must pass. */
export const DRILLS: Step = {
  name: "alert drills",
  expects: "each alert is delivered by mail and webhook, and so is its end; then the cluster matches the manifests",
  restarts: "all",
  run: async (stage) => {
    stage.load.stop(); // of many visitors the few requests of a drill are too small a share
    const said = await stage.must("drill", ...stage.intensity.drills, "--yes", "--output", "json");
    stage.load.start(stage.intensity.rate);
    stage.drills = said;
    const { drills, left }: { drills: DrillResult[]; left: unknown[] } = JSON.parse(said);
    expect("not restored", left, []);
    const words = drills.map(told).join(", ");
    if (!drills.some(({ outcome }) => outcome === "passed")) throw new Error(`no alert was delivered and resolved: ${words}`);
    return `delivered and resolved: ${words}; ${await comesBack(stage)}`;
  },
};
