import { target as words } from "../messages/target.ts";
import type { Plan } from "../target/up-plan.ts";

/** A plan with what is known of the cluster before it is there. */
export interface Shown extends Plan {
  readonly environment: string;
  readonly context?: string;
  readonly server?: string;
}

/** Seconds for a person: `40 s`, `17 min`. */
const about = (seconds: number): string => (seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`);

/** The plan as text: a line with environment and target, and one for each step. */
export function planText({ target, why, environment, context, server, steps, notes }: Shown): string[] {
  const where = context ? words.where(context, server) : words.nowhere;
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  const width = Math.max(...steps.map(({ step }) => step.length));
  return [
    words.head(environment, target, why, where, about(total)),
    ...steps.map(({ step, does, seconds }) => `  ${step.padEnd(width)}  ${does}${seconds > 0 ? ` (${about(seconds)})` : ""}`),
    ...notes.map((note) => `  ! ${note}`),
  ];
}

/** The plan for `--output json`. */
export const planJson = ({ target, why, context, server, steps, images, packages, notes }: Shown) => ({
  target,
  why,
  context,
  server,
  steps,
  images: images.map(({ image, delivery }) => ({ image, ...delivery })),
  packages,
  notes,
});
