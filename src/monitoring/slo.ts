import { seconds } from "../config/units.ts";
import { PROVOKED } from "./provoked.ts";

/**
 * What an application promises, and how alerts find out that it breaks the promise: Google's SRE Workbook, chapter 5,
 * "Multiwindow, Multi-Burn-Rate Alerts". The sample's promises are measured by its own metrics, those of the user's applications by
 * Traefik's: their recorded rates have the label `application`, by which a query of two of them matches.
 */

/** Requests of visitors (and of the probe of the public address, which is one); not those of the kubelet, nor of a drill. */
export const VISITORS = `route!~"/healthz|/readyz${PROVOKED.routes}"`;

/** A promise about a share of all requests. */
export interface Objective {
  /** The recorded rate of requests that break it. */
  readonly bad: string;
  /** The recorded rate of all requests. */
  readonly all: string;
  /** Share of requests that may break it. */
  readonly budget: number;
}

/** The two promises of an application. */
export interface Objectives {
  readonly availability: Objective;
  readonly latency: Objective;
  /** Seconds in which a page has to be there; one of the histogram's bounds. */
  readonly slow: number;
}

/** The promises whose recorded rates begin with a prefix. @param slow seconds */
const objectives = (prefix: string, slow: number): Objectives => {
  const all = `${prefix}:http_requests:rate5m`;
  return {
    availability: { bad: `${prefix}:http_errors:rate5m`, all, budget: 0.005 },
    latency: { bad: `${prefix}:http_slow:rate5m`, all, budget: 0.01 },
    slow,
  };
};

/**
 * The sample's: 99.5 % without an error of the server: one machine restarts for its updates, and 0.5 % of a month are 3.6 hours.
 * 99 % within half a second: at the goals that the application states for itself (p99 of 100 ms) that leaves room for
 * neighbours on a burstable machine.
 */
export const OBJECTIVES = objectives("webapp", 0.5);

/**
 * The same shares for the user's applications. Nothing is known of their speed: a second is the limit below which a user's flow of thought
 * stays uninterrupted (Nielsen, "Response Times"), and one of Traefik's bounds (LATENCY_BUCKETS).
 */
export const APPLICATION_OBJECTIVES = objectives("application", 1);

/** Windows and burn rates of the workbook's table 5-8; the short window ends the alert soon after the trouble. */
const WINDOWS = {
  fast: [
    { long: "1h", short: "5m", burn: 14.4 },
    { long: "6h", short: "30m", burn: 6 },
  ],
  slow: [
    { long: "1d", short: "2h", burn: 3 },
    { long: "3d", short: "6h", burn: 1 },
  ],
} as const;

/**
 * With few visitors one error is a large share. The workbook's advice for little traffic is to ask for a number too: at least
 * this many in the long window before the alert fires.
 */
const LEAST = 10;

/**
 * How often the rates are recorded. Three days are 8,640 samples for each of the long windows; at 5 s they would be 51,840. Not
 * longer: until a group's first evaluation it is unknown whether its rules can be evaluated.
 */
export const ROUND = "30s";

/** Requests in a window: each sample stands for its round. A mean times the window would take one error of a new deployment for many. */
const count = (rate: string, window: string) => `sum_over_time(${rate}[${window}]) * ${seconds(ROUND)}`;

/**
 * Share of requests that broke the promise in a window; weighted by traffic, because it divides means of rates.
 *
 * @param selector of the recorded series, in braces. @default all of them
 */
export const errorRatio = ({ bad, all }: Objective, window: string, selector = "") =>
  `avg_over_time(${bad}${selector}[${window}]) / avg_over_time(${all}${selector}[${window}])`;

/** True while the budget burns at one of the rates in both windows. */
export function burnRateAlert(objective: Objective, speed: keyof typeof WINDOWS): string {
  return WINDOWS[speed]
    .map(({ long, short, burn }) => {
      const bound = Number((burn * objective.budget).toFixed(4));
      const enough = `${count(objective.bad, long)} >= ${LEAST}`;
      return `(${errorRatio(objective, long)} > ${bound} and ${errorRatio(objective, short)} > ${bound} and ${enough})`;
    })
    .join(" or ");
}

/** Share of the budget of 30 days that is left, 1 when nothing was spent; by what Prometheus still has of them. */
export const errorBudgetLeft = (objective: Objective, selector = "") =>
  `1 - (${errorRatio(objective, "30d", selector)}) / ${objective.budget}`;
