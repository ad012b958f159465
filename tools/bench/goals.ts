import { median, type Samples } from "./measure.ts";

/** The command that the others are compared with. */
export const RIVAL = "kubectl kustomize";

/** Median of a command over that of `kubectl kustomize` in the same run. @throws Error when one of them was not measured */
export const ratio = (samples: ReadonlyMap<string, Samples>, name: string): number =>
  median(samples.get(name) ?? []) / median(samples.get(RIVAL) ?? []);

/** Most that each command may take, as a multiple of `kubectl kustomize` or in milliseconds on an idle machine. */
const GOALS = [
  { name: "our synth", most: 1, unit: `x ${RIVAL}` },
  { name: "npm run synth", most: 3, unit: `x ${RIVAL}` },
  { name: "npx cloudnova --help", most: 600, unit: "ms" },
] as const;

/** A line for each goal: what was measured, and whether it was reached. */
export const goals = (samples: ReadonlyMap<string, Samples>): string[] =>
  GOALS.map(({ name, most, unit }) => {
    const measured = unit === "ms" ? median(samples.get(name) ?? []) : ratio(samples, name);
    return `goal: ${name} at most ${most} ${unit}: ${measured.toFixed(unit === "ms" ? 0 : 2)}, ${measured <= most ? "reached" : "missed"}`;
  });
