import { groupLines } from "../common/group.ts";
import { type Manifest, nameOf } from "../common/manifests.ts";

/** The steps in the order in which they run; also the table's columns. */
export const STEPS = [
  "dry run",
  "applied",
  "unchanged",
  "pods admitted",
  "kubectl -f",
  "then server-side",
  "kubectl -k",
  "upgrade",
] as const;
export type StepName = (typeof STEPS)[number];

/** What the server objected to. */
export interface Problem {
  readonly step: StepName;
  /** `file:line`, where the problem has a place. */
  readonly place?: string;
  /** `Kind/namespace/name`. */
  readonly object?: string;
  /** The server's own words. */
  readonly message: string;
}

/** How one step went. */
export interface StepResult {
  readonly name: StepName;
  /** How many things were tried. 0 with a `reason` means that the step did not run. */
  readonly tried: number;
  /** Why it did not run. */
  readonly reason?: string;
  readonly problems: readonly Problem[];
}

export interface EnvironmentReport {
  readonly environment: string;
  readonly objects: number;
  readonly steps: readonly StepResult[];
}

/** A problem with one object. */
export const problemWith = (step: StepName, { file, line, object }: Manifest, message: string): Problem => ({
  step,
  place: `${file}:${line}`,
  object: nameOf(object),
  message,
});

/** How a step is shown: what went well out of what was tried, or why nothing was. */
export function cellOf(step: StepResult | undefined): string {
  if (!step) return "did not run";
  if (step.reason) return `not run: ${step.reason}`;
  if (step.problems.length === 0) return `${step.tried}`;
  // A problem without an object is kubectl's own: it says nothing about how many objects went well.
  if (step.problems.some(({ object }) => !object)) return "FAILED";
  const failed = new Set(step.problems.map(({ object }) => object)).size; // several problems may be one object's
  return `${step.tried - failed} of ${step.tried}`;
}

/** True when every environment passed: each step ran, or says why it had nothing to do, and nothing was objected to. */
export const passed = (reports: readonly EnvironmentReport[]): boolean =>
  reports.length > 0 &&
  reports.every(
    ({ steps }) => STEPS.every((name) => steps.some((step) => step.name === name)) && steps.every((step) => step.problems.length === 0),
  );

/** The table's rows, header first. */
export const rowsOf = (reports: readonly EnvironmentReport[]): string[][] => [
  ["environment", "objects", ...STEPS],
  ...reports.map(({ environment, objects, steps }) => [
    environment,
    `${objects}`,
    ...STEPS.map((name) => cellOf(steps.find((step) => step.name === name))),
  ]),
];

const LONGEST = 500; // characters: the server repeats a whole pod template when an immutable one was changed

/** One line for each problem, with the environments and steps in which it came up. */
export function problemLines(reports: readonly EnvironmentReport[]): string[] {
  const problems = reports.flatMap(({ environment, steps }) =>
    steps.flatMap((step) => step.problems.map((problem) => ({ environment, problem }))),
  );
  // Grouped by file and object, not by line: the same object stands in another line in another environment.
  const occurrences = problems.map(({ environment, problem: { step, place, object, message } }) => {
    const words = message.length > LONGEST ? `${message.slice(0, LONGEST)}… (whole with --output json)` : message;
    const line = place?.split(":")[1];
    return {
      text: [place?.split(":")[0], object, words].filter(Boolean).join(": "),
      where: `${environment}${line ? `:${line}` : ""} ${step}`,
    };
  });
  return groupLines(occurrences);
}
