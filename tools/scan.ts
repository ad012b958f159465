import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { BUILT_HERE, SCHEMA_VERSIONS } from "../src/versions.ts";
import { type Environment, environmentsIn, synthesise } from "./common/environments.ts";
import { type Manifest, readManifests } from "./common/manifests.ts";
import { outputOption } from "./common/options.ts";
import { elapsed, withProgress } from "./common/progress.ts";
import { repositoryRoot } from "./common/root.ts";
import { tableOf } from "./common/table.ts";
import { withTemporaryFolder } from "./common/temporary.ts";
import { scanWithActionlint } from "./scan/actionlint.ts";
import { scannersObject } from "./scan/canary.ts";
import { dockerfileManifest, readExceptions } from "./scan/exceptions.ts";
import { exceptionsPage } from "./scan/exceptions-page.ts";
import { scanWithHadolint } from "./scan/hadolint.ts";
import { writeSchemas } from "./scan/kubeconform.ts";
import { scanEnvironment } from "./scan/scan-environment.ts";
import { judge } from "./scan/scan-findings.ts";
import { faultLines, rowsOf, type ScanReport } from "./scan/scan-report.ts";

interface Options {
  readonly manifests?: string;
  readonly write?: boolean;
  readonly output: "table" | "json";
}

const PAGE = "docs/exceptions.md";
const DOCKERFILES = BUILT_HERE.map((folder) => join(folder, "Dockerfile"));

const command = new Command("scan")
  .description(
    "Has kube-score, checkov, Pod Security, kubeconform, hadolint and actionlint judge every environment, the Dockerfiles and the workflows, and checks the exceptions.",
  )
  .argument("[environment...]", "names or files; default: every environment that the repository ships")
  .option("--manifests <folder>", "take <folder>/<environment>/ instead of a fresh synth")
  .option("--write", `write ${PAGE} anew and scan nothing`)
  .addOption(outputOption())
  .action(run);

async function run(asked: string[], { manifests, write, output }: Options): Promise<void> {
  const start = Date.now();
  // The page lists every environment: a run over some of them can neither judge nor write it.
  const whole = asked.length === 0 && !manifests;
  if (write && !whole) throw new Error(`${PAGE} lists every environment: give --write alone`);
  await withTemporaryFolder(async (folder) => {
    const environments = manifests ? environmentsIn(manifests, asked) : await synthesise(asked, join(folder, "dist"));
    const read = environments.map((environment) => ({ ...environment, manifests: readManifests(environment.folder) }));
    const images = await Promise.all(
      DOCKERFILES.map(async (file) => dockerfileManifest(file, await readFile(join(repositoryRoot(), file), "utf8"))),
    );
    const page = exceptionsPage([...read.flatMap(({ manifests }) => manifests), ...images].map(({ object }) => object));
    const pagePath = join(repositoryRoot(), PAGE);
    if (write) {
      await writeFile(pagePath, page);
      console.log(`${PAGE} is written; nothing was scanned`);
      return;
    }
    const reports = await scan(read, folder);
    const drift =
      whole && (await readFile(pagePath, "utf8").catch(() => "")) !== page ? [`${PAGE} is out of date: run "npm run scan -- --write"`] : [];
    const faults = [...faultLines(reports), ...drift];
    if (output === "json") console.log(JSON.stringify({ passed: faults.length === 0, faults, table: rowsOf(reports) }, null, 2));
    else print(reports, faults, whole, Date.now() - start);
    process.exitCode = faults.length === 0 ? 0 : 1;
  });
}

async function scan(environments: readonly (Environment & { manifests: Manifest[] })[], folder: string): Promise<ScanReport[]> {
  const crds = readManifests(join(repositoryRoot(), "crds"));
  const schemas = join(folder, "schemas");
  await writeSchemas(
    environments.flatMap(({ manifests }) => manifests),
    crds,
    SCHEMA_VERSIONS,
    schemas,
  );
  await withProgress("proving that every scanner objects to bad input", "", () => scannersObject(schemas, join(folder, "checkov")));
  const reports: ScanReport[] = [];
  for (const environment of environments) {
    reports.push(
      await withProgress(`scanning ${environment.name}`, "", () => scanEnvironment(environment, schemas, join(folder, "checkov"))),
    );
  }
  const dockerfiles = await Promise.all(DOCKERFILES.map((file) => scanWithHadolint(repositoryRoot(), file)));
  const workflows = await scanWithActionlint(repositoryRoot());
  const { exceptions, problems } = readExceptions(dockerfiles.flatMap(({ manifest }) => manifest ?? []));
  const scans = [...dockerfiles, workflows];
  const verdict = judge(
    scans.flatMap(({ findings }) => findings),
    exceptions,
  );
  return [...reports, { environment: "", scans, verdict, problems }];
}

function print(reports: readonly ScanReport[], faults: readonly string[], whole: boolean, ms: number): void {
  console.log(tableOf(rowsOf(reports)));
  for (const line of faults) console.log(`✖ ${line}`);
  if (!whole) console.log(`${PAGE} was not checked: that needs a run over all environments`);
  console.log(
    `${faults.length === 0 ? "clean" : `${faults.length} faults`}, ${reports.length - 1} environments, ${DOCKERFILES.join(", ")} and the workflows, schemas of Kubernetes ${SCHEMA_VERSIONS.join(", ")}, in ${elapsed(ms)}`,
  );
}

await command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
