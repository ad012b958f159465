import { POLICIES, POLICIES_AGAIN } from "../policies/index.ts";
import type { Step } from "../suite/step.ts";
import { CALM } from "./calm.ts";
import { CHANGED, NO_ROOM, RULE_IS_LIVE } from "./changes.ts";
import { DOWN } from "./down.ts";
import { DRILLS } from "./drills.ts";
import { HARMFUL, HARMLESS } from "./faults.ts";
import { PRUNE } from "./prune.ts";
import { QUERIES } from "./queries.ts";
import { RESTART } from "./restart.ts";
import { START } from "./start.ts";

/** The suite, in its order: what must not be noticed comes before CALM, which judges all the time from green to there. */
export const STEPS: readonly Step[] = [
  ...START,
  ...CHANGED,
  NO_ROOM,
  ...PRUNE,
  ...HARMLESS,
  RULE_IS_LIVE,
  CALM,
  QUERIES,
  ...POLICIES,
  ...HARMFUL,
  POLICIES_AGAIN,
  DRILLS,
  RESTART,
  ...DOWN,
];
