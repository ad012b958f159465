import { monthlyCosts, surplusAtMost } from "../../src/ec2/costs.ts";
import { settings } from "./example.ts";

const sum = (costs: ReturnType<typeof monthlyCosts>, key: "running" | "stopped" | "down") =>
  Number(costs.reduce((total, cost) => total + cost[key], 0).toFixed(2));

// 730 hours of 0.0208 and 0.005, 8 and 20 GiB of 0.08, 20 GiB of snapshots at 0.05, two alarms of 0.10.
test("a t3.small with 20 GiB", () => {
  const costs = monthlyCosts("t3.small", settings(), 20);
  expect([sum(costs, "running"), sum(costs, "stopped"), sum(costs, "down")]).toEqual([22.27, 7.09, 2.6]);
});

test("a stopped laboratory has no address and no daily snapshots to pay for", () => {
  const costs = monthlyCosts("t3.small", settings({ laboratory: true }), 20);
  expect(sum(costs, "stopped")).toBe(2.44);
});

test("unlimited credits can cost more than the machine", () => {
  expect(surplusAtMost(2)).toBeCloseTo(58.4);
});
