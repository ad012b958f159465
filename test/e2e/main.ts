import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { recordDrills } from "../../tools/common/record-drills.ts";
import { STEPS, stepsNamed } from "./steps/index.ts";
import { alone, conclude } from "./suite/command.ts";
import { PORTS } from "./suite/environment-file.ts";
import { runSteps, unrolled } from "./suite/runner.ts";
import { type Intensity, Stage } from "./suite/stage.ts";
import { page } from "./suite/suite-report.ts";

// `npm run e2e`; `-- --full`, as in `npm run e2e:full`: the real command line against a kind cluster in the memory of a small machine.
// `-- --calm SECONDS`: another time without an alert than the suite's own. `-- --only TEXT`: of the steps between start and end only those
// whose name has this text.

const PAGE = "docs/e2e-full.md";
const OF = { title: "The full end-to-end run", command: "npm run e2e:full" };
const USUAL: Intensity = { rate: 20, repeats: 1, calm: 300, drills: ["TargetDown"] };
const FULL: Intensity = { rate: 45, repeats: 3, calm: 3600, drills: [] };

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { full: { type: "boolean" }, calm: { type: "string" }, only: { type: "string" } } });
  const usual = values.full ? FULL : USUAL;
  const intensity = { ...usual, calm: Number(values.calm ?? usual.calm) };
  if (!(intensity.calm > 0)) throw new Error(`--calm ${values.calm}: give the seconds without an alert, above 0`);
  const chosen = values.only === undefined ? STEPS : stepsNamed(values.only);
  const all = values.full || values.only !== undefined;
  const steps = unrolled(
    chosen.filter(({ full }) => all || !full),
    intensity.repeats,
  );
  await alone(async () => {
    const stage = await Stage.set(PORTS.https, intensity);
    const outcomes = await runSteps(stage, steps);
    const planned = steps.length + 1;
    const { rate, repeats, calm } = intensity;
    const how = `${rate} requests a second, each fault ${repeats} times, no alert for ${calm} s.`;
    if (values.full && values.only === undefined) {
      writeFileSync(PAGE, await page(OF, outcomes, planned, how));
      if (stage.drills) await recordDrills(stage.drills);
    }
    conclude(outcomes, planned);
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
