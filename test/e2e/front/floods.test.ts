import { type Flood, judge, quantile } from "./floods.ts";
import type { Result } from "./task.ts";

const FLOOD: Flood = { name: "one", task: { kind: "reset", streams: 9, seconds: 1 }, counted: ["429", 9] };
const result = (counts: Result["counts"], ms = 0): Result => ({ client: "", counts, replies: {}, times: new Array(100).fill(ms) });
const [flood, quiet] = [result({ 429: 9 }), result({ 200: 100 }, 100)];

test("a quantile is the time below which so many came", () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(3);
  expect(quantile([7], 0.95)).toBe(7);
  expect(quantile([], 0.95)).toBeNaN();
});

test("what was seen is told", () =>
  expect(judge(FLOOD, flood, quiet, result({ 200: 100 }, 500))).toEqual({
    saw: "the flood: 9 × 429; another visitor: 95 % within 500 ms, before 100 ms",
    slow: false,
  }));

test.each([
  ["a request lost beside it", flood, quiet, result({ 200: 99, ABORT_ERR: 1 }), /a visitor lost 1 requests: ABORT_ERR/],
  ["a request lost before it", flood, result({ 200: 99, 429: 1 }), quiet, /a visitor lost 1 requests: 429/],
  ["an error of the server", result({ 429: 9, 502: 1 }), quiet, quiet, /the flood was answered 502/],
  ["a flood that was none", result({ 429: 8 }), quiet, quiet, /the flood was none: 429/],
] as const)("%s is a failure", (_, attacker, before, beside, words) => expect(() => judge(FLOOD, attacker, before, beside)).toThrow(words));

test.each([
  ["more than five times as long as before", 100, 501, true],
  ["a quarter of a second, on a machine that answers at once", 5, 250, false],
  ["more than that", 5, 251, true],
])("a visitor waits %s", (_, before, beside, slow) =>
  expect(judge(FLOOD, result({ 429: 9, 503: 1 }), result({ 200: 9 }, before), result({ 200: 9 }, beside)).slow).toBe(slow),
);
