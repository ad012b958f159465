import { createInterface } from "node:readline/promises";
import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import { commands as words } from "../messages/commands.ts";
import type { Io } from "./io.ts";
import type { Session } from "./session.ts";

/**
 * Asks the person at the terminal, and returns the answer.
 *
 * @param advice the next step where there is no terminal to ask at
 * @throws ClusterError when there is no terminal, Interrupted
 */
export async function ask(io: Io, signal: AbortSignal, question: string, advice: string): Promise<string> {
  if (!io.stdin.isTTY) throw new ClusterError(words.noTerminal, advice);
  const prompt = createInterface({ input: io.stdin, output: io.stderr });
  try {
    return (await prompt.question(question, { signal })).trim();
  } catch (error) {
    throw signal.aborted ? new Interrupted() : error;
  } finally {
    prompt.close();
  }
}

/** Asks a question of yes or no. @param advice the next step where there is no terminal @throws ClusterError when there is none, Interrupted */
export const agrees = async (io: Io, signal: AbortSignal, question: string, advice: string): Promise<boolean> =>
  /^(y(es)?|s[ií]?)$/i.test(await ask(io, signal, `${question} ${words.yesNo} `, advice));

/**
 * Tells what is about to happen to an environment, and asks for its name.
 *
 * @param otherwise what is said when another name is given, such as "nothing was deleted"
 * @throws ClusterError when it is not given, or there is no terminal to ask at  @throws Interrupted
 */
export async function askForName({ io, name, signal }: Session, what: string, otherwise: string): Promise<void> {
  const answer = await ask(io, signal, words.typeName(what), words.addYes);
  if (answer !== name) throw new ClusterError(words.otherName(answer, name, otherwise));
}
