import { sampled } from "./cases/sampled.ts";

test.each([
  ["a value a minute stays as it is", "1x2 0 _ 4+2x2", "1m", "1 1 1 0 _ 4 6 8"],
  ["a counter grows in between, and stands still at its end", "0+60x2 7x1", "30s", "0 30 60 90 120 120 7 7 7 7"],
  ["promtool counts what is left out by itself", "_x2 1x0", "20s", "_ _ _ _ _ _ 1 1 1"],
  ["a falling one", "45-10x1", "20s", "45 41.666666666666664 38.333333333333336 35 35 35"],
  ["an interval that is no part of a minute", "0+60x3", "45s", "0 45 90 135 180 180"],
])("%s", (_, notation, interval, samples) => expect(sampled(notation, interval)).toBe(samples));

test("what is no series is named", () => expect(() => sampled("1xx", "5s")).toThrow("no series: 1xx"));
