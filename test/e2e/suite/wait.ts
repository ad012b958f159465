import { until as untilThere } from "../../../src/cluster/transport/until.ts";

const EVERY_MS = 500;

/**
 * Asks until the answer is there. What it throws counts as "not yet", so that questions to a server that is down are allowed.
 *
 * @param what for the message  @param seconds how long to ask  @param ask undefined means not yet
 * @throws Error with the last reason when the time is over
 */
export function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  return untilThere(ask, {
    limitMs: seconds * 1000,
    everyMs: EVERY_MS,
    retries: () => true,
    late: (reason = "it never was so") => {
      throw new Error(`${what}: not within ${seconds} s: ${reason}`);
    },
  });
}

/** @throws Error that says what was expected and what was seen */
export function expect(what: string, seen: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: expected ${other}, saw ${one}`);
}
