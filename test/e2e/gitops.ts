import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../../tools/common/root.ts";
import { run } from "../../tools/common/run.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { EVERY_S } from "./gitops/argo-cd.ts";
import { argoSteps } from "./gitops/argo-steps.ts";
import { engineSteps } from "./gitops/engine-steps.ts";
import { failures } from "./gitops/failure-steps.ts";
import { restoreUnder } from "./gitops/restore-step.ts";
import { BEGIN, everyEngine } from "./gitops/steps.ts";
import { Trial } from "./gitops/trial.ts";
import { alone, conclude } from "./suite/command.ts";
import { PORTS } from "./suite/environment-file.ts";
import { runSteps } from "./suite/runner.ts";
import { Stage } from "./suite/stage.ts";
import { MEMORY_MIB } from "./suite/suite-cluster.ts";
import { page } from "./suite/suite-report.ts";

// `npm run e2e:gitops`: a real Argo CD deploys a fork of the repository into a kind cluster. `-- --write`: writes the page of results.
// `-- --only REGEXP`: of the steps after the first sync and a roll-out only those whose name fits.

const PAGE = "docs/gitops-trial.md";
/**
 * The node's memory, MiB: a machine of 4 GiB, less what the suite's usual node leaves the system of 2 GiB, less Argo CD's own 409 MiB beside it.
 * In 1,700 MiB the API server alone grows from 222 (docs/footprint.md) to some 450 MiB as Argo CD watches it, and a restore ends in page faults.
 */
const NODE_MIB = 4096 - (2048 - MEMORY_MIB) - 409;
const INTENSITY = { rate: 10, repeats: 1, calm: 0, drills: [] };

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { write: { type: "boolean" }, only: { type: "string" } } });
  if ((await run("redis-server", ["--version"])).missing) throw new Error("redis-server is missing: apt-get install redis-server");
  await ensure("argo-cd");
  await alone(async () => {
    const stage = await Stage.set(PORTS.https, INTENSITY, { memory: NODE_MIB });
    const trial = await Trial.set(stage, join(repositoryRoot(), "build", "e2e", "gitops"));
    const all = [...everyEngine(trial), ...failures(trial), restoreUnder(trial), ...argoSteps(trial), ...engineSteps(trial)];
    const steps = all.filter(({ name }) => BEGIN.includes(name) || new RegExp(values.only ?? "").test(name));
    const outcomes = await runSteps(stage, steps).finally(() => trial.end());
    const planned = steps.length + 1;
    if (values.write && values.only === undefined)
      writeFileSync(
        PAGE,
        await page(
          TITLE,
          outcomes,
          planned,
          `${INTENSITY.rate} requests a second; Argo CD asks git every ${EVERY_S} s; a node of ${NODE_MIB} MiB, and Argo CD beside it.`,
        ),
      );
    conclude(outcomes, planned);
  });
}

const TITLE = { title: "Argo CD on a real cluster", command: "npm run e2e:gitops -- --write" };

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
