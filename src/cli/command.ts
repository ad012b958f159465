import { type Argument, Command, Help, InvalidArgumentError, type Option } from "commander";
import { type CommandLineError, commandLine } from "../messages/command-line.ts";
import { help as words } from "../messages/help.ts";

/** A line of commander's help, translated: placeholders of values, and what commander adds to a description. */
const placed = (text: string): string =>
  text.replace(/(?<=[<[|=:])[a-z]+(?=[>\]|=:.])|\b(choices|default):/g, (word) => words.placeholders[word] ?? word);

/** What commander adds to a description, such as the default. */
const described = (own: string, whole: string): string => own + placed(whole.slice(own.length));

/** commander's help, in the language of the command line. */
class LocalizedHelp extends Help {
  override styleTitle(title: string): string {
    return words.titles[title] ?? title;
  }
  override commandUsage(command: Command): string {
    return placed(super.commandUsage(command));
  }
  override subcommandTerm(command: Command): string {
    return placed(super.subcommandTerm(command));
  }
  override optionTerm(option: Option): string {
    return placed(super.optionTerm(option));
  }
  override argumentTerm(argument: Argument): string {
    return super.argumentTerm(argument).replace(/[a-z]+/g, (word) => words.placeholders[word] ?? word);
  }
  override optionDescription(option: Option): string {
    return described(option.description, super.optionDescription(option));
  }
  override argumentDescription(argument: Argument): string {
    return described(argument.description, super.argumentDescription(argument));
  }
}

/** How commander words each mistake: the groups are what the message in our language is given. */
const MISTAKES: Readonly<Record<CommandLineError, RegExp>> = {
  missingArgument: /^missing required argument '(.*)'$/,
  optionMissingArgument: /^option '(.*)' argument missing$/,
  unknownOption: /^unknown option '(.*)'$/,
  unknownCommand: /^unknown command '(.*)'$/,
  excessArguments: /^too many arguments for '(.*)'\. Expected (\d+) arguments? but got (\d+)\.$/,
  invalidOption: /^option '(.*)' argument '(.*)' is invalid\. (.*)$/s,
  invalidArgument: /^command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/s,
};
const PREFIX = "error: ";

/** A usage error in the language of the command line. One that is not known here stays in commander's words. */
export function mistake(message: string): string {
  const [, text = "", suggested] = /^(?:error: )?(.*?)(?:\n\(Did you mean (?:one of )?(.*)\?\))?$/s.exec(message) ?? [];
  for (const [name, pattern] of Object.entries(MISTAKES)) {
    const found = pattern
      .exec(text)
      ?.slice(1)
      .map((part) => part.replace(/^Allowed choices are (.*)\.$/, (_, values) => commandLine.choices(values)));
    if (!found) continue;
    const said = commandLine.errors[name as CommandLineError](...found.map(placed));
    return `${PREFIX}${said}${suggested ? `\n${commandLine.didYouMean(suggested)}` : ""}`;
  }
  return message;
}

/** A whole number from 1 on, as an option's value. @throws InvalidArgumentError */
export function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError(commandLine.wholeNumber);
  return number;
}

/** A command whose help and errors are in the language of the command line. */
export class LocalizedCommand extends Command {
  override createCommand(name?: string): Command {
    return new LocalizedCommand(name);
  }
  override createHelp(): Help {
    return Object.assign(new LocalizedHelp(), this.configureHelp());
  }
  override error(message: string, options?: Parameters<Command["error"]>[1]): never {
    return super.error(mistake(message), options);
  }
}
