import { growthRows } from "../../../tools/bench/growth.ts";
import { measure, median, perObject, spread } from "../../../tools/bench/measure.ts";
import { escapeTemplate } from "../../../tools/bench/rivals.ts";

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
])("the median of %j is %d", (samples, middle) => {
  expect(median(samples)).toBe(middle);
});

test("no samples have no median", () => {
  expect(() => median([])).toThrow("nothing was measured");
});

test("the spread tells median, least and most", () => {
  expect(spread([10.4, 30.6, 20])).toBe("20 ms (10 to 31)");
});

test("each object more costs the difference in time by the difference in size", () => {
  expect(perObject({ objects: 50, ms: 300 }, { objects: 550, ms: 500 })).toBeCloseTo(0.4);
  expect(() => perObject({ objects: 50, ms: 1 }, { objects: 50, ms: 2 })).toThrow("the sizes must grow");
});

test("the growth table has a column for each size and each step", () => {
  const size = (objects: number, ms: number) => ({ objects, samples: new Map([["ours", [ms]]]) });
  expect(growthRows([size(50, 300), size(550, 500)])).toEqual([
    ["median, ms", "50 objects", "550 objects", "each more, 50 to 550"],
    ["ours", "300", "500", "0.40"],
  ]);
});

describe("measure", () => {
  const node = (name: string, code: string) => ({ name, command: process.execPath, args: ["-e", code] });

  test("gives as many samples as asked for, without the round before", () => {
    expect(measure([node("a", "0"), node("b", "0")], 2).get("b")).toHaveLength(2);
  });

  test("a run that fails is no measurement", () => {
    expect(() => measure([node("a", "console.error('broken'); process.exit(3)")], 1)).toThrow(/a failed \(3\): broken/);
  });
});

test("Helm gives back braces as they were", () => {
  expect(escapeTemplate("{{ $labels.instance }}")).toBe('{{ "{{" }} $labels.instance }}');
});
