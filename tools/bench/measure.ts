import { spawnSync } from "node:child_process";

/** A command whose whole run, from its start to its end, is measured. */
export interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Wall-clock times of one contestant, in milliseconds, in the order in which they were measured. */
export type Samples = readonly number[];

/**
 * Runs every contestant in turn, `runs` times, so that whatever else the machine does hits all of them alike.
 * One round before is not counted: it fills the file cache for all.
 *
 * @throws Error with the command's own words when one fails: a failed run is no measurement
 */
export function measure(contestants: readonly Contestant[], runs: number): Map<string, Samples> {
  const samples = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= runs; round++) {
    for (const { name, command, args } of contestants) {
      const start = process.hrtime.bigint();
      const { status, stderr, error } = spawnSync(command, args, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
      const ms = Number(process.hrtime.bigint() - start) / 1e6;
      if (status !== 0) throw new Error(`${name} failed (${status ?? error?.message}): ${stderr}`);
      if (round > 0) samples.get(name)?.push(ms);
    }
  }
  return samples;
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(samples: Samples): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new Error("no samples: nothing was measured");
  return (low + high) / 2;
}

/** `276 ms (271 to 301)`: median, least and most. */
export const spread = (samples: Samples): string =>
  `${median(samples).toFixed(0)} ms (${Math.min(...samples).toFixed(0)} to ${Math.max(...samples).toFixed(0)})`;

/** What each object more costs, in milliseconds, between two sizes that were measured. */
export function perObject(from: { objects: number; ms: number }, to: { objects: number; ms: number }): number {
  if (to.objects <= from.objects) throw new Error(`the sizes must grow: ${from.objects}, then ${to.objects} objects`);
  return (to.ms - from.ms) / (to.objects - from.objects);
}
