import { table } from "./chaos-page.ts";
import { isGood, type Result, type Run, summaryOf } from "./run.ts";

const result = (more: Partial<Result>): Result => ({
  fault: "mysqld killed",
  saw: "",
  pause: 1000,
  acknowledged: 10,
  lost: 0,
  takenBack: 0,
  doubled: 0,
  oomKills: 0,
  ...more,
});
const run = (results: readonly Result[], more: Partial<Run> = {}): Run => ({
  results,
  seed: 1,
  planned: results.length,
  ms: 60_000,
  sent: 100,
  acknowledged: 90,
  present: 90,
  outOfMemory: [],
  ...more,
});

test("a kind of fault has a line with its count, the median and the spread of its pauses, and sums", () => {
  const kinds = [
    { name: "mysqld killed", does: "`kill -9`" },
    { name: "never", does: "nothing" },
  ];
  const lines = table(kinds, [
    result({ pause: 1000 }),
    result({ pause: 9000, takenBack: 2 }),
    result({ pause: 2000, lost: 1, failure: "no" }),
  ]);
  expect(lines.slice(2)).toEqual(["| mysqld killed | `kill -9` | 3 | 2.0 (1.0 to 9.0) | 30 | 1 | 0 | 2 | 0 | 1 |"]);
});

test("a run is good when all faults were done and nothing is lost, doubled, killed for memory or otherwise than it must", () => {
  expect(isGood(run([result({ takenBack: 5 })]))).toBe(true);
  for (const bad of [{ lost: 1 }, { doubled: 1 }, { oomKills: 1 }, { failure: "no" }])
    expect(isGood(run([result({}), result(bad)]))).toBe(false);
  expect(isGood(run([result({})], { planned: 2 }))).toBe(false);
  expect(isGood(run([result({})], { outOfMemory: ["mysql-0/mysql"] }))).toBe(false);
});

test("the summary tells what was lost, doubled and taken back", () => {
  expect(summaryOf(run([result({ lost: 2, doubled: 1, takenBack: 3 })]))).toContain("2 lost, 1 doubled, 3 taken back by restores");
});
