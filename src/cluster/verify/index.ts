import { type Finding, problem, type Verdict } from "../finding.ts";
import { applicationChecks } from "./application.ts";
import { exposureChecks } from "./exposure.ts";
import { grafanaChecks } from "./grafana.ts";
import { monitoringChecks } from "./monitoring.ts";
import type { Check, Subject } from "./subject.ts";
import { tlsChecks } from "./tls.ts";
import { workloadChecks } from "./workloads.ts";

/** The checks, in the order in which they are told. */
const CHECKS: readonly Check[] = [
  ...workloadChecks,
  ...tlsChecks,
  ...applicationChecks,
  ...monitoringChecks,
  ...grafanaChecks,
  ...exposureChecks,
];

/** Runs every check; one that breaks is a problem, and the others still run. */
export async function verify(subject: Subject, onFinding: (finding: Finding) => void): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, applies = () => true, run } of CHECKS) {
    if (!applies(subject.config)) continue;
    const verdict = await run(subject).catch((error: Error): Verdict => problem(error.message));
    const finding = { check: name, ...verdict };
    findings.push(finding);
    onFinding(finding);
  }
  return findings;
}
