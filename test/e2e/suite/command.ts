import { withLock } from "../../../tools/common/lock.ts";
import type { Outcome } from "./step.ts";
import { CLUSTER } from "./suite-cluster.ts";
import { summary } from "./suite-report.ts";

/** Does `work` while no other run uses this suite's cluster; says when it waits for one. */
export function alone(work: () => Promise<void>): Promise<void> {
  const waiting = () => void process.stderr.write("… waiting for another run of the end-to-end suite\n");
  return withLock(`/run/${CLUSTER}-suite.lock`, waiting, work);
}

/** Prints how a run went; the command ends with 1 unless every planned step ran and went as expected. @param note after the line. @default none */
export function conclude(outcomes: readonly Outcome[], planned: number, note = ""): void {
  console.log(`${summary(outcomes, planned)}${note}`);
  if (outcomes.length < planned || outcomes.some(({ ok }) => !ok)) process.exitCode = 1;
}
