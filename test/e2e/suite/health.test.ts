import type { Finding } from "../../../src/cluster/finding.ts";
import { kinds, unexpected } from "./health.ts";

/** What `verify` says on the suite's node when all is as it has to be. */
const GOOD: readonly Finding[] = [
  { check: "workloads", state: "ok", saw: "11 of 11 are ready" },
  { check: "Grafana", state: "skipped", saw: "cloudnova.local/ballast:1 replaces Grafana here: Grafana was not checked" },
  { check: "receivers", state: "warning", saw: "No alert receiver is configured, so nobody will be notified" },
  { check: "survival", state: "skipped", saw: "this check evicts a pod: it runs only with --thorough" },
];
const instead = (check: string, found: Partial<Finding>) => GOOD.map((one) => (one.check === check ? { ...one, ...found } : one));

test("the findings of a good node", () => expect(unexpected(GOOD)).toEqual([]));

test.each<[string, Partial<Finding>, string]>([
  ["workloads", { state: "problem", saw: "mysql 0 of 1" }, "workloads: mysql 0 of 1"],
  ["workloads", { state: "skipped", saw: "not run" }, "workloads: not run"],
  ["Grafana", { state: "problem", saw: "health 503" }, "Grafana: problem: health 503"],
  ["Grafana", { state: "ok", saw: "health 200" }, "Grafana: ok: health 200"],
  [
    "receivers",
    { state: "problem", saw: "the Secret alerting lacks smtp-password" },
    "receivers: problem: the Secret alerting lacks smtp-password",
  ],
  ["receivers", { state: "ok", saw: "mail" }, "receivers: ok: mail"],
  ["survival", { state: "problem", saw: "3 of 90 requests failed" }, "survival: problem: 3 of 90 requests failed"],
  ["survival", { state: "skipped", saw: "only 1 replica is ready" }, "survival: skipped: only 1 replica is ready"],
])("%s is not accepted in another state: %j", (check, found, sentence) => {
  expect(unexpected(instead(check, found))).toEqual([expect.stringContaining(sentence)]);
});

test("a check that was not made is told", () => {
  expect(unexpected(GOOD.filter(({ check }) => check !== "Grafana"))).toEqual(["Grafana: not checked"]);
});

test("failed requests are counted by kind, with their first and last time", () => {
  const failed = ([1, 2, 3] as const).map((second) => ({
    at: new Date(`2026-11-26T14:00:0${second}Z`),
    what: second === 2 ? "GET /: socket hang up" : "GET / was answered 503: no available server",
  }));
  expect(kinds(failed)).toBe(
    "2 × GET / was answered 503: no available server (2026-11-26T14:00:01.000Z to 2026-11-26T14:00:03.000Z); 1 × GET /: socket hang up (2026-11-26T14:00:02.000Z)",
  );
});
