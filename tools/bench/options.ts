import { InvalidArgumentError, Option } from "commander";

/** Fewer, and one disturbed run moves the median. */
export const LEAST_RUNS = 7;

function parseRuns(text: string): number {
  const runs = Number(text);
  if (!Number.isInteger(runs) || runs < LEAST_RUNS) throw new InvalidArgumentError(`give a whole number from ${LEAST_RUNS} on`);
  return runs;
}

/** How often each contestant of a benchmark is measured: a whole number from 7 on. @default 9 */
export const runsOption = (): Option => new Option("--runs <number>", "measured runs of each").argParser(parseRuns).default(9);
