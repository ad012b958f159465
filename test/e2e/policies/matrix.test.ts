import { address, at, PODS, SHOP, service, TABLE } from "./cases.ts";
import type { Target } from "./expected.ts";
import { attempts, judge, type Result } from "./matrix.ts";

const { traefik, webapp, mysql, stranger } = PODS;
const TARGETS: readonly Target[] = [at(webapp, 8000), at(mysql, 3306), at(stranger, 80), service("10.96.7.8", 80, at(webapp, 8000))];
const SOURCES = [traefik, webapp, stranger];
/** Only the rows that these pods can try. */
const FEW = {
  ...TABLE,
  flows: TABLE.flows.filter(({ from, to }) => ["traefik", "webapp"].includes(from) && ["webapp", "mysql"].includes(to)),
};

const all = attempts(SOURCES, TARGETS);
const words = all.map(({ source, target }) => `${source === "node" ? "node" : source.name} → ${target.name}`);
/** Results in the order of the attempts: the node reaches all, and of the others those that are named. */
const results = (...open: readonly string[]): Result[] =>
  words.map((one) => (one.startsWith("node") || open.includes(one) ? "open" : "refused"));
const RIGHT = [
  "traefik → pod cloudnova/webapp 10.244.0.3:8000",
  "traefik → Service 10.96.7.8:80",
  "webapp → pod cloudnova/mysql 10.244.0.5:3306",
];

test("the node tries every target, and each pod every one but its own address", () => {
  expect(words.filter((one) => one.startsWith("node"))).toHaveLength(TARGETS.length);
  expect(words.filter((one) => one.startsWith("webapp →"))).toEqual([
    "webapp → pod cloudnova/mysql 10.244.0.5:3306",
    "webapp → pod others/stranger 10.244.0.12:80",
    "webapp → Service 10.96.7.8:80",
  ]);
});

test("what goes as the table says is counted", () => {
  expect(judge(FEW, all, results(...RIGHT))).toEqual({
    open: 3,
    allowed: 3,
    others: 0,
    shut: 6,
    refused: 6,
    dropped: 0,
    itself: 1,
    differences: [],
  });
});

test.each([
  [
    "open that must be shut",
    results(...RIGHT, "others/stranger", "stranger → pod cloudnova/mysql 10.244.0.5:3306"),
    "from others/stranger to pod cloudnova/mysql 10.244.0.5:3306: expected shut, found open",
  ],
  [
    "shut that must be open",
    results(...RIGHT.slice(0, 2)),
    "from cloudnova/webapp to pod cloudnova/mysql 10.244.0.5:3306: expected open, found refused",
  ],
  [
    "a target that does not listen: being shut would prove nothing",
    results(...RIGHT).map((one, index) => (index === 1 ? "refused" : one)),
    "from node to pod cloudnova/mysql 10.244.0.5:3306: expected open, found refused",
  ],
  [
    "an attempt that failed by itself",
    results(...RIGHT).map((one, index) => (index === words.length - 1 ? "failed: 1 nsenter: cannot open" : one)),
    "from others/stranger to Service 10.96.7.8:80: expected shut, found failed: 1 nsenter: cannot open",
  ],
] as [string, Result[], string][])("%s is a difference", (_, found, difference) => {
  expect(judge(FEW, all, found).differences).toEqual([difference]);
});

test("no answer counts as shut, apart from refusals", () => {
  const dropped = results(...RIGHT).map((one) => (one === "refused" ? "dropped" : one));
  expect(judge(FEW, all, dropped)).toMatchObject({ shut: 6, refused: 0, dropped: 6, differences: [] });
});

test("a row that no attempt tried is a difference: it is not proved", () => {
  const flows = [...FEW.flows, { from: "prometheus", to: "webapp", ports: [9000] }];
  expect(judge({ ...FEW, flows }, all, results(...RIGHT)).differences).toEqual([
    "the row prometheus → webapp:9000 was not tried: no such pod, or nothing listens there",
  ]);
});

test("a row without ports is proved by an attempt at any of them", () => {
  const flows = SHOP.filter(({ ports }) => ports.length === 0);
  const table = { ...TABLE, flows };
  const tried = attempts([PODS.shop], [address("198.51.100.1", 587)]);
  expect(judge(table, tried, ["open", "open"])).toMatchObject({
    open: 1,
    differences: ["the row cloudnova-shop/shop → 10.200.0.0/16:* was not tried: no such pod, or nothing listens there"],
  });
  expect(judge(table, tried, ["open", "dropped"]).differences[0]).toBe(
    "from cloudnova-shop/shop to 198.51.100.1:587: expected open, found dropped",
  );
});

test("a result for each attempt, no more and no fewer", () =>
  expect(() => judge(FEW, all, [])).toThrow(`0 results for ${all.length} attempts`));

test("an address that no pod has is a target as well", () =>
  expect(attempts([stranger], [address("198.51.100.1", 443)]).map(({ source }) => (source === "node" ? source : source.name))).toEqual([
    "node",
    "stranger",
  ]));
