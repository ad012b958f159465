import { createInterface } from "node:readline/promises";
import { ClusterError, Interrupted } from "../cluster/errors.ts";
import type { Io } from "./io.ts";

/**
 * Asks the person at the terminal, and returns the answer.
 *
 * @param advice the next step where there is nobody to ask
 * @throws ClusterError when there is no terminal, Interrupted
 */
export async function ask(io: Io, signal: AbortSignal, question: string, advice: string): Promise<string> {
  if (!io.stdin.isTTY) throw new ClusterError("not confirmed, and there is no terminal to ask on", advice);
  const prompt = createInterface({ input: io.stdin, output: io.stderr });
  try {
    return (await prompt.question(question, { signal })).trim();
  } catch (error) {
    throw signal.aborted ? new Interrupted() : error;
  } finally {
    prompt.close();
  }
}
