import { execFile } from "node:child_process";
import { once } from "node:events";
import { onInterrupt } from "./cleanup.ts";

const MOST_OUTPUT = 512 * 1024 * 1024; // bytes; scanners print megabytes

/** How a program ended. */
export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status; undefined when it could not be started or was ended by a signal. */
  readonly status: number | undefined;
  /** True when there is no such program. */
  readonly missing: boolean;
  /** What it said last, for an error message: standard error, else standard output, else why it did not run. */
  readonly words: string;
}

interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end, or ends it when this process is interrupted. Never rejects: how it ended is the caller's to judge.
 *
 * @param options folder to run in, variables that are added to this process's own, and standard input
 */
export function run(command: string, args: readonly string[], { cwd, env, input }: Options & { input?: string } = {}): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      [...args],
      { cwd, env: { ...process.env, ...env }, maxBuffer: MOST_OUTPUT },
      (error, stdout, stderr) => {
        settled();
        const code = error?.code;
        const status = error ? (typeof code === "number" ? code : undefined) : 0;
        // Status 127 comes from a shim that finds no program behind it, as version managers have them.
        const missing = (code as unknown) === "ENOENT" || status === 127;
        resolve({ stdout, stderr, status, missing, words: stderr.trim() || stdout.trim() || error?.message || "" });
      },
    );
    if (input !== undefined) child.stdin?.on("error", () => undefined).end(input); // it may end without reading
    const gone = once(child, "close").catch(() => undefined);
    const settled = onInterrupt(async () => {
      child.kill();
      await gone; // until then it may write into folders that are about to be removed
    });
  });
}

/**
 * Runs a program and returns what it printed on standard output.
 *
 * @throws Error with the program's own words when it fails
 */
export async function output(command: string, args: readonly string[], options: Options = {}): Promise<string> {
  const { stdout, status, words } = await run(command, args, options);
  if (status !== 0) throw new Error(`${[command, ...args].join(" ")} failed: ${words}`);
  return stdout;
}
