import { Command, Option } from "commander";
import { CLOUDNOVA_VERSION } from "../versions.ts";
import { applyCommand } from "./commands/apply.ts";
import type { Io } from "./io.ts";

/** The options of every command that talks to a cluster. */
function targeted(command: Command): Command {
  return command
    .argument("[environment]", "name or file of the environment; else $CLOUDNOVA_ENV")
    .option("--context <name>", "context of the kubeconfig (kind environments: kind-cloudnova)")
    .option("--kubeconfig <file>", "kubeconfig file; else $KUBECONFIG or ~/.kube/config")
    .option("--dist <folder>", "where the manifests lie", "dist")
    .addOption(new Option("--output <format>", "for people or for programs").choices(["text", "json"]).default("text"));
}

const examples = (...lines: readonly string[]) => `\nExamples:\n${lines.map((text) => `  cloudnova ${text}`).join("\n")}\n`;

/** The command line. @param finish is given the exit code of the command that ran */
export function program(io: Io, finish: (code: number) => void): Command {
  const root = new Command("cloudnova")
    .description("Brings an environment's manifests into a cluster, and shows how they fare there.")
    .version(CLOUDNOVA_VERSION)
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) })
    .exitOverride();

  targeted(
    root
      .command("apply")
      .description("Makes the cluster what dist/<environment>/ says: creates, changes, and prunes what it applied before."),
  )
    .option("--force-conflicts", "take fields over that another field manager has set")
    .option("--adopt", "take over a namespace that another environment's name stands in")
    .option("--full", "send every object, also those that the cluster's record proves unchanged")
    .addHelpText("after", examples("apply kind", "apply k3s-ec2 --context my-server", "apply kind --output json"))
    .action(async (name, options) => finish(await applyCommand(io, name, options)));
  return root;
}
