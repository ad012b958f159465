import type { Sample } from "../monitoring/prometheus-api.ts";

/** Values of counters by series, as one query gives them. */
type Reading = ReadonlyMap<string, { readonly key: string; readonly value: number }>;

/** How much counters have grown since a moment, by a label's value. */
export interface Growth {
  readonly last: Reading;
  readonly grown: ReadonlyMap<string, number>;
}

const readingOf = (samples: readonly Sample[], by: string): Reading =>
  new Map(
    samples.map(({ labels, value }) => [
      JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))),
      { key: labels[by] ?? "", value },
    ]),
  );

/** Begins to count: what the counters have reached by now does not count. @param by the label by which growth is summed */
export const begin = (samples: readonly Sample[], by: string): Growth => ({ last: readingOf(samples, by), grown: new Map() });

/**
 * Adds what the counters have grown by since the last reading. Exact, unlike Prometheus' increase(), which extrapolates and takes the first
 * value of a new series for no growth: the first error of a version would not be counted. A counter that has fallen began again at 0; one
 * that is gone keeps its last value, for the case that it comes back.
 */
export function advance({ last, grown }: Growth, samples: readonly Sample[], by: string): Growth {
  const now = readingOf(samples, by);
  const sums = new Map(grown);
  for (const [series, { key, value }] of now) {
    const before = last.get(series)?.value ?? 0;
    sums.set(key, (sums.get(key) ?? 0) + (value >= before ? value - before : value));
  }
  return { last: new Map([...last, ...now]), grown: sums };
}

/** The sum of the keys for which it is asked. */
export const total = ({ grown }: Growth, wanted: (key: string) => boolean = () => true): number =>
  [...grown].reduce((sum, [key, value]) => sum + (wanted(key) ? value : 0), 0);

const bound = (le: string): number => (le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le));

/** Answers that took at most so many seconds. @param growth of a histogram's buckets, by `le` */
export const within = (growth: Growth, seconds: number): number => total(growth, (le) => bound(le) === seconds);

/**
 * A quantile of a histogram's growth, in seconds, interpolated within its bucket as Prometheus' histogram_quantile() does; of the last
 * bucket, which has no end, its beginning. Undefined when nothing was counted.
 */
export function quantile({ grown }: Growth, share: number): number | undefined {
  const buckets = [...grown].map(([le, count]) => ({ le: bound(le), count })).sort((a, b) => a.le - b.le);
  const all = buckets.at(-1)?.count ?? 0;
  if (all === 0) return undefined;
  const rank = share * all;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const [before, at] = [buckets[index - 1] ?? { le: 0, count: 0 }, buckets[index] ?? { le: 0, count: 0 }];
  if (at.le === Number.POSITIVE_INFINITY) return before.le;
  const inside = at.count - before.count;
  return inside === 0 ? at.le : before.le + ((at.le - before.le) * (rank - before.count)) / inside;
}
