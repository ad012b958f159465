import type { Finding } from "../cluster/finding.ts";
import { doctor } from "../messages/doctor.ts";
import { findings as words } from "../messages/findings.ts";
import { verify } from "../messages/verify.ts";
import type { Colour, Paint } from "./io.ts";

const MARKS: Readonly<Record<Finding["state"], readonly [string, Colour]>> = {
  ok: ["✔", "green"],
  warning: ["!", "yellow"],
  problem: ["✖", "red"],
  skipped: ["-", "cyan"],
};

/** A check's name in the language of the command line. */
export const nameOf = (check: string): string => Reflect.get(verify.names, check) ?? Reflect.get(doctor.names, check) ?? check;

/** What a check saw, in a line, and the next step where there is one. */
export function findingLine({ check, state, saw, advice }: Finding, paint: Paint): string {
  const [mark, colour] = MARKS[state];
  return `${paint(colour, mark)} ${nameOf(check)}: ${saw}${advice && state !== "ok" ? `\n    → ${advice}` : ""}`;
}

/** `12 checks: 9 ok, 1 warning, 2 problems` */
export function findingsSummary(findings: readonly Finding[]): string {
  const counts = (["ok", "warning", "problem", "skipped"] as const)
    .map((state) => [findings.filter((one) => one.state === state).length, state] as const)
    .filter(([count]) => count > 0);
  return `${words.checks(findings.length)}: ${counts.map(([count, state]) => words.counted(count, state)).join(", ")}`;
}
