import { spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { ClusterError, Interrupted } from "../cluster/errors.ts";
import { target as say } from "../messages/target.ts";

/** How a program ended. */
export interface Ended {
  /** Exit status; undefined when there is no such program, or a signal ended it. */
  readonly status: number | undefined;
  readonly missing: boolean;
  readonly stdout: string;
  /** What it said last, for a message: standard error, else standard output. */
  readonly words: string;
}

/** Where programs are run. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Ends with Ctrl-C. */
  readonly signal: AbortSignal;
}

interface Manner {
  /** Let the user see what it says while it works. */
  readonly shown?: boolean;
  /** What it reads. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end; Ctrl-C is handed on, and waited for, so that it can put away what it began.
 *
 * @throws Interrupted
 */
export async function run(around: Surroundings, command: string, args: readonly string[], manner: Manner = {}): Promise<Ended> {
  const { env, stderr, signal } = around;
  if (signal.aborted) throw new Interrupted();
  const { shown = false, input, env: more } = manner;
  const child = spawn(command, [...args], {
    env: { ...env, ...more } as NodeJS.ProcessEnv,
    // On a terminal the program itself draws its progress.
    stdio: ["pipe", "pipe", shown && stderr === process.stderr && stderr.isTTY ? "inherit" : "pipe"],
  });
  child.stdin?.on("error", () => undefined).end(input); // it may end without reading
  const said = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => (said.stdout += chunk));
  child.stderr?.on("data", (chunk) => {
    said.stderr += chunk;
    if (shown) stderr.write(chunk);
  });
  const stop = () => child.kill("SIGINT");
  signal.addEventListener("abort", stop);
  const [status, failure] = await new Promise<[number | undefined, NodeJS.ErrnoException?]>((resolve) => {
    child.once("error", (error) => resolve([undefined, error])).once("close", (code) => resolve([code ?? undefined]));
  });
  signal.removeEventListener("abort", stop);
  if (signal.aborted) throw new Interrupted();
  const words = said.stderr.trim() || said.stdout.trim() || failure?.message || "";
  // 127 comes from a shim that finds no program behind it, as version managers have them.
  return { status, missing: failure?.code === "ENOENT" || status === 127, stdout: said.stdout, words };
}

/** Lines of a program's last words that a message repeats. */
const LAST = 8;

/** Runs a program that must succeed, and lets the user see what it says. @throws ClusterError with its own words, Interrupted */
export async function must(
  around: Surroundings,
  advice: string,
  command: string,
  args: readonly string[],
  manner?: Manner,
): Promise<string> {
  const { status, missing, stdout, words } = await run(around, command, args, { shown: true, ...manner });
  if (status === 0) return stdout;
  const last = words.split("\n").slice(-LAST).join("\n  ");
  throw new ClusterError(`${[command, ...args].join(" ")}: ${missing ? say.noProgram : last || say.failed}`, advice);
}
