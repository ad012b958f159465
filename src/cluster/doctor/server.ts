import { doctor as words } from "../../messages/doctor.ts";
import { ok, problem, warning } from "../finding.ts";
import type { Check } from "./facts.ts";

/** The oldest Kubernetes with all that the manifests use, and the newest that they were tried on. */
const VERSIONS = { oldest: 27, newest: 36 };
const MOST_SKEW_MS = 60_000;

/** The number after `v1.`; NaN where there is none. */
export const minorOf = (version: string): number => Number(/^v1\.(\d+)/.exec(version)?.[1]);

export const version: Check = ({ version: text }) => {
  const minor = minorOf(text);
  if (minor >= VERSIONS.oldest && minor <= VERSIONS.newest) return ok(text);
  return minor > VERSIONS.newest
    ? warning(words.newer(text, VERSIONS.newest), words.watchFirst)
    : problem(words.older(text, VERSIONS.oldest), words.update);
};

export const clock: Check = ({ skewMs }) => {
  if (skewMs === undefined) return warning(words.noTime, words.compare);
  const saw = words.skew(Math.abs(Math.round(skewMs / 1000)));
  return Math.abs(skewMs) <= MOST_SKEW_MS ? ok(saw) : problem(saw, words.ntp);
};

export const rights: Check = ({ forbidden }) =>
  forbidden.length === 0 ? ok(words.mayAll) : problem(words.mayNot(forbidden), words.administrator);
