import { basename } from "node:path";
import { run } from "../common/run.ts";

/**
 * Runs a scanner and returns what it printed on standard output. Scanners end with 1 when they found something:
 * that is an answer, not a failure, as long as they printed one.
 *
 * @throws Error with the scanner's own words when it printed nothing or ended in another way
 */
export async function runScanner(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout, status, words } = await run(command, args, { env });
  if (status === 0 || (status === 1 && stdout)) return stdout;
  throw new Error(`${basename(command)} failed: ${words}`);
}
