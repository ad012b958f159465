import fc from "fast-check";
import { changedLines } from "../../../src/cluster/apply/diff.ts";

const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");
const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });

/** Applies hunks to the lines they were made of, as `patch` does. @returns the other text's lines */
function patched(before: readonly string[], hunks: readonly string[]): string[] {
  const after: string[] = [];
  let at = 0;
  for (const line of hunks) {
    const start = /^@@ -(\d+),(\d+) /.exec(line);
    if (start) {
      const first = Number(start[1]) - 1;
      after.push(...before.slice(at, first));
      at = first;
    } else if (line.startsWith("+")) after.push(line.slice(1));
    else {
      expect(line.slice(1)).toBe(before[at++]);
      if (line.startsWith(" ")) after.push(line.slice(1));
    }
  }
  return [...after, ...before.slice(at)];
}

test("both texts can be read out of every comparison", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      expect(patched(before, changedLines(text(before), text(after)))).toEqual(after);
    }),
  );
});

test("equal texts have no changed line, and no hunk", () => {
  fc.assert(fc.property(lines, (all) => changedLines(text(all), text(all)).length === 0));
});

test("hunks carry three lines around each change, and line numbers as diff -u counts them", () => {
  const before = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
  const after = ["1", "2", "3", "4", "five", "6", "7", "8", "9", "10", "11", "12", "13"];
  expect(changedLines(text(before), text(after))).toEqual([
    "@@ -2,7 +2,7 @@",
    " 2",
    " 3",
    " 4",
    "-5",
    "+five",
    " 6",
    " 7",
    " 8",
    "@@ -10,3 +10,4 @@",
    " 10",
    " 11",
    " 12",
    "+13",
  ]);
});

test("an object that is new is one hunk", () => {
  expect(changedLines("", "a\nb\n")).toEqual(["@@ -1,0 +1,2 @@", "+a", "+b"]);
});

test("two large texts without a common line are compared at once, not by a table of their product", () => {
  const before = Array.from({ length: 20_000 }, (_, index) => `old ${index}`);
  const after = Array.from({ length: 20_000 }, (_, index) => `new ${index}`);
  expect(changedLines(text(before), text(after))).toHaveLength(40_001);
});
