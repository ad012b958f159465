import type { Stage } from "./stage.ts";

/** What a step saw, in a sentence, when all went as expected; or that with something that went wrong and that the product cannot help. */
export type Seen = string | { readonly saw: string; readonly incident: string };

/** One row of the suite's table. */
export interface Step {
  readonly name: string;
  /** What must come of it, in a sentence. */
  readonly expects: string;
  /** Does it, and tells what was seen. @throws Error when that is not what was expected */
  readonly run: (stage: Stage) => Promise<Seen>;
  /** Whether `e2e:full` repeats it. @default once */
  readonly repeated?: true;
  /** Whether only `e2e:full` runs it, and who names it. @default false */
  readonly full?: true;
  /** Components whose containers it restarts, or lets restart; a restart of any other fails it. @default none */
  readonly restarts?: readonly string[] | "all";
}

/** What became of a step. */
export interface Outcome {
  readonly step: Step;
  readonly ok: boolean;
  /** What was seen, or what went wrong. */
  readonly saw: string;
  /** What went wrong in a step that is ok all the same: counted and printed apart from the steps that went as expected. */
  readonly incident?: string;
  readonly ms: number;
}
