import { basename } from "node:path";
import { execa } from "execa";

/**
 * Runs a scanner and returns what it printed on standard output. Scanners end with 1 when they found something:
 * that is an answer, not a failure, as long as they printed one.
 *
 * @throws Error with the scanner's own words when it printed nothing or ended in another way
 */
export async function runScanner(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout, stderr, exitCode, message } = await execa(command, args, { reject: false, env, maxBuffer: 512 * 1024 * 1024 });
  if ((exitCode !== 0 && exitCode !== 1) || (exitCode === 1 && !stdout))
    throw new Error(`${basename(command)} failed: ${stderr || message}`);
  return stdout;
}
