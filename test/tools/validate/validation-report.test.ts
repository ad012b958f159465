import {
  cellOf,
  type EnvironmentReport,
  passed,
  problemLines,
  rowsOf,
  STEPS,
  type StepResult,
} from "../../../tools/validate/validation-report.ts";

const step = (over: Partial<StepResult> = {}): StepResult => ({ name: "applied", tried: 3, problems: [], ...over });
const problem = (object?: string, message = "refused") => ({ step: "applied" as const, place: "10-shop.k8s.yaml:7", object, message });
const report = (over: Partial<StepResult> = {}): EnvironmentReport => ({
  environment: "kind",
  objects: 3,
  steps: STEPS.map((name) => (name === "applied" ? step(over) : step({ name }))),
});

test.each([
  ["all well", step(), "3"],
  ["two problems with one object", step({ problems: [problem("Pod/a"), problem("Pod/a")] }), "2 of 3"],
  ["problems with two objects", step({ problems: [problem("Pod/a"), problem("Pod/b")] }), "1 of 3"],
  ["kubectl's own problem", step({ problems: [problem()] }), "FAILED"],
  ["a step with nothing to do", step({ tried: 0, reason: "no older version given" }), "not run: no older version given"],
  ["a step that is not there", undefined, "did not run"],
])("the cell of %s", (_, result, text) => {
  expect(cellOf(result)).toBe(text);
});

describe("passed", () => {
  test("when every step of every environment is well", () => {
    expect(passed([report()])).toBe(true);
  });

  test.each([
    ["a problem", [report(), report({ problems: [problem("Pod/a")] })]],
    ["a step that did not run", [{ ...report(), steps: report().steps.slice(1) }]],
    ["no environment at all", []],
  ])("not with %s", (_, reports) => {
    expect(passed(reports)).toBe(false);
  });
});

test("the table has a column for each step", () => {
  const [head, row] = rowsOf([report({ problems: [problem("Pod/a")] })]);
  expect(head).toEqual(["environment", "objects", ...STEPS]);
  expect(row).toEqual(["kind", "3", "3", "2 of 3", "3", "3", "3", "3", "3", "3"]);
});

describe("problemLines", () => {
  test("the same problem in two environments is one line", () => {
    const one = report({ problems: [problem("Pod/a")] });
    expect(problemLines([one, { ...one, environment: "s0" }])).toEqual(["10-shop.k8s.yaml: Pod/a: refused (kind:7 applied; s0:7 applied)"]);
  });

  test("a message that repeats a whole pod is cut, and says where it is whole", () => {
    const [line = ""] = problemLines([report({ problems: [problem("Pod/a", "x".repeat(9000))] })]);
    expect(line.length).toBeLessThan(700);
    expect(line).toContain("whole with --output json");
  });
});
