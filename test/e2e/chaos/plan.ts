/** A generator of numbers from 0 to below 1 that a seed decides: mulberry32, by Tommy Ettinger, in the public domain. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How often something is to happen, among other things. */
interface Weighted {
  readonly weight: number;
}

/** Shares a number of faults out by weight, at least one for each kind as far as they last. */
function shares(kinds: readonly Weighted[], faults: number): number[] {
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  const counts = kinds.map(() => 0);
  for (let given = 0; given < faults; given++) {
    // The one that lacks most, and before all one that has none.
    const lacks = kinds.map(({ weight }, index) => {
      const has = counts[index] ?? 0;
      return (weight / total) * faults - has + (has === 0 ? faults : 0);
    });
    const next = lacks.indexOf(Math.max(...lacks));
    counts[next] = (counts[next] ?? 0) + 1;
  }
  return counts;
}

/**
 * The faults of a run, in the order that the seed decides: the same for the same kinds, number and seed.
 *
 * @param kinds with how often each happens beside the others; as far as there are enough faults, each happens at least once
 */
export function planOf<T extends Weighted>(kinds: readonly T[], faults: number, seed: number): T[] {
  const random = randomFrom(seed);
  const counts = shares(kinds, faults);
  const order = kinds.flatMap((kind, index) => Array.from({ length: counts[index] ?? 0 }, () => kind));
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
