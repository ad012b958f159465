import type { Held, Result, Task } from "./task.ts";

/** Many requests or connections of one client. */
export interface Flood {
  readonly name: string;
  readonly task: Task;
  /** That the flood was one: what must have been counted, and how often at least. */
  readonly counted: readonly [name: string, least: number];
  /** Whether only `e2e:full` sends it. @default false */
  readonly full?: true;
}

/** Seconds of each flood. */
export const FLOOD_S = 10;
const TEN_TIMES = 10;
const MANY: Readonly<Record<Held, number>> = { header: 400, silence: 2000, body: 300, page: 100 };
/** The share that has to be open in the end: a busy machine makes fewer handshakes in the time. */
const OPENED = 0.75;
const LARGE = { bytes: 64 * 2 ** 20, count: 8 } as const;
const STREAMS = 2000;

const hold = (name: string, what: Held): Flood => ({
  name: `${MANY[what].toLocaleString("en")} ${name}`,
  task: { kind: "hold", what, count: MANY[what], seconds: FLOOD_S },
  counted: ["opened", MANY[what] * OPENED],
});

/** Every flood. @param rate requests a second of the normal load */
export const floods = (rate: number): readonly Flood[] => [
  { ...hold("requests whose headers never end", "header"), full: true },
  { ...hold("connections that say nothing", "silence"), full: true },
  { ...hold("bodies that never end", "body"), full: true },
  hold("bodies that never end, each with the request for a page", "page"),
  { name: "bodies of 64 MiB", task: { kind: "large", ...LARGE, seconds: FLOOD_S }, counted: ["413", 1] },
  {
    name: `${STREAMS.toLocaleString("en")} streams of HTTP/2, each reset at once`,
    task: { kind: "reset", streams: STREAMS, seconds: FLOOD_S },
    counted: ["streams reset", STREAMS],
  },
  {
    name: "ten times the normal load, each request under a forged address",
    task: { kind: "visit", rate: rate * TEN_TIMES, seconds: FLOOD_S, forged: true },
    // All but those that the limit lets pass: 50 a second and 100 at once, and some for the time that a busy machine takes longer.
    counted: ["429", (rate * TEN_TIMES - 50) * FLOOD_S * 0.8 - 100],
  },
];

/** The time below which this share of the answers came, ms. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A visitor may wait so many times longer than without the flood; below the second, ms, a busy machine decides. */
const TIMES = 5;
const NOISE_MS = 250;

/** Errors of the server that say that there is too much to do; others say that it failed. */
const failed = (name: string) => /^5\d\d$/.test(name) && name !== "503";

/** What was seen beside a flood. */
interface Verdict {
  readonly saw: string;
  /** Whether the visitor waited too long: a busy machine may be why, so the flood is repeated once. */
  readonly slow: boolean;
}

/**
 * Judges a visitor's answers beside a flood by those just before it.
 *
 * @throws Error with what went wrong, other than that the visitor waited
 */
export function judge({ counted: [name, least] }: Flood, flood: Result, quiet: Result, visitor: Result): Verdict {
  const counts = Object.entries(flood.counts).map(([what, count]) => `${count} × ${what}`);
  const [before, beside] = [quantile(quiet.times, 0.95), quantile(visitor.times, 0.95)];
  const saw = `the flood: ${counts.join(", ")}; another visitor: 95 % within ${beside.toFixed(0)} ms, before ${before.toFixed(0)} ms`;
  const lost = [quiet, visitor].flatMap(({ counts }) => Object.entries(counts).filter(([what]) => what !== "200"));
  const wrong = [
    ...((flood.counts[name] ?? 0) < least ? [`the flood was none: ${name} counted less than ${least} times`] : []),
    ...Object.keys(flood.counts)
      .filter(failed)
      .map((status) => `the flood was answered ${status}`),
    ...lost.map(([what, count]) => `a visitor lost ${count} requests: ${what}`),
  ];
  if (wrong.length > 0) throw new Error(`${wrong.join("; ")}; ${saw}`);
  return { saw, slow: beside > Math.max(TIMES * before, NOISE_MS) };
}
