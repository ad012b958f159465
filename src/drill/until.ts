import { LeaseLost } from "../cluster/apply/lease.ts";
import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import { pause } from "../cluster/transport/pause.ts";
import { drillWords } from "../messages/drill.ts";

const POLL_MS = 1000;

/**
 * Looks once a second until there is an answer. A look that fails is repeated: what a drill looks at restarts now and then.
 *
 * @param what is waited for, for the message when the time is over
 * @throws ClusterError when the time is over, with the last failure  @throws Interrupted, LeaseLost
 */
export async function until<T>(
  what: () => string,
  limitMs: number,
  signal: AbortSignal | undefined,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (let why = ""; ; ) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      if (error instanceof Interrupted || error instanceof LeaseLost) throw error;
      why = `: ${(error as Error).message}`;
    }
    if (Date.now() > deadline) throw new ClusterError(drillWords.notWithin(Math.round(limitMs / 1000), `${what()}${why}`));
    await pause(POLL_MS, signal);
  }
}
