import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../../tools/common/root.ts";
import { alone, conclude } from "./suite/command.ts";
import { PORTS } from "./suite/environment-file.ts";
import { runSteps } from "./suite/runner.ts";
import { Stage } from "./suite/stage.ts";
import { page } from "./suite/suite-report.ts";
import { OldVersion } from "./upgrade/old-version.ts";
import { type Release, releasesBefore } from "./upgrade/releases.ts";
import { upgradesFrom } from "./upgrade/upgrade-steps.ts";

// `npm run e2e:upgrade`: the two releases before, with data, are upgraded to this checkout on a kind cluster, and back.
// `-- --only NAME`: from one of them. `-- --write`: writes the page of results.

const PAGE = "docs/upgrade-trial.md";
const TITLE = { title: "Upgrades on a real cluster", command: "npm run e2e:upgrade -- --write" };
const INTENSITY = { rate: 20, repeats: 1, calm: 0, drills: [] };

const HOW = [
  `${INTENSITY.rate} requests a second, each tenth of which adds a user.`,
  "Each version's own code writes its manifests, builds our images and applies them; MySQL, Traefik and the monitoring are the same images for all,",
  "those of this checkout's kind node.",
].join("\n");

/** The releases of which one has this name; none given means all. */
function named(releases: readonly Release[], only: string | undefined): readonly Release[] {
  const chosen = releases.filter(({ name }) => only === undefined || name === only);
  if (chosen.length > 0) return chosen;
  throw new Error(`--only ${only}: give one of ${releases.map(({ name }) => name).join(", ")}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: "string" }, write: { type: "boolean" } } });
  const releases = named(await releasesBefore(), values.only);
  for (const { name, why } of releases) process.stderr.write(`… upgrades from ${name}: ${why}\n`);
  await alone(async () => {
    const folder = join(repositoryRoot(), "build", "e2e", "upgrade");
    const all: OldVersion[] = [];
    for (const release of releases) all.push(await OldVersion.checkOut(release, join(folder, release.name)));
    const stage = await Stage.set(PORTS.https, INTENSITY);
    await stage.cluster.delete(); // what an earlier run left
    const steps = all.flatMap((old) => upgradesFrom(old, join(folder, "timer")));
    const outcomes = await runSteps(stage, steps);
    const planned = steps.length + 1;
    if (values.write) writeFileSync(PAGE, await page(TITLE, outcomes, planned, HOW));
    conclude(outcomes, planned);
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
