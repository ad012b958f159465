/** What wrk measured. */
export interface Rate {
  /** Answers a second. */
  readonly rate: number;
  /** Median latency in ms. */
  readonly p50: number;
  /** 99th percentile of the latency in ms. */
  readonly p99: number;
  /** Answers other than 2xx and 3xx, broken connections and time-outs. */
  readonly failed: number;
}

const MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/**
 * Reads what `wrk --latency` prints.
 *
 * @throws Error with wrk's own words when that is no result
 */
export function parseWrk(text: string): Rate {
  const latency = (percent: number) => {
    const [, number, unit = ""] = new RegExp(`^\\s*${percent}%\\s+([\\d.]+)(us|ms|s|m)\\s*$`, "m").exec(text) ?? [];
    return Number(number) * (MS[unit] ?? Number.NaN);
  };
  const statuses = Number(/^\s*Non-2xx or 3xx responses: (\d+)/m.exec(text)?.[1] ?? 0);
  const sockets = /^\s*Socket errors: (.*)$/m.exec(text)?.[1] ?? "";
  const failed = [...sockets.matchAll(/\d+/g)].reduce((sum, [count]) => sum + Number(count), statuses);
  const rate = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(text)?.[1]);
  const result = { rate, p50: latency(50), p99: latency(99), failed };
  if (Object.values(result).some(Number.isNaN)) throw new Error(`wrk printed no result: ${text.trim() || "nothing"}`);
  return result;
}

/** The run in the middle, by rate, with the slowest and the fastest. */
export interface Rates extends Rate {
  readonly least: number;
  readonly most: number;
}

/** @param runs an odd number of them. Failures of all runs count. */
export function middle(runs: readonly Rate[]): Rates {
  const sorted = [...runs].sort((a, b) => a.rate - b.rate);
  const [first, chosen, last] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (!first || !chosen || !last) throw new Error("no run of wrk");
  return { ...chosen, failed: runs.reduce((sum, { failed }) => sum + failed, 0), least: first.rate, most: last.rate };
}
