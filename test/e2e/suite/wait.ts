import { setTimeout as sleep } from "node:timers/promises";

const EVERY_MS = 500;

/**
 * Asks until the answer is there. What it throws counts as "not yet", so that questions to a server that is down are allowed.
 *
 * @param what for the message  @param seconds how long to ask  @param ask undefined means not yet
 * @throws Error with the last reason when the time is over
 */
export async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (let reason = "it never was so"; ; ) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      reason = (error as Error).message;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s: ${reason}`);
    await sleep(EVERY_MS);
  }
}

/** @throws Error that says what was expected and what was seen */
export function expect(what: string, seen: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: expected ${other}, saw ${one}`);
}
