import type { Stage } from "./stage.ts";

/** One row of the suite's table. */
export interface Step {
  readonly name: string;
  /** What must come of it, in a sentence. */
  readonly expects: string;
  /** Does it, and tells what was seen. @throws Error when that is not what was expected */
  readonly run: (stage: Stage) => Promise<string>;
  /** Whether `e2e:full` repeats it. @default once */
  readonly repeated?: true;
  /** Whether it can be done anew after requests were lost in it (see Intensity.tries). @default it cannot */
  readonly again?: true;
}

/** What became of a step. */
export interface Outcome {
  readonly step: Step;
  readonly ok: boolean;
  /** What was seen, or what went wrong. */
  readonly saw: string;
  readonly ms: number;
  /** What went wrong before, when this was not the first try. */
  readonly before?: string;
}
