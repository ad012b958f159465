import fc from "fast-check";
import { OBJECTIVES } from "../../src/monitoring/slo.ts";
import { judge, LEAST, type Seen, tail } from "../../src/release/gate.ts";

const good = (requests: number, seen: Partial<Seen> = {}): Seen => ({
  requests,
  errors: 0,
  timed: requests,
  slow: 0,
  p95: 0.02,
  p99: 0.04,
  ...seen,
});
const verdict = (canary: Seen, stable: Seen = good(1000), over = true) => judge({ canary, stable }, OBJECTIVES, { least: LEAST, over });

test.each<[string, Seen, Seen, boolean, string]>([
  ["no errors", good(200), good(1000), true, "promote"],
  ["one error of 200: the objective allows it", good(200, { errors: 1 }), good(1000), true, "promote"],
  ["four errors of 200", good(200, { errors: 4 }), good(1000), true, "undo"],
  ["nothing wrong, before the end", good(200), good(1000), false, "wait"],
  ["three errors of 200, before the end: it may be chance", good(200, { errors: 3 }), good(1000), false, "wait"],
  ["the first three answers are errors", good(3, { errors: 3 }), good(1000), false, "undo"],
  ["every tenth answer is slow", good(100, { slow: 10 }), good(1000), true, "undo"],
  ["ten times slower within the objective", good(100, { p95: 0.3 }), good(1000, { p95: 0.03 }), true, "undo"],
  ["twice as slow, a matter of milliseconds", good(100, { p95: 0.06 }), good(1000, { p95: 0.02 }), true, "promote"],
  ["the stable version fails too", good(200, { errors: 20 }), good(1000, { errors: 100 }), true, "undo"],
  ["the stable version alone fails", good(200), good(1000, { errors: 100 }), true, "undo"],
  ["too few requests", good(LEAST - 1), good(1000), true, "too few"],
  ["no request", good(0, { p95: undefined, p99: undefined }), good(0), true, "too few"],
  ["answers whose time nobody measured", good(200, { timed: 0, p95: undefined }), good(1000), true, "too few"],
])("%s: %#", (_, canary, stable, over, state) => expect(verdict(canary, stable, over).state).toBe(state));

test("says what was wrong with which version", () => {
  expect(verdict(good(200, { errors: 20 }))).toEqual({
    state: "undo",
    faults: [{ version: "canary", what: "errors", bad: 20, of: 200, budget: 0.005 }],
  });
  expect(verdict(good(200, { p95: 0.4 }), good(1000, { p95: 0.02 }))).toEqual({
    state: "undo",
    faults: [{ version: "canary", what: "slower", p95: 0.4, than: 0.02 }],
  });
});

const seen = fc
  .record({ requests: fc.nat(5000), errors: fc.double({ min: 0, max: 1, noNaN: true }), slow: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ requests, errors, slow }) => good(requests, { errors: Math.floor(errors * requests), slow: Math.floor(slow * requests) }));
const RANK = { promote: 0, wait: 0, "too few": 1, undo: 2 } as const;

test("one more bad answer never makes a verdict better", () =>
  fc.assert(
    fc.property(seen, seen, fc.boolean(), fc.constantFrom("errors" as const, "slow" as const), (canary, stable, over, what) => {
      fc.pre(canary[what] < canary.requests);
      const before = RANK[verdict(canary, stable, over).state];
      expect(RANK[verdict({ ...canary, [what]: canary[what] + 1 }, stable, over).state]).toBeGreaterThanOrEqual(before);
    }),
  ));

test("nothing is promoted before the end, without enough requests, or beyond twice an objective with many", () =>
  fc.assert(
    fc.property(seen, seen, fc.boolean(), (canary, stable, over) => {
      if (verdict(canary, stable, over).state !== "promote") return;
      expect(over).toBe(true);
      expect(canary.requests).toBeGreaterThanOrEqual(LEAST);
      if (canary.requests >= 1000) expect(canary.errors / canary.requests).toBeLessThan(0.01);
      if (canary.requests >= 1000) expect(canary.slow / canary.requests).toBeLessThan(0.02);
    }),
  ));

/** How probable each number of bad answers is, of `all` with each bad at a share of `share`. */
function chances(all: number, share: number): number[] {
  let one = (1 - share) ** all;
  return Array.from({ length: all + 1 }, (_, bad) => {
    const now = one;
    one *= ((all - bad) / (bad + 1)) * (share / (1 - share));
    return now;
  });
}

test.each([50, 200, 1000])(
  "of %d requests: what keeps the objective is undone in less than 5 %% of cases, what fails 8 %% nearly never passes",
  (all) => {
    const undone = (share: number) =>
      chances(all, share).reduce((sum, chance, errors) => sum + (verdict(good(all, { errors })).state === "undo" ? chance : 0), 0);
    expect(undone(OBJECTIVES.availability.budget)).toBeLessThan(0.05);
    expect(undone(0.08)).toBeGreaterThan(0.9);
  },
);

test.each([
  [0, 10, 0.5, 1],
  [10, 10, 0.5, 2 ** -10],
  [1, 100, 0.005, 1 - 0.995 ** 100],
  [11, 10, 0.5, 0],
])("the tail of %d of %d at %d is %d", (bad, all, share, expected) => expect(tail(bad, all, share)).toBeCloseTo(expected, 9));
