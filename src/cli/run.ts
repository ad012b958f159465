import { CommanderError } from "commander";
import { ClusterError, Interrupted } from "../cluster/errors.ts";
import { EnvironmentError } from "../config/errors.ts";
import { EXIT, type Io, line, painter } from "./io.ts";
import { program } from "./program.ts";

/** Runs a command line and returns its exit code. Problems are told in words, never as a stack trace. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.ok;
  try {
    await program(io, (result) => {
      code = result;
    }).parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    return explain(error, io);
  }
}

function explain(error: unknown, io: Io): number {
  const paint = painter(io.stderr, io.env);
  if (error instanceof CommanderError) return error.exitCode; // it has said so itself
  if (error instanceof Interrupted) {
    line(io.stderr, "interrupted; run the same command again to go on from here");
    return EXIT.interrupted;
  }
  if (error instanceof ClusterError || error instanceof EnvironmentError) {
    line(io.stderr, `${paint("red", "error:")} ${error.message}`);
    if (error instanceof ClusterError && error.advice) line(io.stderr, `  → ${error.advice}`);
    return EXIT.problem;
  }
  const { message, stack } = error as Error;
  line(io.stderr, `${paint("red", "error:")} ${message}\n  → this is a fault of cloudnova itself; CLOUDNOVA_DEBUG=1 shows where`);
  if (io.env.CLOUDNOVA_DEBUG) line(io.stderr, String(stack));
  return EXIT.problem;
}
