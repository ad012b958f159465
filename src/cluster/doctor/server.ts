import { ok, problem, warning } from "../finding.ts";
import type { Check } from "./facts.ts";

/** The oldest Kubernetes with all that the manifests use, and the newest that they were tried on. */
const VERSIONS = { oldest: 27, newest: 36 };
const MOST_SKEW_MS = 60_000;

export const version: Check = ({ version: text }) => {
  const minor = Number(/^v1\.(\d+)/.exec(text)?.[1]);
  if (minor >= VERSIONS.oldest && minor <= VERSIONS.newest) return ok(text);
  if (minor > VERSIONS.newest)
    return warning(`${text}: newer than any that this was tried on (1.${VERSIONS.newest})`, "watch the first apply");
  return problem(`${text}: older than 1.${VERSIONS.oldest}`, "update the cluster");
};

export const clock: Check = ({ skewMs }) => {
  if (skewMs === undefined) return warning("the server does not tell its time", "compare the clocks yourself");
  const words = `${Math.abs(Math.round(skewMs / 1000))} s between this machine and the cluster`;
  return Math.abs(skewMs) <= MOST_SKEW_MS ? ok(words) : problem(words, "set both by NTP: certificates and tokens are refused otherwise");
};

export const rights: Check = ({ forbidden }) =>
  forbidden.length === 0
    ? ok("this account may do all that apply needs")
    : problem(`this account may not ${forbidden.join(", nor ")}`, "use an administrator's account, or have the rights given");
