import type { VerifyCheck } from "../../messages/verify.ts";
import { Interrupted } from "../cluster-error.ts";
import { type Finding, problem, type Verdict } from "../finding.ts";
import { pause } from "../transport/until.ts";
import { applicationChecks } from "./application-check.ts";
import { exposureChecks } from "./exposure-check.ts";
import { grafanaChecks } from "./grafana-check.ts";
import { monitoringChecks } from "./monitoring-check.ts";
import { ownApplicationChecks } from "./own-applications-check.ts";
import type { Check, Subject } from "./subject.ts";
import { survivalChecks } from "./survival-check.ts";
import { tlsChecks } from "./tls-check.ts";
import { userChecks } from "./user-check.ts";
import { workloadChecks } from "./workloads-check.ts";

/** The checks, in the order in which they are printed; the one that ends a pod comes last, since the others would see that. */
const CHECKS: readonly Check[] = [
  ...workloadChecks,
  ...tlsChecks,
  ...applicationChecks,
  ...userChecks,
  ...ownApplicationChecks,
  ...monitoringChecks,
  ...grafanaChecks,
  ...exposureChecks,
  ...survivalChecks,
];

const AGAIN_MS = 1000;

/** Options of a verification. */
export interface VerifyOptions {
  /**
   * For how long, in all, checks that do not hold are tried again: what has just started is scraped and evaluated within an interval.
   * What holds at once costs nothing of it.
   */
  readonly patienceMs: number;
  readonly signal?: AbortSignal;
  /** Called once for a check that is tried again. */
  readonly onAgain?: (check: VerifyCheck) => void;
  /** Called with each check as it ends. */
  readonly onFinding: (finding: Finding) => void;
}

/** Runs every check; one that breaks is a problem, and the others still run. @throws Interrupted */
export async function verify(subject: Subject, { patienceMs, signal, onAgain, onFinding }: VerifyOptions): Promise<Finding[]> {
  const deadline = Date.now() + patienceMs;
  const judged = async ({ name, run, once = false }: Check): Promise<Verdict> => {
    for (let again = 0; ; again++) {
      const verdict = await run(subject).catch((error: Error): Verdict => {
        if (error instanceof Interrupted) throw error;
        return problem(error.message);
      });
      if (verdict.state !== "problem" || once || Date.now() + AGAIN_MS > deadline) return verdict;
      if (again === 0) onAgain?.(name);
      await pause(AGAIN_MS, signal);
    }
  };
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    if (check.applies && !check.applies(subject.config)) continue;
    const finding = { check: check.name, ...(await judged(check)) };
    findings.push(finding);
    onFinding(finding);
  }
  return findings;
}
