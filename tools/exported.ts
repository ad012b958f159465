import { readFileSync, writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { Client } from "../src/cluster/transport/client.ts";
import { connect } from "../src/cluster/transport/connection.ts";
import { usedNames } from "../src/monitoring/keep/derive.ts";
import { type Drift, dead, driftOf } from "./exported/drift.ts";
import type { Exported } from "./exported/exposition.ts";
import { readExported } from "./exported/targets.ts";

const FILE = "src/monitoring/keep/exported.json";

interface Options {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly check: boolean;
  readonly output: "text" | "json";
}

/** One metric a line, so that a difference can be read. */
function written(exported: Readonly<Record<string, Exported>>): string {
  const jobs = Object.entries(exported).map(([job, metrics]) => {
    const lines = Object.entries(metrics).map(([metric, labels]) => `    "${metric}": [${labels.map((label) => `"${label}"`).join(", ")}]`);
    return `  "${job}": {\n${lines.join(",\n")}\n  }`;
  });
  return `{\n${jobs.join(",\n")}\n}\n`;
}

function printDrift(drifts: readonly Drift[], wanting: readonly string[], live: Readonly<Record<string, Exported>>): void {
  for (const { job, vanished, appeared } of drifts) {
    for (const name of vanished) console.log(`- ${job}: ${name}`);
    for (const name of appeared) console.log(`+ ${job}: ${name}`);
  }
  for (const name of wanting) console.log(`a rule or a panel asks for what is gone: ${name}`);
  const count = Object.values(live).reduce((sum, metrics) => sum + Object.keys(metrics).length, 0);
  console.log(`${count} metrics of ${Object.keys(live).length} jobs`);
}

const command = new Command("exported")
  .description(
    `Records in ${FILE} what the targets of a running environment export, metric → labels by job: the ground that the checks of panels and rules stand on.`,
  )
  .option("--kubeconfig <file>", "kubeconfig file; default: $KUBECONFIG, then ~/.kube/config")
  .option("--context <name>", "context of the kubeconfig")
  .option("--namespace <name>", "namespace of the environment", "cloudnova")
  .option(
    "--check",
    "write nothing; tell which metrics and labels vanished and appeared. Exit code 1 when a rule or a panel asks for one that vanished",
    false,
  )
  .addOption(new Option("--output <format>", "text for people, json for programs").choices(["text", "json"]).default("text"))
  .action(async ({ kubeconfig = process.env.KUBECONFIG, context, namespace, check, output }: Options) => {
    const client = new Client(await connect({ kubeconfig, context }));
    const live = await readExported(client, namespace).finally(() => client.close());
    const recorded = JSON.parse(readFileSync(FILE, "utf8")) as Record<string, Exported>;
    const drifts = driftOf(recorded, live);
    const wanting = dead(drifts, usedNames());
    if (output === "json") console.log(JSON.stringify({ drifts, dead: wanting }, undefined, 2));
    else printDrift(drifts, wanting, live);
    if (!check) writeFileSync(FILE, written(live));
    if (wanting.length > 0) process.exitCode = 1;
  });

await command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
