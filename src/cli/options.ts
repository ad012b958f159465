import { type Command, Option } from "commander";
import { LANGUAGES } from "../language.ts";
import { help as words } from "../messages/help.ts";
import { count } from "./command.ts";

/** The language of a command's words. */
export const language = () => new Option("--language <language>", words.options.language).choices(LANGUAGES);

/** How a command prints: in which language, for people or for programs. */
export const printing = (command: Command) =>
  command.addOption(language()).addOption(new Option("--output <format>", words.options.output).choices(["text", "json"]).default("text"));

/** The options of every command that talks to a cluster. */
export function targeted(command: Command, rest?: readonly [string, string]): Command {
  command.argument("[environment]", words.arguments.environment);
  if (rest) command.argument(...rest);
  return printing(
    command
      .option("--target <target>", words.options.target)
      .option("--context <name>", words.options.context)
      .option("--kubeconfig <file>", words.options.kubeconfig)
      .option("--dist <folder>", words.options.dist, "dist"),
  );
}

/** The options of every command that changes the cluster to what the manifests say, or shows it. */
export function applying(command: Command): Command {
  return command.option("--force-conflicts", words.options.forceConflicts).option("--full", words.options.full);
}

/** The options of every command that applies. */
export const replacing = (command: Command) => applying(command).option("--adopt", words.options.adopt);

/** How long a command waits, in seconds. */
export const waiting = (command: Command) => command.option("--timeout <seconds>", words.options.timeout, count, 300);

/** What a command's help shows at its end. */
export const examples = (...lines: readonly string[]) =>
  `\n${words.examples}\n${lines.map((text) => `  npx cloudnova ${text}`).join("\n")}\n`;

/** Takes the exit code of the command that ran. */
export type Finish = (code: number) => void;
