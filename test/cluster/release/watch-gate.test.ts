import { Interrupted } from "../../../src/cluster/cluster-error.ts";
import { type Gate, watchGate } from "../../../src/cluster/release/watch-gate.ts";
import { OBJECTIVES } from "../../../src/monitoring/slo.ts";
import type { Seen } from "../../../src/release/gate.ts";

const seen = (requests: number, errors = 0): Seen => ({ requests, errors, timed: requests, slow: 0, p95: 0.02, p99: 0.03 });
const times = { pollMs: 1, scrapedMs: 1, silentMs: 40 };

/** A gate in milliseconds. @param looks what each look gives; the last one again and again */
function gate(looks: readonly (Seen | Error)[], more: Partial<Gate> = {}): Gate & { readonly loads: number[] } {
  let index = 0;
  const loads: number[] = [];
  return {
    objectives: OBJECTIVES,
    seconds: 0,
    least: 50,
    weight: 10,
    look: async () => {
      const one = looks[Math.min(index++, looks.length - 1)] as Seen | Error;
      if (one instanceof Error) throw one;
      return { canary: one, stable: seen(1000) };
    },
    load: async (count) => void loads.push(count),
    say: () => undefined,
    times,
    loads,
    ...more,
  };
}

test("promotes at the gate's end what has answered enough requests", async () => {
  const { verdict, synthetic } = await watchGate(gate([seen(200)]));
  expect([verdict.state, synthetic]).toEqual(["promote", 0]);
});

test("ends at once when the new version is plainly bad", async () => {
  const { verdict, seconds } = await watchGate(gate([seen(10), seen(20, 15)], { seconds: 3600 }));
  expect(verdict.state).toBe("undo");
  expect(seconds).toBeLessThan(5);
});

test("sends requests of its own where visitors sent too few, as many as the share needs, and judges by them", async () => {
  const scarce = gate([seen(10), seen(10), seen(60)]);
  const { verdict, synthetic } = await watchGate(scarce);
  // The first load is seen only at the third look.
  expect(scarce.loads).toEqual([480, 480]);
  expect([verdict.state, synthetic]).toEqual(["promote", 960]);
});

test("its own requests are bounded, and then too few are no promotion", async () => {
  const silent = gate([seen(0)]);
  const { verdict, synthetic } = await watchGate(silent);
  expect(verdict).toEqual({ state: "too few", requests: 0, least: 50 });
  expect(synthetic).toBe(3000);
});

test("without figures nothing is promoted, and it says so; a short gap is none", async () => {
  const { verdict } = await watchGate(gate([seen(200), new Error("fetch failed")], { seconds: 3600 }));
  expect(verdict).toMatchObject({ state: "no data", why: "fetch failed" });
  const gap = await watchGate(gate([seen(200), new Error("away"), seen(200)]));
  expect(gap.verdict.state).toBe("promote");
});

test("figures of before Prometheus went away decide nothing", async () => {
  const { verdict } = await watchGate(gate([new Error("away")]));
  expect(verdict.state).toBe("no data");
});

test("ends with Ctrl-C, also where a look fails by it", async () => {
  const interrupt = new AbortController();
  const look = async (): Promise<never> => {
    interrupt.abort();
    throw new TypeError("fetch failed");
  };
  await expect(watchGate(gate([], { look, signal: interrupt.signal }))).rejects.toThrow(Interrupted);
});
