import { cpus } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { goals, RIVAL, ratio } from "./bench/goals.ts";
import { bundleMany, growthRows, measureGrowth, type Programs, type Size } from "./bench/growth.ts";
import { type Contestant, measure, type Samples, spread } from "./bench/measure.ts";
import { LEAST_RUNS, runsOption } from "./bench/options.ts";
import { helmTemplate, kustomize, sameOutput, writeChart } from "./bench/rivals.ts";
import { synthesise } from "./common/environments.ts";
import { withLock } from "./common/lock.ts";
import { readManifests } from "./common/manifests.ts";
import { outputOption } from "./common/options.ts";
import { repositoryRoot } from "./common/root.ts";
import { tableOf } from "./common/table.ts";
import { withTemporaryFolder } from "./common/temporary.ts";
import { heavyLock } from "./toolchain/cache.ts";
import { ensure } from "./toolchain/ensure.ts";

const ENVIRONMENT = "k3s-ec2";

interface Options {
  readonly runs: number;
  readonly growth: boolean;
  readonly output: "table" | "json";
}

const command = new Command("bench:synth")
  .description(`Measures our synth of ${ENVIRONMENT} beside kubectl kustomize and helm template of the same output, interleaved.`)
  .addOption(runsOption())
  .option("--no-growth", "leave out the sizes up to 2,000 objects")
  .addOption(outputOption())
  .action(run);

async function run({ runs, growth, output }: Options): Promise<void> {
  // Built before the lock is taken, which the builds themselves need.
  const programs = { kubectl: join(await ensure("kubernetes", ["kubectl"]), "kubectl"), helm: join(await ensure("helm"), "helm") };
  await withTemporaryFolder(async (folder) => {
    const work = async () => {
      const stack = await measureStack(programs, folder, runs);
      const many = growth ? await bundleMany(repositoryRoot(), folder) : undefined;
      return { ...stack, sizes: many ? await measureGrowth(many, ENVIRONMENT, programs, folder, LEAST_RUNS) : [] };
    };
    const result = await withLock(heavyLock(), () => void process.stderr.write("… waiting for a build or another benchmark\n"), work);
    if (output === "json")
      console.log(JSON.stringify({ ...result, samples: toObject(result.samples), sizes: result.sizes.map(asJson) }, null, 2));
    else print(result.objects, result.samples, result.sizes, runs);
  });
}

/** Measures the real command over the real stack, all of it included: start, reading, synthesis, writing. */
async function measureStack(programs: Programs, folder: string, runs: number) {
  const [environment] = await synthesise([ENVIRONMENT], join(folder, "dist"));
  if (!environment) throw new Error(`${ENVIRONMENT} was not synthesised`);
  const chart = join(folder, "chart");
  await writeChart(chart, environment.folder);
  const rivals = [kustomize(programs.kubectl, environment.folder), helmTemplate(programs.helm, chart)];
  for (const rival of rivals) await sameOutput(rival, environment.folder);
  const synth = join(repositoryRoot(), "build", "synth.cjs");
  const contestants: Contestant[] = [
    { name: "our synth", command: process.execPath, args: [synth, "--quiet", "--outdir", join(folder, "out"), ENVIRONMENT] },
    ...rivals,
    // What a user types, with the start of npm itself and the look whether something has to be built. --no: nothing is fetched.
    {
      name: "npm run synth",
      command: "npm",
      args: ["run", "--silent", "synth", "--", "--quiet", "--outdir", join(folder, "out"), ENVIRONMENT],
    },
    { name: "npx cloudnova --help", command: "npx", args: ["--no", "--", "cloudnova", "--help"] },
    { name: "node's own start", command: process.execPath, args: ["-e", "0"] },
  ];
  return { objects: readManifests(environment.folder).length, samples: measure(contestants, runs) };
}

const toObject = (samples: ReadonlyMap<string, Samples>) => Object.fromEntries(samples);
const asJson = ({ objects, samples }: Size) => ({ objects, samples: toObject(samples) });

function print(objects: number, samples: ReadonlyMap<string, Samples>, sizes: readonly Size[], runs: number): void {
  const times = [...samples].map(([name, list]) => [name, spread(list), ratio(samples, name).toFixed(2)]);
  console.log(`${ENVIRONMENT}, ${objects} objects: median of ${runs} runs (least to most), each a process of its own, in turn`);
  console.log(tableOf([["command", "time", `of ${RIVAL}'s`], ...times]));
  console.log(goals(samples).join("\n"));
  if (sizes.length > 0) {
    console.log(`\ngrowth: copies of these objects added in one chart, median of ${LEAST_RUNS} runs`);
    console.log(tableOf(growthRows(sizes)));
  }
  console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}; kubectl and helm as pinned in tools/go`);
}

await command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
