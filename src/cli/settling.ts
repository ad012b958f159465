import { setTimeout as sleep } from "node:timers/promises";
import { Interrupted } from "../cluster/errors.ts";
import type { Finding } from "../cluster/finding.ts";

/** What Prometheus knows only after its first rounds: scrapes every half minute, the slowest rules every minute. */
const FIRST_ROUNDS_MS = 100_000;
const AGAIN_MS = 3000;
/** The checks that ask Prometheus what it has seen. */
const ROUNDS: ReadonlySet<string> = new Set(["Prometheus' targets", "rules"]);

/** What a fresh deployment still has to go through, of what was found wrong. */
export const unsettled = (findings: readonly Finding[]): string[] =>
  findings.filter(({ check, state }) => state === "problem" && ROUNDS.has(check)).map(({ check }) => check);

/**
 * Looks until nothing is found that a fresh deployment still has to go through, or its time for that is over.
 *
 * @param onWait told what is waited for, once for each change  @throws Interrupted
 */
export async function settled(
  look: () => Promise<Finding[]>,
  onWait: (words: string) => void,
  signal: AbortSignal,
  limitMs = FIRST_ROUNDS_MS,
): Promise<Finding[]> {
  const deadline = Date.now() + limitMs;
  for (let told = ""; ; ) {
    const findings = await look();
    const open = unsettled(findings).join(", ");
    if (open === "" || Date.now() > deadline) return findings;
    if (open !== told) onWait(open);
    told = open;
    await sleep(AGAIN_MS, undefined, { signal }).catch(() => {
      throw new Interrupted();
    });
  }
}
