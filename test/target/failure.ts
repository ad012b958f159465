import { ClusterError } from "../../src/cluster/cluster-error.ts";

/** The error of what must fail, with its advice. */
export function failure(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ClusterError) return `${error.message} → ${error.advice}`;
    throw error;
  }
  throw new Error("nothing failed");
}
