import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { LANGUAGES } from "../language.ts";
import { CLOUDNOVA_VERSION } from "../versions.ts";
import { applyCommand } from "./commands/apply.ts";
import { diffCommand } from "./commands/diff.ts";
import { downCommand } from "./commands/down.ts";
import { logsCommand } from "./commands/logs.ts";
import { openCommand } from "./commands/open.ts";
import { statusCommand } from "./commands/status.ts";
import { completion, SHELLS, type Shell } from "./completion.ts";
import { EXIT, type Io } from "./io.ts";

const language = () => new Option("--language <language>", "of what is said; else $CLOUDNOVA_LANGUAGE or the locale's").choices(LANGUAGES);

/** The options of every command that talks to a cluster. */
function targeted(command: Command, rest?: readonly [string, string]): Command {
  command.argument("[environment]", "name or file of the environment; else $CLOUDNOVA_ENV, else the target's own");
  if (rest) command.argument(...rest);
  return command
    .option("--target <target>", "kind, k3s or node on this machine, or context:NAME; else the one that the environment is for")
    .option("--context <name>", "the same as --target context:NAME")
    .option("--kubeconfig <file>", "kubeconfig file; else $KUBECONFIG or ~/.kube/config")
    .option("--dist <folder>", "where the manifests lie", "dist")
    .addOption(language())
    .addOption(new Option("--output <format>", "for people or for programs").choices(["text", "json"]).default("text"));
}

/** The options of every command that changes the cluster to what the manifests say, or shows it. */
function applying(command: Command): Command {
  return command
    .option("--force-conflicts", "take fields over that another field manager has set")
    .option("--adopt", "take over a namespace that another environment's name stands in")
    .option("--full", "send every object, also those that the cluster's record proves unchanged");
}

const waiting = (command: Command) => command.option("--timeout <seconds>", "how long to wait", count, 300);

const examples = (...lines: readonly string[]) => `\nExamples:\n${lines.map((text) => `  cloudnova ${text}`).join("\n")}\n`;

/** A whole number from 1 on. */
function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("give a whole number from 1 on");
  return number;
}

/**
 * The command line. Commands that read the environment load its schema, so they are loaded when they are asked for.
 *
 * @param finish is given the exit code of the command that ran
 */
