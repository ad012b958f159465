import type { Command, Option } from "commander";
import { help } from "../messages/help.ts";

/** Shells that completion is written for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** An option as completion needs it. */
interface Word {
  readonly names: readonly string[];
  readonly description: string;
  /** What may follow: nothing, one of these words, a file, or anything. */
  readonly value: "none" | "file" | "any" | readonly string[];
}

interface Known {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Word[];
  /** Words that may stand after it; `environment` stands for the environments' names and files. */
  readonly argument: "none" | "environment" | readonly string[];
}

/** Values that an option takes besides others, so that they are no choices of its own. */
const USUAL: Readonly<Record<string, readonly string[]>> = { "--target": ["kind", "k3s"] };

function wordOf({ short, long = "", description, required, optional, argChoices, flags }: Option): Word {
  const value = argChoices ?? USUAL[long] ?? (/<(file|folder)>/.test(flags) ? "file" : required || optional ? "any" : "none");
  return { names: [short, long].filter((name): name is string => name !== undefined), description, value };
}

/** What there is to complete: read from the command line itself, so that nothing is written twice. */
export function knownCommands(root: Command): Known[] {
  return root.commands.map((command) => {
    const [argument] = command.registeredArguments;
    const all = command.commands.length > 0 ? command.commands.flatMap(({ options }) => options) : command.options;
    const own = new Map(all.map((option) => [option.long, option]));
    const options = [...[...own.values()].map(wordOf), { names: ["-h", "--help"], description: help.help, value: "none" as const }];
    const inner = command.commands.length > 0 ? command.commands.map((one) => one.name()) : "none";
    const takes = argument?.name() === "environment" ? "environment" : (argument?.argChoices ?? inner);
    return { name: command.name(), description: command.description(), options, argument: takes };
  });
}

const longs = ({ options }: Known) => options.map(({ names }) => names.at(-1) ?? "");
const listed = (words: readonly string[]) => words.join(" ");

/** Environments by name; their files are completed as files. */
const NAMES = "environments/*.yaml";

function bash(commands: readonly Known[]): string {
  const values = new Map(
    commands.flatMap(({ options }) => options.flatMap(({ names, value }) => names.map((name) => [name, value] as const))),
  );
  const after = [...values].map(([name, value]) => {
    if (value === "none") return undefined;
    const reply = value === "file" ? 'compgen -f -- "$cur"' : value === "any" ? ":" : `compgen -W '${listed(value)}' -- "$cur"`;
    return `    ${name}) COMPREPLY=($(${reply})); return ;;`;
  });
  const each = commands.map((known) => {
    const { name, argument } = known;
    const rest = argument === "none" ? "" : argument === "environment" ? " $(_cloudnova_environments)" : ` ${listed(argument)}`;
    return `    ${name}) words="${listed(longs(known))}"; [[ $cur == -* ]] || words="${rest.trim()}" ;;`;
  });
  return `# cloudnova's completion for bash: source <(cloudnova completion bash)
_cloudnova_environments() {
  local file
  for file in ${NAMES}; do [ -e "$file" ] && file=\${file##*/} && printf '%s ' "\${file%.yaml}"; done
}
_cloudnova() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W '${listed(commands.map(({ name }) => name))} help --help --version' -- "$cur")); return; fi
  case $prev in
${after.filter(Boolean).join("\n")}
  esac
  case \${COMP_WORDS[1]} in
${each.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _cloudnova cloudnova
`;
}

/** A text within single quotes, for zsh and fish alike where it holds no quote itself. */
const plain = (text: string) => text.replaceAll("'", "’");

function zsh(commands: readonly Known[]): string {
  const spec = ({ names, description, value }: Word) => {
    const said = plain(description).replace(/[[\]:]/g, "\\$&");
    const takes = value === "none" ? "" : value === "file" ? ":file:_files" : value === "any" ? ":value:" : `:value:(${listed(value)})`;
    return names.map((name) => `'${name}[${said}]${takes}'`);
  };
  const argument = (known: Known["argument"]) => {
    if (known === "none") return [];
    return known === "environment" ? ["'1:environment:_cloudnova_environments'"] : [`'1:value:(${listed(known)})'`];
  };
  const each = commands.map(
    (known) => `    ${known.name}) _arguments ${[...known.options.flatMap(spec), ...argument(known.argument)].join(" ")} ;;`,
  );
  const names = commands.map(({ name, description }) => `'${name}:${plain(description).replaceAll(":", "\\:")}'`);
  return `#compdef cloudnova
# cloudnova's completion for zsh: source <(cloudnova completion zsh)
_cloudnova_environments() {
  local -a names=(${NAMES}(N:t:r))
  compadd -a names
  _files
}
_cloudnova() {
  local -a commands=(${names.join(" ")})
  if ((CURRENT == 2)); then _describe command commands; return; fi
  local command=$words[2]
  shift words; ((CURRENT--))
  case $command in
${each.join("\n")}
  esac
}
(( $+functions[compdef] )) && compdef _cloudnova cloudnova
`;
}

function fish(commands: readonly Known[]): string {
  const line = (command: string, text: string, description = "") =>
    `complete -c cloudnova -n '${command}'${text}${description ? ` -d '${plain(description)}'` : ""}`;
  const seen = (name: string) => `__fish_seen_subcommand_from ${name}`;
  const option = (name: string, { names, description, value }: Word) => {
    const flags = names.map((flag) => (flag.startsWith("--") ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`)).join("");
    const takes = value === "none" ? "" : value === "file" ? " -r -F" : value === "any" ? " -x" : ` -x -a '${listed(value)}'`;
    return line(seen(name), `${flags}${takes}`, description);
  };
  const argument = ({ name, argument: known }: Known) => {
    if (known === "none") return [];
    const words = known === "environment" ? `(string replace -r ".*/(.*)\\.yaml" "\\$1" ${NAMES})` : listed(known);
    return [line(seen(name), `${known === "environment" ? "" : " -f"} -a '${words}'`)];
  };
  return `# cloudnova's completion for fish: cloudnova completion fish | source
${commands.map(({ name, description }) => line("__fish_use_subcommand", ` -f -a ${name}`, description)).join("\n")}
${commands.flatMap((known) => [...known.options.map((word) => option(known.name, word)), ...argument(known)]).join("\n")}
`;
}

const WRITERS: Readonly<Record<Shell, (commands: readonly Known[]) => string>> = { bash, zsh, fish };

/** The completion script of a shell. */
export const completion = (root: Command, shell: Shell): string => WRITERS[shell](knownCommands(root));
