import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Command, CommanderError } from "commander";
import { program } from "../../src/cli/program.ts";
import { isOpenable } from "../../src/config/open.ts";
import { environmentFile } from "../../src/environments.ts";
import { program as clusterProgram } from "../../tools/cluster/command-line.ts";

/** Parses what documents and messages print as commands, without running it. */

const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync("package.json", "utf8")).scripts;
const quiet = { write: () => true } as unknown as NodeJS.WriteStream;
export const cloudnova = program({ stdin: process.stdin, stdout: quiet, stderr: quiet, env: {} }, () => undefined);
clusterProgram.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });

/** The environment that the READMEs have their reader write. */
const TO_WRITE = /^(mine|mio|shop)$/;

/** What is wrong with the words after a program's name, by the command line itself. */
export function faultOf(root: Command, words: readonly string[]): string | undefined {
  let command = root;
  let rest = [...words];
  while (rest[0] !== undefined && command.commands.length > 0 && !rest[0].startsWith("-")) {
    const next = command.commands.find((one) => one.name() === rest[0]);
    if (!next) return `no command ${rest[0]}`;
    command = next;
    rest = rest.slice(1);
  }
  try {
    const { operands, unknown } = command.parseOptions(rest);
    const foreign = unknown.filter((word) => !["--help", "-h", "--version", "-V"].includes(word));
    const [first] = command.registeredArguments;
    if (WANT_NAME.has(command.name()) && operands.length === 0 && !/--(help|list)\b/.test(rest.join(" ")))
      return `${command.name()} wants an environment's name`;
    if (foreign.length > 0) return `${command.name()} has no ${foreign.join(" ")}`;
    if (operands.length > command.registeredArguments.length && !command.registeredArguments.at(-1)?.variadic)
      return `too many words: ${operands.join(" ")}`;
    return first?.name() === "environment" ? firstFault(command, operands) : undefined;
  } catch (error) {
    const { code, message } = error as CommanderError;
    return code === "commander.version" ? undefined : message;
  }
}

/** What is wrong with the first word: an environment, or for `open` also what is to be opened. */
function firstFault(command: Command, [first]: readonly string[]): string | undefined {
  if (first === undefined || (command.name() === "open" && isOpenable(first.replace(/=.*/, "")))) return undefined;
  return environmentFault(first);
}

/** Commands that delete or replace. */
const WANT_NAME = new Set(["apply", "down", "drill"]);

function environmentFault(name: string): string | undefined {
  if (TO_WRITE.test(name) || /^(ENVIRONMENT|ENTORNO)$/.test(name)) return undefined;
  try {
    return existsSync(environmentFile(name)) ? undefined : `no file ${name}`;
  } catch (error) {
    return (error as Error).message;
  }
}

function synthFault(words: readonly string[]): string | undefined {
  try {
    const options = {
      outdir: { type: "string" },
      quiet: { type: "boolean" },
      language: { type: "string" },
      help: { type: "boolean" },
    } as const;
    const { positionals } = parseArgs({ args: [...words], allowPositionals: true, options });
    return positionals.map(environmentFault).find(Boolean);
  } catch (error) {
    return (error as Error).message;
  }
}

/** What takes the words after `npm run SCRIPT --`. Tools parse their own, each in its test. */
const READERS: Readonly<Record<string, (words: readonly string[]) => string | undefined>> = {
  cloudnova: () => "it is written npx cloudnova",
  up: (words) => faultOf(cloudnova, ["up", ...words]),
  synth: synthFault,
  "synth:app": synthFault,
  cluster: (words) => faultOf(clusterProgram, words),
};

/** What a document's own files are called, among other words of a command. */
const FILE = /^(?:\.\/)?((?:dist|environments|docs|webapp|node|tools|test|src|charts)(?:\/[\w./-]*)?|[\w-]+\.(?:ya?ml|json|sh|mjs))$/;

/** What is wrong with `npm run SCRIPT` and what follows it. npm keeps options before `--` for itself. */
function scriptFault(script: string, rest: readonly string[]): string | undefined {
  if (!(script in scripts)) return `package.json has no script ${script}`;
  if (rest[0] !== "--" && rest.some((word) => word.startsWith("-"))) return "options need -- before them";
  return READERS[script]?.(rest.filter((word) => word !== "--"));
}

/** What is wrong with one command of our own or of others; undefined when nothing is. */
export function commandFault(text: string): string | undefined {
  const words = text.trim().split(/\s+/);
  const [first, second, third] = words;
  if (first === "npm" && second === "run") return scriptFault(third ?? "", words.slice(3));
  if (first === "npm") return ["ci", "test", "install", "version"].includes(second ?? "") ? undefined : `npm ${second}?`;
  if (first === "cloudnova") return faultOf(cloudnova, words.slice(1));
  if (first === "npx" && second === "cloudnova") return faultOf(cloudnova, words.slice(2));
  const missing = words
    .slice(1)
    .map((word) => FILE.exec(word.replace(/^'|'$/g, ""))?.[1])
    .find((file) => file !== undefined && !/\b(mine|mio)\b/.test(file) && !existsSync(file));
  return missing === undefined ? undefined : `there is no ${missing}`;
}

/** The simple commands of a line of shell, without its comment. */
export const simple = (line: string): string[] =>
  line
    .replace(/(^|\s)#.*$/, "")
    .split(/&&|\||;/)
    .map((one) => one.trim())
    .filter((one) => one !== "");
