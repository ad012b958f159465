import { contains } from "../../src/config/ranges.ts";

test.each([
  ["10.0.0.0/8", "10.42.0.0/16", true],
  ["10.42.0.0/16", "10.0.0.0/8", false],
  ["10.42.0.0/16", "10.42.0.0/16", true],
  ["10.42.0.0/16", "10.43.0.0/16", false],
  ["10.42.0.0/16", "10.42.3.7", true],
  ["0.0.0.0/0", "203.0.113.9/32", true],
  // A range may be written with an address inside it.
  ["10.42.3.7/16", "10.42.200.1", true],
])("%s contains %s: %s", (range, other, expected) => {
  expect(contains(range, other)).toBe(expected);
});
