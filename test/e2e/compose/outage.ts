/** A request of the probe. Times are ms since 1970. */
export interface Sample {
  readonly sent: number;
  readonly ended: number;
  /** Why it failed; absent when it was answered 200. */
  readonly failure?: string;
}

/** What visitors notice of a fault. */
export interface Outage {
  readonly sent: number;
  readonly lost: number;
  /**
   * Seconds from the first request that failed until the first good answer to one that was sent after the last failure: 0 when none
   * failed, undefined when none was answered until the probe ended.
   */
  readonly seconds: number | undefined;
  /** Each kind of failure with its count, the most frequent first. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Judges the requests of a probe. */
export function outage(samples: readonly Sample[]): Outage {
  const failed = samples.filter(({ failure }) => failure !== undefined);
  const counts = new Map<string, number>();
  for (const { failure = "" } of failed) counts.set(failure, (counts.get(failure) ?? 0) + 1);
  return {
    sent: samples.length,
    lost: failed.length,
    seconds: failed.length === 0 ? 0 : lengthOf(samples, failed),
    failures: Object.fromEntries([...counts].sort(([, a], [, b]) => b - a)),
  };
}

function lengthOf(samples: readonly Sample[], failed: readonly Sample[]): number | undefined {
  const times = failed.map(({ sent }) => sent);
  const good = samples.filter(({ sent, failure }) => sent > Math.max(...times) && failure === undefined);
  return good.length === 0 ? undefined : (Math.min(...good.map(({ ended }) => ended)) - Math.min(...times)) / 1000;
}
