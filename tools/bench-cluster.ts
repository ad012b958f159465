import { cpus } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { type ApiServer, startApiServer } from "./apiserver/server.ts";
import { measure, type Samples, spread } from "./bench/measure.ts";
import { noOpContestants, noOpRatios } from "./bench/no-op.ts";
import { runsOption } from "./bench/options.ts";
import { synthesise } from "./common/environments.ts";
import { withLock } from "./common/lock.ts";
import { readManifests } from "./common/manifests.ts";
import { outputOption } from "./common/options.ts";
import { repositoryRoot } from "./common/root.ts";
import { output as outputOf } from "./common/run.ts";
import { tableOf } from "./common/table.ts";
import { withTemporaryFolder } from "./common/temporary.ts";
import { heavyLock } from "./toolchain/cache.ts";
import { ensure } from "./toolchain/ensure.ts";

const ENVIRONMENT = "k3s-ec2";

interface Options {
  readonly runs: number;
  readonly output: "table" | "json";
}

const command = new Command("bench:cluster")
  .description(`Measures apply and diff of ${ENVIRONMENT}, with nothing to do, beside kubectl's on the same API server, interleaved.`)
  .addOption(runsOption())
  .addOption(outputOption())
  .action(run);

async function run({ runs, output }: Options): Promise<void> {
  // Built before the lock is taken, which the builds themselves need.
  await Promise.all([ensure("kubernetes", ["kube-apiserver", "kubectl"]), ensure("etcd")]);
  await withTemporaryFolder(async (folder) => {
    const work = async () => {
      const server = await startApiServer();
      try {
        return await measureStack(server, folder, runs);
      } finally {
        await server.stop();
      }
    };
    const result = await withLock(heavyLock(), () => void process.stderr.write("… waiting for a build or another benchmark\n"), work);
    if (output === "json") console.log(JSON.stringify({ ...result, samples: Object.fromEntries(result.samples) }, null, 2));
    else print(result.objects, result.samples, runs);
  });
}

async function measureStack({ bin, kubeconfig }: ApiServer, folder: string, runs: number) {
  const dist = join(folder, "dist");
  const [environment] = await synthesise([ENVIRONMENT], dist);
  if (!environment) throw new Error(`${ENVIRONMENT} was not synthesised`);
  const contestants = noOpContestants({
    kubectl: join(bin, "kubectl"),
    cluster: ["--kubeconfig", kubeconfig],
    environment: ENVIRONMENT,
    dist,
    folder: environment.folder,
  });
  // The kind that k3s brings along.
  await outputOf(join(bin, "kubectl"), ["--kubeconfig", kubeconfig, "apply", "-f", join(repositoryRoot(), "crds")]);
  await outputOf(join(bin, "kubectl"), ["--kubeconfig", kubeconfig, "wait", "--for=condition=Established", "crd", "--all"]);
  const [first] = contestants;
  if (first) await outputOf(first.command, first.args);
  return { objects: readManifests(environment.folder).length, samples: measure(contestants, runs) };
}

function print(objects: number, samples: ReadonlyMap<string, Samples>, runs: number): void {
  console.log(
    `${ENVIRONMENT}, ${objects} objects, nothing to do: median of ${runs} runs (least to most), each a process of its own, in turn`,
  );
  console.log(tableOf([["command", "time"], ...[...samples].map(([name, list]) => [name, spread(list)])]));
  for (const { name, ratio, most } of noOpRatios(samples))
    console.log(`${name}: ${ratio.toFixed(2)} of kubectl's time (goal: at most ${most}): ${ratio <= most ? "met" : "missed"}`);
  console.log(
    `node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}; kubectl as pinned in tools/go; an API server without controllers`,
  );
}

await command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
