import { dirname, join, resolve } from "node:path";
import type { VerifyCheck } from "../../../src/messages/verify.ts";
import { output } from "../../../tools/common/run.ts";
import { matrix } from "../policies/index.ts";
import { shows, write } from "../suite/example-pages.ts";
import { EXAMPLES, type Example, exampleEntries } from "../suite/examples.ts";
import { allGreen } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { until } from "../suite/wait.ts";
import { apply } from "./changes-step.ts";
import { importData } from "./import-data.ts";
import { searchLeaks } from "./leaks-step.ts";
import { restoreFiles } from "./restore-files.ts";
import { rotateApplication } from "./rotate-application.ts";

const GRAFANA = ["monitoring", "grafana"];
const REPLICAS = ["applications", "webapp", "sample", "replicas"];
const DISK = ["machine", "disk"];

/** The example whose entry is not its own: what `import compose` makes of its Compose project, with a proxy before it. */
const FROM_COMPOSE = { name: "guestbook", folder: "flask-mysqlclient" };

/** Imports that example's Compose project, as a newcomer does. @returns the environment file that the command wrote */
async function fromCompose({ environment }: Stage): Promise<string> {
  const cwd = dirname(environment.file);
  const { name, folder } = FROM_COMPOSE;
  const command = [resolve("build", "cloudnova.cjs"), "import", "compose", resolve("examples", folder), "--name", name, "--force"];
  await output(process.execPath, command, { cwd });
  return join(cwd, "environments", `${name}.yaml`);
}

/** The states of verify's checks of the user's own applications. */
async function verified(stage: Stage): Promise<string> {
  const names: readonly VerifyCheck[] = ["start pages", "application redirects", "application headers", "application databases", "targets"];
  return until("verify finds the examples well", 120, async () => {
    const { stdout } = await stage.cloudnova("verify", "--output", "json");
    const { findings } = JSON.parse(stdout) as { findings: { check: string; state: string; saw: string }[] };
    const bad = names.flatMap((name) => {
      const found = findings.find(({ check }) => check === name);
      return found?.state === "ok" ? [] : [`${name}: ${found?.saw ?? "not checked"}`];
    });
    if (bad.length > 0) throw new Error(bad.join("; "));
    return `${names.length} checks of them are green`;
  });
}

const namespaceOf = ({ name }: Example) => `cloudnova-${name}`;

/** Restarts the pods of every example, and waits until the new ones are ready. */
async function restart(stage: Stage): Promise<void> {
  for (const example of EXAMPLES)
    await stage.kubectl("rollout", "restart", `deployment/${example.name}`, "--namespace", namespaceOf(example));
  for (const example of EXAMPLES)
    await stage.kubectl("rollout", "status", `deployment/${example.name}`, "--namespace", namespaceOf(example), "--timeout=90s");
}

/** Takes the examples out of the environment again, with their namespaces. */
async function remove(stage: Stage): Promise<string> {
  for (const { name } of EXAMPLES) await stage.environment.unset(["applications", name]);
  const changed = await apply(stage);
  for (const { name } of EXAMPLES) {
    if (!changed.includes(`pruned Deployment ${name}`)) throw new Error(`${name} was not pruned: ${changed.join(", ")}`);
    if (!changed.some((text) => text.startsWith(`kept Namespace cloudnova-${name}`)))
      throw new Error(`its namespace was not kept: ${changed.join(", ")}`);
  }
  return `${changed.filter((text) => text.startsWith("pruned ")).length} objects pruned, the namespaces with the data kept`;
}

/** Deploys the examples beside the sample, does something with them, and takes them out again. @returns what was seen, in a sentence */
async function withExamples(stage: Stage, work: () => Promise<string>): Promise<string> {
  const { environment } = stage;
  const [grafana, replicas] = [environment.get(GRAFANA), environment.get(REPLICAS)];
  // The memory of the node does not suffice for three more applications beside three replicas and Grafana's place.
  await environment.set(GRAFANA, "on-demand");
  await environment.set(REPLICAS, 2);
  // Each of them has a volume for its backups.
  await environment.set(DISK, "30Gi");
  const imported = { [FROM_COMPOSE.name]: await fromCompose(stage) };
  for (const [name, entry] of Object.entries(exampleEntries(".", imported))) await environment.set(["applications", name], entry);
  const begun = Date.now();
  await stage.must("up", "--target", "kind", "--yes", "--no-synth", "--no-doctor", "--no-verify");
  const seconds = Math.round((Date.now() - begun) / 1000);
  for (const example of EXAMPLES) await shows(example, ""); // any page: a database that was kept may have other rows
  const seen = await work();
  const removed = await remove(stage);
  await environment.unset(DISK);
  if (grafana === undefined) await environment.unset(GRAFANA);
  else await environment.set(GRAFANA, grafana);
  if (replicas === undefined) await environment.unset(REPLICAS);
  else await environment.set(REPLICAS, replicas);
  await apply(stage);
  return `${EXAMPLES.length} examples up after ${seconds} s, one as import compose wrote it; ${seen}; ${removed}; ${await allGreen(stage)}`;
}

export const APPLICATIONS: Step = {
  name: "other people's applications",
  expects:
    "the examples are built and deployed beside the sample, one of them by import compose, answer over HTTPS, keep what was written over a restart, take the data of old databases, get the files of a volume back from a backup, and go again",
  run: (stage) =>
    withExamples(stage, async () => {
      for (const example of EXAMPLES) await shows(example, example.first);
      for (const example of EXAMPLES) await write(example, `by the suite in ${example.name}`);
      await restart(stage);
      for (const example of EXAMPLES) await shows(example, `by the suite in ${example.name}`);
      return `${await importData(stage)}; ${await restoreFiles(stage)}; ${await verified(stage)}`;
    }),
};

export const APPLICATIONS_GUARDED: Step = {
  name: "other people's policies, keys and Secrets",
  expects:
    "the examples reach what policies allow and nothing else, get another generated key without a lost request, and no Secret of theirs is in any text or file",
  full: true,
  run: (stage) =>
    withExamples(stage, async () => {
      const policies = await matrix(stage);
      const rotated = await rotateApplication(stage);
      const leaks = await searchLeaks(stage, EXAMPLES.map(namespaceOf));
      return `policies: ${policies}; ${rotated}; Secrets: ${leaks}`;
    }),
};
