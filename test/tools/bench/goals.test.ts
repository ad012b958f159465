import { goals } from "../../../tools/bench/goals.ts";

const measured = (synth: number, npm: number, npx: number) =>
  new Map([
    ["our synth", [1, synth, 900]],
    ["npm run synth", [npm]],
    ["npx cloudnova --help", [npx]],
    ["kubectl kustomize", [100]],
  ]);

test("each goal is held against the median, and the border counts as reached", () => {
  expect(goals(measured(100, 300, 600))).toEqual([
    "goal: our synth at most 1 x kubectl kustomize: 1.00, reached",
    "goal: npm run synth at most 3 x kubectl kustomize: 3.00, reached",
    "goal: npx cloudnova --help at most 600 ms: 600, reached",
  ]);
  expect(goals(measured(190, 301, 601)).map((line) => line.split(", ")[1])).toEqual(["missed", "missed", "missed"]);
});

test("a command that was not measured is an error", () => {
  expect(() => goals(new Map())).toThrow("nothing was measured");
});
