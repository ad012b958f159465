import type { Stage } from "../suite/stage.ts";
import type { Window } from "./compare.ts";

/** What a fault acts on. */
export interface Scene {
  readonly stage: Stage;
  /** A number from 0 to below 1, decided by the run's seed. */
  readonly random: () => number;
}

/** What a fault tells after it. */
export interface Struck {
  /** What was seen, in a few words. */
  readonly saw?: string;
  /** The time whose writes a restore may have taken back. */
  readonly excused?: Window;
}

/** A kind of fault. */
export interface Fault {
  readonly name: string;
  /** What is done, in a sentence for the page. */
  readonly does: string;
  /** How many of the 200 faults of a full run. */
  readonly weight: number;
  /** How many in the end-to-end suite. @default none */
  readonly short?: number;
  /** Does it, and returns once it has had its effect. @throws Error when the product did not do what it promises */
  readonly strike: (scene: Scene) => Promise<Struck | undefined>;
}
