import fc from "fast-check";
import type { Sample } from "../../src/monitoring/prometheus-api.ts";
import { advance, begin, quantile, total, within } from "../../src/release/counters.ts";

const sample = (value: number, labels: Record<string, string>): Sample => ({ labels, value });
const codes = (values: Record<string, number>, instance = "a") =>
  Object.entries(values).map(([code, value]) => sample(value, { code, instance }));

test("a series that begins later counts from 0: its first error is seen", () => {
  const growth = advance(begin(codes({ 200: 10 }), "code"), codes({ 200: 15, 500: 3 }), "code");
  expect([total(growth), total(growth, (code) => code === "500")]).toEqual([8, 3]);
});

test("a counter that began again counts from 0, and one that was away goes on", () => {
  let growth = begin(codes({ 200: 100 }), "code");
  for (const value of [110, 4, 6]) growth = advance(growth, codes({ 200: value }), "code");
  growth = advance(growth, [], "code");
  growth = advance(growth, codes({ 200: 9 }), "code");
  expect(total(growth)).toBe(10 + 4 + 2 + 3);
});

test("whatever way the readings are cut, a counter that only rises grows by its difference", () =>
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 20 }), (steps) => {
      let value = 7;
      let growth = begin(codes({ 200: value }), "code");
      for (const step of steps) {
        value += step;
        growth = advance(growth, codes({ 200: value }), "code");
      }
      expect(total(growth)).toBe(value - 7);
    }),
  ));

const histogram = (counts: Record<string, number>) =>
  advance(
    begin([], "le"),
    Object.entries(counts).map(([le, value]) => sample(value, { le, instance: "a" })),
    "le",
  );

test("quantiles are those of histogram_quantile", () => {
  const growth = histogram({ "0.1": 50, "0.5": 90, "1.0": 100, "+Inf": 100 });
  expect(quantile(growth, 0.5)).toBeCloseTo(0.1);
  expect(quantile(growth, 0.95)).toBeCloseTo(0.75);
  expect(within(growth, 1)).toBe(100);
  expect(quantile(histogram({ "0.1": 1, "+Inf": 100 }), 0.95)).toBe(0.1);
  expect(quantile(histogram({ "0.1": 0, "+Inf": 0 }), 0.95)).toBeUndefined();
  expect(quantile(histogram({}), 0.95)).toBeUndefined();
});

test("a quantile lies within its bucket and rises with its share", () =>
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 4, maxLength: 4 }), (counts) => {
      const bounds = ["0.05", "0.25", "1", "+Inf"];
      const sums = counts.map((_, index) => counts.slice(0, index + 1).reduce((sum, count) => sum + count, 0));
      const growth = histogram(Object.fromEntries(bounds.map((le, index) => [le, sums[index] ?? 0])));
      const [low, high] = [quantile(growth, 0.5), quantile(growth, 0.95)];
      if (sums.at(-1) === 0) expect(low).toBeUndefined();
      else {
        expect(high).toBeGreaterThanOrEqual(low ?? 0);
        expect(high).toBeLessThanOrEqual(1);
      }
    }),
  ));
