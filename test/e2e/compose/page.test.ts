import { partsOf } from "./ours.ts";
import type { Outage } from "./outage.ts";
import { beside, body, type Comparison, goals } from "./page.ts";
import type { Part, Weight } from "./stack.ts";

const rate = (value: number) => ({ rate: value, least: value - 1, most: value + 1, p50: 5, p99: 50, failed: 0 });
const weight = (mysql: number): Weight => ({
  parts: { "reverse proxy": 40, application: 60, MySQL: mysql, Prometheus: 30, "node-exporter": 10 },
  whole: 900,
});
const lost = (count: number): Outage => ({
  sent: 400,
  lost: count,
  seconds: count === 0 ? 0 : 12.34,
  failures: count === 0 ? {} : { "status 502": count },
});

const COMPARISON: Comparison = {
  size: { workers: 1, threads: 4, pool: 3 },
  ours: { rates: { few: rate(400), many: rate(380) }, weight: weight(160), replaced: lost(0), killed: lost(31), outOfMemory: 0 },
  theirs: {
    same: { rates: { few: rate(500), many: rate(500) }, weight: weight(400), replaced: lost(120), killed: lost(150) },
    gunicorn: { rates: { few: rate(100), many: rate(1.5) } },
    server: {
      rates: { few: rate(80), many: rate(1.2) },
      weight: weight(450),
      replaced: { ...lost(200), seconds: undefined },
      killed: lost(9),
    },
    outOfMemory: 2,
  },
};
const judged = (comparison: Comparison) => goals(comparison).map(({ name, measured, met }) => [name, measured, met]);

test("each goal is judged by the figures of the run, on its limit too", () => {
  expect(judged(COMPARISON)).toEqual([
    ["requests lost while the application is replaced", "0 of 400 (compose: 120 of 400)", true],
    ["requests lost while MySQL is killed", "31 of 400 (compose: 150 of 400)", false],
    ["requests a second, 1,000 rows, the same image", "0.80 × compose", true],
    ["requests a second, 100,000 rows, the same image", "0.76 × compose", false],
    ["memory of the same parts", "0.56 × compose", true],
  ]);
});

test("a request that was lost here is a goal missed, also when compose lost none", () => {
  const { theirs } = COMPARISON;
  const none = { ...COMPARISON, theirs: { ...theirs, same: { ...theirs.same, killed: lost(0) } } };
  expect(judged(none)[1]).toEqual(["requests lost while MySQL is killed", "31 of 400 (compose: 0 of 400)", false]);
});

test("the page has every figure, says missed where it is, and names what stands in", () => {
  const page = body(COMPARISON, {
    standIns: { "cloudnova.local/mysql:sid": "mysql-server-core 9.7.4-2 of Debian sid" },
    images: {
      versions: {
        wrk: "4.1.0-3",
        nginx: "1.22.1-9",
        "mysql-server-core": "9.7.4-2",
        prometheus: "3.5.3",
        "prometheus-node-exporter": "1.11.1",
      },
    },
  });
  for (const line of [
    "| requests lost while MySQL is killed | 31 of 400 (compose: 150 of 400) | 0 | **missed** |",
    "| memory of the same parts | 0.56 × compose | ≤ 1.3 × | met |",
    "| 100,000 | compose | naive, development server | 1.2 | 0.2, 2.2 | 5.0 | 50 | 0 |",
    "| these parts | 300 | 540 | 590 |",
    "| these parts without MySQL | 140 | 140 | 140 |",
    "| everything | 900 | 900 | 900 |",
    "| the application is replaced | CloudNova on kind | CloudNova's image | 400 | 0 | at once | nothing |",
    "| the application is replaced | compose | CloudNova's image | 400 | 120 | 12.3 s | 120 × status 502 |",
    "| the application is replaced | compose | naive, development server | 400 | 200 | not within 90 s | 200 × status 502 |",
    "- cloudnova.local/mysql:sid: mysql-server-core 9.7.4-2 of Debian sid",
  ])
    expect(page).toContain(line);
  expect(page.join("\n")).not.toMatch(/undefined|NaN/);
});

test("the page says when the machine was busy", () => {
  expect(beside(0.31)).toBe("The load average before the run was 0.3: the machine was quiet.");
  expect(beside(4)).toContain("before the run was 4.0: other work ran on the machine");
});

test("a part is its containers alone: a neighbour in the pod does not count, replicas are added up", () => {
  const MIB = 1024 * 1024;
  const container = (name: string, mib: number) => ({ name, memory: { workingSetBytes: mib * MIB } });
  const pod = (namespace: string, ...containers: ReturnType<typeof container>[]) => ({ podRef: { namespace }, containers });
  const parts = partsOf({
    pods: [
      pod("cloudnova", container("mysql", 170), container("mysqld-exporter", 8)),
      pod("cloudnova", container("webapp", 60)),
      pod("cloudnova", container("webapp", 61)),
      pod("cloudnova", container("traefik", 45)),
      pod("cloudnova", container("prometheus", 80)),
      pod("cloudnova-host", container("node-exporter", 12)),
      pod("kube-system", container("prometheus", 999)),
      { podRef: { namespace: "cloudnova" } },
    ],
  });
  const expected: Record<Part, number> = { "reverse proxy": 45, application: 121, MySQL: 170, Prometheus: 80, "node-exporter": 12 };
  expect(parts).toEqual(expected);
});
