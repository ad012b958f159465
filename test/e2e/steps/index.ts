import { POLICIES, POLICIES_AGAIN } from "../policies/index.ts";
import type { Step } from "../suite/step.ts";
import { ACME } from "./acme-step.ts";
import { APPLICATIONS, APPLICATIONS_GUARDED } from "./applications-step.ts";
import { BACKUP } from "./backup-step.ts";
import { CALM } from "./calm-step.ts";
import { CHANGED, NO_ROOM, RULE_IS_LIVE } from "./changes-step.ts";
import { CHAOS } from "./chaos-step.ts";
import { DISASTER } from "./disaster-step.ts";
import { DOWN } from "./down-step.ts";
import { DRILLS } from "./drills-step.ts";
import { HARMFUL, HARMLESS } from "./faults-step.ts";
import { FRONT_DOOR } from "./front-door-step.ts";
import { NO_LEAKS } from "./leaks-step.ts";
import { POINT_IN_TIME } from "./point-in-time-step.ts";
import { PRUNE } from "./prune-step.ts";
import { QUERIES } from "./queries-step.ts";
import { RELEASES } from "./release-step.ts";
import { RESTART } from "./restart-step.ts";
import { BACKUP_KEY_ROTATED } from "./rotate-backup-key-step.ts";
import { CERTIFICATES_ROTATED, KEYS_ROTATED } from "./rotate-keys-step.ts";
import { ROTATE } from "./rotate-step.ts";
import { START } from "./start-step.ts";

/** The steps whose name has a text in it, after those that bring the environment up and before those that take it away. */
export const stepsNamed = (text: string): readonly Step[] => [...START, ...STEPS.filter(({ name }) => name.includes(text)), ...DOWN];

/** The suite, in its order: what must not be noticed comes before CALM, which judges all the time from green to there. */
export const STEPS: readonly Step[] = [
  ...START,
  ...CHANGED,
  NO_ROOM,
  ...PRUNE,
  ...HARMLESS,
  ROTATE,
  KEYS_ROTATED,
  CERTIFICATES_ROTATED,
  RULE_IS_LIVE,
  ...POLICIES,
  CALM,
  QUERIES,
  ...FRONT_DOOR,
  BACKUP,
  BACKUP_KEY_ROTATED,
  POINT_IN_TIME,
  NO_LEAKS,
  APPLICATIONS,
  APPLICATIONS_GUARDED,
  ACME,
  ...RELEASES,
  ...HARMFUL,
  CHAOS,
  POLICIES_AGAIN,
  DRILLS,
  RESTART,
  DISASTER,
  ...DOWN,
];
