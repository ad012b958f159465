import { connectionsNeeded, poolSize } from "../src/pool.ts";

test("a worker keeps a thread free of the database", () => expect([2, 3, 4, 64].map(poolSize)).toEqual([1, 2, 3, 3]));

test("an update's old pods hold their connections while they drain, beside all new ones", () => {
  const settings = { workers: 1, threads: 4 };
  expect(connectionsNeeded(1, settings)).toBe(2 * 4 + 8);
  expect(connectionsNeeded(3, settings)).toBe(6 * 4 + 8);
  expect(connectionsNeeded(2, { workers: 2, threads: 2 })).toBe(2 * 2 * 2 * 2 + 8);
});
