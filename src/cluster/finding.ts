/** What a check found. */
export interface Finding {
  readonly check: string;
  /** `skipped`: what it looks at is not run in this environment; said openly and counted, never as ok. */
  readonly state: "ok" | "warning" | "problem" | "skipped";
  /** What was seen, also when all is well. */
  readonly saw: string;
  readonly advice?: string;
}

/** A finding of a check that need not know its own name. */
export type Verdict = Omit<Finding, "check">;

export const ok = (saw: string): Verdict => ({ state: "ok", saw });
export const warning = (saw: string, advice: string): Verdict => ({ state: "warning", saw, advice });
export const problem = (saw: string, advice?: string): Verdict => ({ state: "problem", saw, ...(advice ? { advice } : {}) });
export const skipped = (saw: string): Verdict => ({ state: "skipped", saw });
export const judge = (good: boolean, saw: string, advice?: string): Verdict => (good ? ok(saw) : problem(saw, advice));
