import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { Interrupted } from "../cluster/cluster-error.ts";
import type { Surroundings } from "../target/process.ts";

/** Characters of a program's standard error that are kept for a message. */
const WORDS = 8192;

/**
 * What a program writes to its standard output, as it is read.
 *
 * @param failed makes the error of a program that fails, of its last words
 * @throws that error at the end; Interrupted
 */
export async function* streamed(
  { env, signal }: Pick<Surroundings, "env" | "signal">,
  [command = "", ...args]: readonly string[],
  failed: (words: string) => Error,
): AsyncGenerator<Buffer> {
  const child = spawn(command, args, { env: env as NodeJS.ProcessEnv, stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  child.stderr.on("data", (chunk) => {
    words = `${words}${chunk}`.slice(-WORDS);
  });
  const ended = once(child, "close").then(
    ([status]) => status as number | null,
    (error: Error) => {
      words = error.message; // there is no such program
      return null;
    },
  );
  const stop = () => child.kill("SIGINT");
  signal.addEventListener("abort", stop);
  try {
    yield* child.stdout as Readable;
    const status = await ended;
    if (signal.aborted) throw new Interrupted();
    if (status !== 0) throw failed(words.trim());
  } finally {
    signal.removeEventListener("abort", stop);
    child.kill();
  }
}
