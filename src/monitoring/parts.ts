import type { Config } from "../config/resolve.ts";

/** Which applications an environment runs: rules, dashboards, panels and drills of the others are left out. */
export interface Parts {
  /** The sample application. */
  readonly sample: boolean;
  /** At least one application of the user's. */
  readonly applications: boolean;
}

/** What needs an application, if anything. */
export interface Needing {
  /** @default none: it is there in every environment */
  readonly needs?: keyof Parts;
}

/** Everything that an environment may have: for the documentation, and for the list of what is stored. */
export const EVERYTHING: Parts = { sample: true, applications: true };

/** Whether an environment has what something needs. */
export const fits = (parts: Parts, { needs }: Needing): boolean => needs === undefined || parts[needs];

/** What an environment runs. */
export const partsOf = ({ sample, applications }: Pick<Config, "sample" | "applications">): Parts => ({
  sample,
  applications: applications.length > 0,
});
