import { DATA_FAULTS } from "./data-faults.ts";
import type { Fault } from "./fault.ts";
import { NETWORK_FAULTS } from "./network-faults.ts";
import { planOf } from "./plan.ts";
import { PROCESS_FAULTS } from "./process-faults.ts";

/** Every kind of fault. */
export const CATALOGUE: readonly Fault[] = [...PROCESS_FAULTS, ...NETWORK_FAULTS, ...DATA_FAULTS];

/** Those of the end-to-end suite, in the order of a seed. */
export function shortPlan(seed: number): Fault[] {
  const kinds = CATALOGUE.flatMap((fault) => (fault.short ? [{ fault, weight: fault.short }] : []));
  const count = kinds.reduce((sum, { weight }) => sum + weight, 0);
  return planOf(kinds, count, seed).map(({ fault }) => fault);
}
