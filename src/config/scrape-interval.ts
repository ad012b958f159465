import { seconds } from "./units.ts";

/**
 * The shortest and the longest `monitoring.scrapeInterval`.
 *
 * 5s is source S3's. A scrape's time-out is never longer than the interval, and a probe of the public address may take 5s.
 *
 * 1m, because the windows of the sources' rules and of the recorded rates are 5m: a rate over them then has five samples, and four
 * when a scrape failed. From 2m30s on one failed scrape would take a series away from every rule and panel, for Prometheus looks
 * back 5m for the last sample.
 */
export const SCRAPE_INTERVAL = { least: "5s", most: "1m" } as const;

/** Scrapes in the window of a rate. Two samples are the least that a rate can be made of; Grafana's `$__rate_interval` has four, too. */
const SCRAPES = 4;

/** The shortest window of a rate, such as `60s` for the scrape interval `15s`. */
export const rateWindow = (interval: string): string => `${Math.ceil(SCRAPES * seconds(interval))}s`;

/** A window that has enough scrapes: `least`, or the shortest that a rate needs at this scrape interval where that is longer. */
export const windowOf = (least: string, interval: string): string =>
  seconds(least) < seconds(rateWindow(interval)) ? rateWindow(interval) : least;
