import { join } from "node:path";
import { Command } from "commander";
import { startApiServer } from "./apiserver/server.ts";
import { type Environment, environmentsIn, synthesise } from "./common/environments.ts";
import { outputOption } from "./common/options.ts";
import { elapsed, withProgress } from "./common/progress.ts";
import { repositoryRoot } from "./common/root.ts";
import { tableOf } from "./common/table.ts";
import { withTemporaryFolder } from "./common/temporary.ts";
import { refusesCanaries } from "./validate/canary.ts";
import { installCrds, systemNamespaces } from "./validate/crds.ts";
import { validateEnvironment } from "./validate/validate-environment.ts";
import { type EnvironmentReport, passed, problemLines, rowsOf } from "./validate/validation-report.ts";

interface Options {
  readonly manifests?: string;
  readonly upgradeFrom?: string;
  readonly output: "table" | "json";
}

const command = new Command("validate")
  .description("Applies environments to a real kube-apiserver (with etcd, without controllers) and reports what it objects to.")
  .argument("[environment...]", "names or files; default: every environment that the repository ships")
  .option("--manifests <folder>", "take <folder>/<environment>/ instead of a fresh synth")
  .option("--upgrade-from <folder>", "older manifests, <folder>/<environment>/: they are applied first", "test/fixtures/older")
  .addOption(outputOption())
  .action(run);

async function run(asked: string[], { manifests, upgradeFrom, output }: Options): Promise<void> {
  const start = Date.now();
  await withTemporaryFolder(async (folder) => {
    const environments = manifests ? environmentsIn(manifests, asked) : await synthesise(asked, join(folder, "dist"));
    const reports = await validate(environments, folder, upgradeFrom);
    if (output === "json") console.log(JSON.stringify({ passed: passed(reports), environments: reports }, null, 2));
    else print(reports, Date.now() - start);
    process.exitCode = passed(reports) ? 0 : 1;
  });
}

async function validate(environments: readonly Environment[], folder: string, upgradeFrom?: string): Promise<EnvironmentReport[]> {
  const server = await startApiServer();
  try {
    await systemNamespaces(server.client);
    const { gitVersion } = (await server.client.call("GET", "/version")).body;
    const crds = await installCrds(server.client, join(repositoryRoot(), "crds"));
    console.error(`kube-apiserver ${gitVersion} at ${server.url}, with the kinds of crds/: ${crds.join(", ")}`);
    const reset = await server.snapshot();
    await refusesCanaries(server.client);
    const reports: EnvironmentReport[] = [];
    for (const environment of environments) {
      const work = () => validateEnvironment(environment, { server, reset, folder, upgradeFrom });
      reports.push(await withProgress(`applying ${environment.name}`, "", work));
    }
    return reports;
  } finally {
    await server.stop();
  }
}

function print(reports: readonly EnvironmentReport[], ms: number): void {
  console.log(tableOf(rowsOf(reports)));
  for (const line of problemLines(reports)) console.log(`✖ ${line}`);
  console.log(`${passed(reports) ? "accepted" : "NOT accepted"}, ${reports.length} environments in ${elapsed(ms)}`);
}

await command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
