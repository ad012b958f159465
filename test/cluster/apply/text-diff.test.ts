import fc from "fast-check";
import { compareLines, hunks, type Line } from "../../../src/cluster/apply/text-diff.ts";

const only = (lines: readonly Line[], mark: "-" | "+") =>
  lines.filter((line) => line.mark === " " || line.mark === mark).map(({ text }) => text);
const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });

test("both texts can be read out of every comparison", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const result = compareLines(before, after);
      expect(only(result, "-")).toEqual(before);
      expect(only(result, "+")).toEqual(after);
    }),
  );
});

test("equal texts have no changed line, and no hunk", () => {
  fc.assert(fc.property(lines, (text) => hunks(compareLines(text, text)).length === 0));
});

test("hunks carry three lines around each change, and line numbers as diff -u counts them", () => {
  const before = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
  const after = ["1", "2", "3", "4", "five", "6", "7", "8", "9", "10", "11", "12", "13"];
  expect(hunks(compareLines(before, after))).toEqual([
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

test("two large texts without a common line are compared at once, not by a table of their product", () => {
  const before = Array.from({ length: 20_000 }, (_, index) => `old ${index}`);
  const after = Array.from({ length: 20_000 }, (_, index) => `new ${index}`);
  expect(compareLines(before, after)).toHaveLength(40_000);
});
