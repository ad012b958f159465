import { setTimeout as sleep } from "node:timers/promises";
import { Interrupted } from "../cluster-error.ts";

/** Waits so many milliseconds. @throws Interrupted when the signal says so, at once */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {
    throw new Interrupted();
  });
}

/** How long and how often something is looked for. */
export interface Wait<T> {
  /** ms; the first look takes place at once. */
  readonly limitMs: number;
  /** From the end of a look to the next, ms. */
  readonly everyMs: number;
  /** Ends the wait with Interrupted. */
  readonly signal?: AbortSignal | undefined;
  /** Whether a look that failed so counts as "not yet". @default none does: the failure ends the wait */
  readonly retries?: (error: unknown) => boolean;
  /** When the time is over: the answer after all, or what it throws. `reason` is the message of the last look that failed. */
  readonly late: (reason?: string) => T;
}

/** Looks until there is an answer; undefined means not yet. @throws Interrupted, what `look` throws, what `late` throws */
export async function until<T>(look: () => Promise<T | undefined>, wait: Wait<T>): Promise<T> {
  const { limitMs, everyMs, signal, retries = () => false, late } = wait;
  const deadline = Date.now() + limitMs;
  for (let reason: string | undefined; ; ) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      if (!retries(error)) throw error;
      reason = (error as Error).message;
    }
    if (Date.now() > deadline) return late(reason);
    await pause(everyMs, signal);
  }
}
