import { outage, type Sample } from "./outage.ts";

/** A request that was sent in this second and answered after `took` ms. */
const at = (second: number, failure?: string, took = 10): Sample => {
  const sent = 100_000 + second * 1000;
  return { sent, ended: sent + took, ...(failure ? { failure } : {}) };
};

test("nothing lost, no outage", () => {
  expect(outage([at(0), at(1), at(2)])).toEqual({ sent: 3, lost: 0, seconds: 0, failures: {} });
});

test("the outage goes from the first failure to the first good answer to a request sent after the last", () => {
  const samples = [at(0), at(1, "ECONNREFUSED"), at(2), at(3, "status 502"), at(4, "status 502"), at(6), at(7)];
  expect(outage(samples)).toEqual({ sent: 7, lost: 3, seconds: 5.01, failures: { "status 502": 2, ECONNREFUSED: 1 } });
});

test("requests are in the order of their answers: the earliest good answer counts", () => {
  expect(outage([at(4, undefined, 20), at(1, "status 503"), at(2, undefined, 3000)]).seconds).toBe(3.02);
});

test("a good answer before the last failure is not the end", () => {
  expect(outage([at(1, "time-out", 10_000), at(2), at(5, "time-out")]).seconds).toBeUndefined();
});
