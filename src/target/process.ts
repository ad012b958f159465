import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Readable, type Writable } from "node:stream";
import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import { machine as say } from "../messages/machine.ts";
import { target as words } from "../messages/target.ts";

/** How a program ended. */
export interface Ended {
  /** Exit status; undefined when there is no such program, or a signal ended it. */
  readonly status: number | undefined;
  readonly missing: boolean;
  readonly stdout: string;
  /** What it said last, for a message: standard error, else standard output. Empty where it wrote to the terminal itself. */
  readonly words: string;
}

/** Where programs are run. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Ends with Ctrl-C. */
  readonly signal: AbortSignal;
  /** Folder of the programs of `tools/`. @default `tools/` beside the bundle that runs */
  readonly tools?: string;
}

interface RunOptions {
  /** Write what it says on standard error while it works. */
  readonly shown?: boolean;
  /** It draws its progress itself where standard error is a terminal; elsewhere both its outputs are shown. Its words are lost on a terminal. */
  readonly drawn?: boolean;
  /** What it reads. */
  readonly input?: string | Readable;
  readonly env?: Readonly<Record<string, string>>;
  /** End it as soon as its output matches: that is all the answer that is wanted. */
  readonly until?: RegExp;
  /** End it after this time, ms. */
  readonly limit?: number;
}

/** Where its output goes. On a terminal a program that draws gets the terminal, both outputs on standard error. */
const outputs = ({ drawn }: RunOptions, stderr: Surroundings["stderr"]) =>
  drawn && stderr === process.stderr && stderr.isTTY ? ([process.stderr.fd, process.stderr.fd] as const) : (["pipe", "pipe"] as const);

/**
 * Runs a program to its end; Ctrl-C is handed on, and waited for, so that it can put away what it began.
 *
 * @throws Interrupted
 */
export async function run(around: Surroundings, command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { env, stderr, signal } = around;
  if (signal.aborted) throw new Interrupted();
  const { shown = false, drawn = false, input, env: more, until, limit } = options;
  const child = spawn(command, [...args], {
    env: { ...env, ...more } as NodeJS.ProcessEnv,
    stdio: ["pipe", ...outputs(options, stderr)],
  });
  child.stdin?.on("error", () => undefined); // it may end without reading
  if (input instanceof Readable) input.pipe(child.stdin as Writable);
  else child.stdin?.end(input);
  const said = { stdout: "", stderr: "" };
  const stop = () => child.kill("SIGINT");
  const hear = (output: keyof typeof said, show: boolean) => (chunk: Buffer) => {
    said[output] += chunk;
    if (show) stderr.write(chunk);
    if (until?.test(said[output])) stop();
  };
  child.stdout?.on("data", hear("stdout", drawn));
  child.stderr?.on("data", hear("stderr", shown || drawn));
  signal.addEventListener("abort", stop);
  const timer = limit === undefined ? undefined : setTimeout(stop, limit);
  const [status, failure] = await new Promise<[number | undefined, NodeJS.ErrnoException?]>((resolve) => {
    child.once("error", (error) => resolve([undefined, error])).once("close", (code) => resolve([code ?? undefined]));
  });
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
  if (signal.aborted) throw new Interrupted();
  const last = said.stderr.trim() || said.stdout.trim() || failure?.message || "";
  // 127 comes from a shim that finds no program behind it, as version managers have them.
  return { status, missing: failure?.code === "ENOENT" || status === 127, stdout: said.stdout, words: last };
}

/** Where programs are looked for when nothing says where. */
export const USUAL_PATH = ["/usr/local/bin", "/usr/bin", "/bin"].join(delimiter);

/** Whether a program is on the PATH. */
export const has = ({ env }: Pick<Surroundings, "env">, program: string): boolean =>
  (env.PATH ?? USUAL_PATH).split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));

/** What programs say of the machine, whichever it was that failed, and what to do about it. The first that fits is taken. */
const KNOWN: readonly (readonly [RegExp, () => string])[] = [
  [/no space left on device/i, () => say.diskFull],
  [/toomanyrequests|429 Too Many Requests|pull rate limit/i, () => say.rateLimit],
  [/permission denied while trying to connect to the docker|dial unix \S+: connect: permission denied/i, () => words.dockerGroup],
  [/cannot connect to the docker daemon|error during connect|is the docker daemon running/i, () => say.daemonEnded],
  [/unable to apply caps|error setting rlimit|CAP_SYS_RESOURCE|can't get final child's PID from pipe/i, () => say.noCapabilities],
  [
    /nf_?queue|ip_?set\b.*(not found|no such|module|protocol)|(iptables|nft)[^\n]*(no such file|not supported|does not exist)/i,
    () => say.kernel,
  ],
  [/cgroup/i, () => say.cgroups],
];

/** What to do about what a program said of the machine; undefined where its words are not known. */
export function knownAdvice(text: string): string | undefined {
  const said = text.replace(/^.*\bdeprecated\b.*$/gm, ""); // kind warns of cgroup v1 whatever happens
  return KNOWN.find(([pattern]) => pattern.test(said))?.[1]();
}

/** Lines of a program's last words that a message repeats. */
const LAST = 8;

/** The end of a program's words, for a message. */
export const lastLines = (text: string): string => text.split("\n").slice(-LAST).join("\n  ");

/**
 * Runs a program that must succeed, and lets the user see what it says.
 *
 * @param advice the next step where its words are not known
 * @throws ClusterError, with its own words only where they were not shown; Interrupted
 */
export async function must(
  around: Surroundings,
  advice: string,
  command: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const { shown, drawn, ...rest }: RunOptions = { shown: true, ...options };
  const { status, missing, stdout, words: said } = await run(around, command, args, { shown, drawn, ...rest });
  if (status === 0) return stdout;
  const visible = (shown || drawn) && !missing;
  const why = missing ? words.noProgram : visible ? say.failedAbove : lastLines(said) || words.failed;
  throw new ClusterError(`${[command, ...args].join(" ")}: ${why}`, knownAdvice(said) ?? advice);
}
