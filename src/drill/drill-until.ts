import { LeaseLost } from "../cluster/apply/lease.ts";
import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import { until as untilThere } from "../cluster/transport/until.ts";
import { drillWords } from "../messages/drill.ts";

const POLL_MS = 1000;

/**
 * Looks once a second until there is an answer. A look that fails is repeated: what a drill looks at restarts now and then.
 *
 * @param what is waited for, for the message when the time is over
 * @throws ClusterError when the time is over, with the last failure  @throws Interrupted, LeaseLost
 */
export function until<T>(
  what: () => string,
  limitMs: number,
  signal: AbortSignal | undefined,
  look: () => Promise<T | undefined>,
): Promise<T> {
  return untilThere(look, {
    limitMs,
    everyMs: POLL_MS,
    signal,
    retries: (error) => !(error instanceof Interrupted || error instanceof LeaseLost),
    late: (reason) => {
      const why = reason === undefined ? "" : `: ${reason}`;
      throw new ClusterError(drillWords.notWithin(Math.round(limitMs / 1000), `${what()}${why}`));
    },
  });
}
