import { type Ask, Meter, measured } from "../../../src/cluster/release/measure.ts";
import type { Released } from "../../../src/release/objects.ts";

const released = { name: "shop", namespace: "cloudnova-shop" } as Released;

test("asks Traefik for the answers of each version's Service", () => {
  const { queries, objectives } = measured(released, false);
  expect(queries.canary.answers).toBe('traefik_service_requests_total{service="cloudnova-shop-shop-canary-80@kubernetes"}');
  expect(queries.stable.answers).toContain("cloudnova-shop-shop-stable-80@kubernetes");
  expect(objectives.slow).toBe(1);
});

test("asks the sample itself for the times, by pod", () => {
  const { queries } = measured({ name: "webapp", namespace: "cloudnova" } as Released, true);
  expect(queries.canary.durations).toContain('instance=~"webapp-canary-.+"');
  expect(queries.stable.durations).toContain('instance!~"webapp-canary-.+"');
});

test("counts what each version has answered since it began: errors, slow answers, quantiles", async () => {
  let now = 0;
  const of = (labels: Record<string, string>, values: readonly [number, number]) => ({ labels, value: values[now] ?? 0 });
  const ask: Ask = async (query) => {
    if (query.includes("stable")) return [];
    if (query.includes("requests_total")) return [of({ code: "200" }, [7, 97]), ...(now > 0 ? [of({ code: "502" }, [0, 10])] : [])];
    return [of({ le: "0.5" }, [5, 55]), of({ le: "1.0" }, [5, 95]), of({ le: "+Inf" }, [7, 107])];
  };
  const meter = await Meter.from(ask, measured(released, false));
  now = 1;
  const { canary, stable } = await meter.look();
  expect(canary).toMatchObject({ requests: 100, errors: 10, timed: 100, slow: 10 });
  expect(canary.p95).toBe(1);
  expect(stable).toEqual({ requests: 0, errors: 0, timed: 0, slow: 0, p95: undefined, p99: undefined });
  expect(meter.seen()).toEqual({ canary, stable });
});
