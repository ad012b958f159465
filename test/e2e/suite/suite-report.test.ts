import type { Outcome, Step } from "./step.ts";
import { page, summary } from "./suite-report.ts";

const step: Step = { name: "disk full", expects: "what is there can be read", run: () => Promise.resolve("") };
const good: Outcome = { step, ok: true, saw: "0 of 400 requests failed", ms: 1000 };
const aborted: Outcome = { ...good, incident: "mysqld aborted 1×: Assertion failure: row0undo.cc:432:ib::fatal" };

test.each<[string, Outcome[], number, string]>([
  ["all well", [good, good], 2, "e2e: 2 steps, all as expected, 2.0 s"],
  [
    "an incident is not counted as expected",
    [good, aborted],
    2,
    "e2e: 2 steps, 1 as expected, 1 with an incident, 2.0 s; 'disk full': mysqld aborted 1×: Assertion failure: row0undo.cc:432:ib::fatal",
  ],
  ["a step that failed", [good, { ...good, ok: false }], 3, "e2e: 'disk full' failed; 2 of 3 steps ran, 2.0 s"],
  [
    "a step that failed after an incident",
    [aborted, { ...good, ok: false }],
    3,
    "e2e: 'disk full' failed; 2 of 3 steps ran, 2.0 s; 'disk full': mysqld aborted 1×: Assertion failure: row0undo.cc:432:ib::fatal",
  ],
  ["steps that never ran", [good], 3, "e2e:  failed; 1 of 3 steps ran, 1.0 s"],
])("%s", (_, outcomes, planned, words) => {
  expect(summary(outcomes, planned)).toBe(words);
});

test("the page marks a step as expected, with an incident, or failed, and names the incident first", async () => {
  const rows = (await page({ title: "A run", command: "npm run x" }, [good, aborted, { ...good, ok: false }], 3, ""))
    .split("\n")
    .filter((line) => line.includes("disk full |"));
  expect(rows).toEqual([
    "| ✔ | disk full | what is there can be read | 0 of 400 requests failed | 1.0 s |",
    "| ⚠ | disk full | what is there can be read | mysqld aborted 1×: Assertion failure: row0undo.cc:432:ib::fatal; 0 of 400 requests failed | 1.0 s |",
    "| ✖ | disk full | what is there can be read | 0 of 400 requests failed | 1.0 s |",
  ]);
});
