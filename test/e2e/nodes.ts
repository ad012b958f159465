import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { standIns } from "./nodes/stand-ins.ts";
import { steps } from "./nodes/steps.ts";
import { NodesTrial } from "./nodes/trial.ts";
import { alone, conclude } from "./suite/command.ts";
import { runSteps } from "./suite/runner.ts";
import { page } from "./suite/suite-report.ts";

// `npm run e2e:nodes`: environments/eks.yaml on a kind cluster of three nodes. `-- --write`: writes the page of results. `-- --only TEXT`: of
// the steps after the first only those whose name has this text.

const PAGE = "docs/nodes-trial.md";
const TITLE = { title: "Three nodes", command: "npm run e2e:nodes -- --write" };
const INTENSITY = { rate: 20, repeats: 1, calm: 0, drills: [] };

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { write: { type: "boolean" }, only: { type: "string" } } });
  await alone(async () => {
    const trial = await NodesTrial.set(INTENSITY);
    const [first, ...others] = steps(trial);
    const chosen = [...(first ? [first] : []), ...others.filter(({ name }) => name.includes(values.only ?? ""))];
    const outcomes = await runSteps(trial.stage, chosen).finally(() => trial.end());
    const planned = chosen.length + 1;
    const how = `${INTENSITY.rate} requests a second.`;
    if (values.write && values.only === undefined) writeFileSync(PAGE, `${await page(TITLE, outcomes, planned, how)}\n${standIns()}`);
    conclude(outcomes, planned);
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