export function program(io: Io, finish: (code: number) => void): Command {
  const root = new Command("cloudnova")
    .description("Brings an environment's manifests into a cluster, and shows how they fare there.")
    .version(CLOUDNOVA_VERSION)
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) })
    .exitOverride();
  const add = (name: string, description: string) => targeted(root.command(name).description(description));

  waiting(
    applying(
      add("up", "Makes the cluster where it lives here, writes the manifests, applies them, waits until all is up, and verifies it."),
    ),
  )
    .option("--no-synth", "apply what lies in dist/ already")
    .option("--no-doctor", "do not examine the cluster first")
    .option("--no-verify", "do not check the running application")
    .option("--address <address>", "where the application's entrance is reached")
    .option("--yes", "do not ask, neither before building Kubernetes nor before installing k3s")
    .addHelpText("after", examples("up --target node --yes", "up k3s-ec2 --context my-server", "up kind --no-verify --timeout 600"))
    .action(async (name, options) => finish(await (await import("./commands/up.ts")).upCommand(io, name, options)));
  add("doctor", "Examines the cluster before anything is applied: room, storage, ingress, ports, clock, versions, rights.")
    .option("--offline", "ask no cluster: only what the environment will take, and this machine's ports")
    .addHelpText("after", examples("doctor kind", "doctor k3s-ec2 --offline", "doctor k3s-ec2 --context my-server --output json"))
    .action(async (name, options) => finish(await (await import("./commands/doctor.ts")).doctorCommand(io, name, options)));
  applying(add("diff", "Shows what apply would change, by the server's own dry run; exit code 1 when there is a difference."))
    .addHelpText("after", examples("diff kind", "diff k3s-ec2 --context my-server"))
    .action(async (name, options) => finish(await diffCommand(io, name, options)));
  waiting(applying(add("apply", "Makes the cluster what dist/<environment>/ says: creates, changes, and prunes what it applied before.")))
    .option("--wait", "wait until everything is up")
    .addHelpText("after", examples("apply kind", "apply k3s-ec2 --context my-server --wait", "apply kind --output json"))
    .action(async (name, options) => finish(await applyCommand(io, name, options)));
  add("status", "Shows how every workload stands, and why one that is not up is not.")
    .addHelpText("after", examples("status kind", "status kind --output json"))
    .action(async (name, options) => finish(await statusCommand(io, name, options)));
  add("logs", "Prints the output of the environment's containers.")
    .option("-c, --component <name>", "only of this component or pod, such as webapp or mysql-0")
    .option("-f, --follow", "go on until Ctrl-C")
    .option("--previous", "of the run before the last restart")
    .option("--tail <lines>", "lines of each container", count, 100)
    .option("--since <seconds>", "only what is newer", count)
    .addHelpText("after", examples("logs kind -c webapp --follow", "logs kind -c mysql-0 --previous"))
    .action(async (name, options) => finish(await logsCommand(io, name, options)));
  add("open", "Opens the application and its monitoring on ports of this machine, until Ctrl-C.")
    .option("--port <name=port...>", "only these, at these local ports")
    .addHelpText("after", examples("open kind", "open k3s-ec2 --context my-server --port app=8443 grafana=3000"))
    .action(async (name, options) => finish(await openCommand(io, name, options)));
  add("verify", "Checks the running application and its monitoring, and says what each check saw.")
    .option("--address <address>", "where the application's entrance is reached")
    .option("--thorough", "also end the pod that took a user, to see that nobody notices: about half a minute")
    .option("--patience <seconds>", "for how long what does not hold is tried again", count, 30)
    .addHelpText("after", examples("verify kind", "verify k3s-ec2 --context my-server --address 203.0.113.7"))
    .action(async (name, options) => finish(await (await import("./commands/verify.ts")).verifyCommand(io, name, options)));
  add("queries", "Runs every query of every panel, choice and rule against the running Prometheus; each must have data.")
    .addHelpText("after", examples("queries kind", "queries k3s-ec2 --context my-server --output json"))
    .action(async (name, options) => finish(await (await import("./commands/queries.ts")).queriesCommand(io, name, options)));
  targeted(
    root.command("drill").description("Breaks things on purpose, follows each alert until it is delivered and resolved, and repairs."),
    ["[alerts...]", "only these; all when none is named"],
  )
    .option("--list", "only tell what there is, and what it breaks")
    .option("--repair", "only repair what a drill left that was killed")
    .option("--webhook <url>", "a webhook that is told of the drilled alerts too")
    .option("--smtp <host:port>", "a mail server that is, for --to; without a login")
    .option("--to <address>", "who gets the mails of --smtp")
    .option("--yes", "do not ask for the environment's name")
    .addHelpText("after", examples("drill --list", "drill kind TargetDown MysqlDown", "drill k3s-ec2 --context my-server --yes"))
    .action(async (name, alerts, options) => {
      const words = name === undefined ? alerts : [name, ...alerts];
      finish(await (await import("./commands/drill.ts")).drillCommand(io, words, options));
    });
  add("evidence", "Writes a page, in --language or the environment's, that shows the running deployment.")
    .option("--out <file>", "where to write the page", "evidence.html")
    .option("--pdf", "write it as PDF too, beside the page")
    .option("--range <duration>", "how long a time the charts show", "1h")
    .option("--dashboards <name...>", "which dashboards, or all (default: overview, system, webapp)")
    .option("--address <address>", "where the application's entrance is reached")
    .addHelpText("after", examples("evidence kind --pdf", "evidence k3s-ec2 --context my-server --language en --range 1d --dashboards all"))
    .action(async (name, options) => finish(await (await import("./commands/evidence.ts")).evidenceCommand(io, name, options)));
  root
    .command("dashboards")
    .description("Grafana's dashboards.")
    .command("import")
    .description("Brings a dashboard of grafana.com, or of a file, and says which of its panels would be dead.")
    .argument("<id|file>", "its number on grafana.com, or a file of JSON")
    .option("--revision <number>", "which revision; else the newest", count)
    .option("--name <name>", "its name in environments; else from its title")
    .option("--server <url>", "where dashboards are downloaded from", "https://grafana.com")
    .addOption(language())
    .addOption(new Option("--output <format>", "for people or for programs").choices(["text", "json"]).default("text"))
    .addHelpText("after", examples("dashboards import 1860 --revision 37", "dashboards import my-dashboard.json --name mine"))
    .action(async (what, options) => finish(await (await import("./commands/dashboards.ts")).importCommand(io, what, options)));
  waiting(add("down", "Deletes what was applied. Volumes, and the secrets that open them, stay."))
    .option("--delete-data", "delete volumes, secrets and namespaces too")
    .option("--yes", "do not ask for the environment's name")
    .addHelpText("after", examples("down kind", "down kind --delete-data --yes"))
    .action(async (name, options) => finish(await downCommand(io, name, options)));
  root
    .command("completion")
    .description("Prints what makes a shell complete this command line.")
    .addArgument(new Argument("<shell>", "the shell that is to complete").choices(SHELLS))
    .addHelpText("after", examples("completion bash"))
    .action((shell: Shell) => {
      io.stdout.write(completion(root, shell));
      finish(EXIT.ok);
    });
  return root;
}
