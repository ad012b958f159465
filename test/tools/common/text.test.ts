import { groupLines } from "../../../tools/common/group.ts";
import { elapsed } from "../../../tools/common/progress.ts";

test.each([
  [0, "0.0 s"],
  [9_940, "9.9 s"],
  [12_400, "12 s"],
  [59_600, "1 min 00 s"],
  [185_000, "3 min 05 s"],
])("%d ms are told as %s", (ms, text) => {
  expect(elapsed(ms)).toBe(text);
});

test("equal lines become one, with every place named once", () => {
  const occurrences = [
    { text: "bad port", where: "kind:3" },
    { text: "no limit", where: "kind:9" },
    { text: "bad port", where: "s0:5" },
    { text: "bad port", where: "s0:5" },
    { text: "no Dockerfile", where: "" },
  ];
  expect(groupLines(occurrences)).toEqual(["bad port (kind:3; s0:5)", "no limit (kind:9)", "no Dockerfile"]);
});
