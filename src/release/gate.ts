import type { Objectives } from "../monitoring/slo.ts";

/** What was seen of one version since the gate opened. */
export interface Seen {
  /** Answers, by Traefik. */
  readonly requests: number;
  /** Of these, errors of the server (5xx), Traefik's own among them: a version that does not answer fails too. */
  readonly errors: number;
  /** Answers whose time was measured. */
  readonly timed: number;
  /** Of these, slower than the objective allows. */
  readonly slow: number;
  /** Seconds; undefined without an answer. */
  readonly p95?: number;
  readonly p99?: number;
}

export type Version = "canary" | "stable";

/** Why a version does not pass. */
export type Fault =
  | { readonly version: Version; readonly what: "errors" | "slow"; readonly bad: number; readonly of: number; readonly budget: number }
  | { readonly version: Version; readonly what: "slower"; readonly p95: number; readonly than: number };

/** What the gate says. */
export type Verdict =
  | { readonly state: "wait" }
  | { readonly state: "promote" }
  | { readonly state: "undo"; readonly faults: readonly Fault[] }
  | { readonly state: "too few"; readonly requests: number; readonly least: number };

/**
 * Requests that the canary must have answered: "at least 50 pieces of time series data per metric" (Spinnaker, "Best practices for
 * configuring canary"). Of 50 answers without an error follows that with a confidence of 95 % fewer than 6 % fail (rule of three): what
 * fails more rarely needs a longer gate.
 */
export const LEAST = 50;
/** Seconds that the gate is open: two of the minutes in which Flagger measures (its default `interval` is a minute), and time to see both. */
export const OPEN_S = 300;
/** Share of the requests that the canary gets, in %: the step that Flagger's examples take (`stepWeight: 10`). */
export const WEIGHT = 10;

/**
 * How improbable the number of bad answers must be for a version that keeps its objective: 5 % at the end, the usual level; 0.1 % before,
 * because the gate looks every few seconds, and each look is another chance to be wrong.
 */
const SIGNIFICANCE = { end: 0.05, early: 0.001 } as const;

/**
 * A version that keeps the objective may still be much slower than the one before. Twice, because the histogram's bounds are up to 2.5
 * apart; and by a tenth of a second, below which an answer seems instantaneous (Nielsen, "Response Times").
 */
const SLOWER = { times: 2, seconds: 0.1 } as const;

/** How probable so many bad answers or more are, of `all` with each bad at a share of `share` (the binomial distribution's tail). */
export function tail(bad: number, all: number, share: number): number {
  if (bad <= 0) return 1;
  if (bad > all) return 0;
  let below = 0;
  let log = all * Math.log1p(-share);
  const odds = Math.log(share) - Math.log1p(-share);
  for (let k = 0; k < bad; k++) {
    below += Math.exp(log);
    log += Math.log(all - k) - Math.log(k + 1) + odds;
  }
  return Math.min(1, Math.max(0, 1 - below));
}

const tooMany = (bad: number, all: number, budget: number, significance: number): boolean =>
  bad > all * budget && tail(bad, all, budget) < significance;

function broken(version: Version, { requests, errors, timed, slow }: Seen, objectives: Objectives, significance: number): Fault[] {
  const { availability, latency } = objectives;
  const check = (what: "errors" | "slow", bad: number, of: number, budget: number): Fault[] =>
    tooMany(bad, of, budget, significance) ? [{ version, what, bad, of, budget }] : [];
  return [...check("errors", errors, requests, availability.budget), ...check("slow", slow, timed, latency.budget)];
}

/** Whether the canary is much slower than the stable version, as far as both were measured often enough. */
function slower(canary: Seen, stable: Seen, least: number): Fault[] {
  const [p95, than] = [canary.p95, stable.p95];
  if (p95 === undefined || than === undefined || Math.min(canary.timed, stable.timed) < least) return [];
  return p95 > than * SLOWER.times && p95 - than > SLOWER.seconds ? [{ version: "canary", what: "slower", p95, than }] : [];
}

/**
 * Judges what was seen. Nothing is promoted without data: too few requests are a verdict of their own, and so are broken promises of the
 * stable version, beside which nothing can be said of the canary.
 *
 * @param over whether the gate's time is over
 */
export function judge(
  { canary, stable }: Readonly<Record<Version, Seen>>,
  objectives: Objectives,
  { least, over }: { readonly least: number; readonly over: boolean },
): Verdict {
  const significance = over ? SIGNIFICANCE.end : SIGNIFICANCE.early;
  const faults = [
    ...broken("canary", canary, objectives, significance),
    ...slower(canary, stable, least),
    ...broken("stable", stable, objectives, significance),
  ];
  if (faults.length > 0) return { state: "undo", faults };
  if (!over) return { state: "wait" };
  const requests = Math.min(canary.requests, canary.timed);
  return requests < least ? { state: "too few", requests, least } : { state: "promote" };
}
