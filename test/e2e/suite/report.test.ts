import { summary } from "./report.ts";
import type { Outcome, Step } from "./step.ts";

const step: Step = { name: "another image", expects: "no request is lost", run: () => Promise.resolve("") };
const good: Outcome = { step, ok: true, saw: "0 of 400 requests failed", ms: 1000 };

test.each<[string, Outcome[], number, string]>([
  ["all well", [good, good], 2, "e2e: 2 steps, all as expected, 2.0 s"],
  [
    "lost requests at first",
    [good, { ...good, before: "9 of 461 requests failed" }],
    2,
    "e2e: 2 steps, all as expected at the second try of 1, 2.0 s; 'another image' lost at first: 9 of 461 requests failed",
  ],
  ["a step that failed", [good, { ...good, ok: false }], 3, "e2e: 'another image' failed; 2 of 3 steps ran, 2.0 s"],
  ["steps that never ran", [good], 3, "e2e:  failed; 1 of 3 steps ran, 1.0 s"],
])("%s", (_, outcomes, planned, words) => {
  expect(summary(outcomes, planned)).toBe(words);
});
