import { CommanderError } from "commander";
import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import { EnvironmentError } from "../config/errors.ts";
import { languageOf, setLocale } from "../language.ts";
import { run as words } from "../messages/run.ts";
import { closeRemotes } from "../target/ssh.ts";
import { EXIT, type Io, line, painter } from "./io.ts";
import { program } from "./program.ts";

/** Runs a command line and returns its exit code. Problems are printed as messages, never as a stack trace. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  setLocale(languageOf(args, io.env));
  let code: number = EXIT.ok;
  try {
    await program(io, (result) => {
      code = result;
    }).parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    const failed = explain(error, io);
    return args[0] === "diff" && failed === EXIT.problem ? EXIT.notCompared : failed;
  } finally {
    closeRemotes();
  }
}

function explain(error: unknown, io: Io): number {
  const paint = painter(io.stderr, io.env);
  if (error instanceof CommanderError) return error.exitCode; // it has said so itself
  if (error instanceof Interrupted) {
    line(io.stderr, words.interrupted);
    return EXIT.interrupted;
  }
  if (error instanceof ClusterError || error instanceof EnvironmentError) {
    line(io.stderr, `${paint("red", words.error)} ${error.message}`);
    if (error instanceof ClusterError && error.advice) line(io.stderr, `  → ${error.advice}`);
    return EXIT.problem;
  }
  const { message, stack } = error as Error;
  line(io.stderr, `${paint("red", words.error)} ${message}\n  → ${words.fault}`);
  if (io.env.CLOUDNOVA_DEBUG) line(io.stderr, String(stack));
  return EXIT.problem;
}
