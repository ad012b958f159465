import { doctor as words } from "../../messages/doctor.ts";
import { K3S_VERSION, minorOf, SCHEMA_VERSIONS } from "../../versions.ts";
import { ok, problem, warning } from "../finding.ts";
import type { Check } from "./facts.ts";

/** The oldest Kubernetes with all that the manifests use: a PodDisruptionBudget's unhealthyPodEvictionPolicy came last, on since 1.27. */
const OLDEST = 27;
/** The release that the end-to-end tests run (tools/go/kubernetes/go.mod is of it; a test compares them). */
const RUN = minorOf(K3S_VERSION);
/** The releases whose schemas every object was checked against. */
const CHECKED = SCHEMA_VERSIONS.map(minorOf);
const MOST_SKEW_MS = 60_000;

export const version: Check = ({ version: text }) => {
  const minor = minorOf(text);
  if (minor === RUN) return ok(words.run(text, minor));
  if (CHECKED.includes(minor)) return ok(words.checked(text, minor));
  return minor >= OLDEST
    ? warning(words.untried(text, RUN, CHECKED.map((one) => `1.${one}`).join(", ")), words.watchFirst)
    : problem(words.older(text, OLDEST), words.update);
};

export const clock: Check = ({ skewMs }) => {
  if (skewMs === undefined) return warning(words.noTime, words.compare);
  const saw = words.skew(Math.abs(Math.round(skewMs / 1000)));
  return Math.abs(skewMs) <= MOST_SKEW_MS ? ok(saw) : problem(saw, words.ntp);
};

export const rights: Check = ({ forbidden }) =>
  forbidden.length === 0 ? ok(words.mayAll) : problem(words.mayNot(forbidden), words.administrator);
