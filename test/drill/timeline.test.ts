import { notificationFaults } from "../../src/drill/drill-run.ts";
import { advance, alertPhases, type Message, missing, type Observation, type Seen, WATCHDOG_PHASES } from "../../src/drill/timeline.ts";

const RUNBOOK = "docs/runbooks/TargetDown.md";
const labels = { alertname: "TargetDown", severity: "critical", job: "node", instance: "cloudnova-drill" };
const annotations = { summary: "[drill] node does not answer", runbook_url: RUNBOOK };
const webhook = (number: number, status: Message["status"] = "firing"): Message => ({
  number,
  via: "webhook",
  alert: "TargetDown",
  status,
  labels,
  annotations,
});
const mail = (number: number, status: Message["status"] = "firing"): Message => ({
  number,
  via: "mail",
  alert: "TargetDown",
  status,
  subject: "[Critical] [drill] node does not answer",
  text: `Runbook: ${RUNBOOK}`,
});
const saw = (at: number, state: Observation["state"], messages: readonly Message[] = [], quiet = 0): Observation => ({
  at,
  state,
  messages,
  quiet,
});

/** Goes through the observations, and returns what was seen when. */
function through(steps: Parameters<typeof advance>[0], observations: readonly Observation[]): Seen {
  return observations.reduce<Seen>((seen, observation) => advance(steps, seen, observation), new Map());
}

describe("an alert's life", () => {
  const { before, broken, repaired } = alertPhases(true);

  test("each step has the time at which it was first seen", () => {
    const seen = through(broken, [
      saw(1, "inactive"),
      saw(2, "pending"),
      saw(3, "pending"),
      saw(4, "firing"),
      saw(5, "firing", [webhook(1)]),
      saw(6, "firing", [webhook(1), mail(2)]),
      saw(7, "firing", [webhook(1), mail(2)]),
    ]);
    expect([...seen]).toEqual([
      ["pending", 2],
      ["firing", 4],
      ["delivered to the webhook", 5],
      ["delivered by mail", 6],
    ]);
    expect(missing(broken, seen)).toEqual([]);
  });

  test("a pending that was over between two looks counts with the firing", () => {
    expect([...through(broken, [saw(9, "firing")])]).toEqual([
      ["pending", 9],
      ["firing", 9],
    ]);
  });

  test("a rule without a waiting time has no pending", () => {
    expect(alertPhases(false).broken.map(({ name }) => name)).not.toContain("pending");
  });

  test("what does not come is named", () => {
    expect(missing(broken, through(broken, [saw(1, "firing", [webhook(1, "resolved")])]))).toEqual([
      "delivered to the webhook",
      "delivered by mail",
    ]);
  });

  test("it must be silent before, and its end must be delivered both ways", () => {
    expect(missing(before, through(before, [saw(1, "firing"), saw(2, "pending")]))).toEqual(["silent"]);
    const seen = through(repaired, [
      saw(1, "firing"),
      saw(2, "inactive", [webhook(3, "resolved")]),
      saw(3, "inactive", [mail(4, "resolved")]),
    ]);
    expect([...seen.values()]).toEqual([2, 2, 3]);
  });
});

test("of a dead man's switch the silence is noticed, and then that it beats again", () => {
  const { before, broken, repaired } = WATCHDOG_PHASES;
  expect(missing(before, through(before, [saw(1, "firing", [webhook(1), mail(2)])]))).toEqual([]);
  expect(missing(broken, through(broken, [saw(1, "firing", [webhook(9)], 3000), saw(2, "firing", [], 19_999)]))).toEqual([
    "silence noticed",
  ]);
  expect([...through(broken, [saw(3, "firing", [], 20_000)])]).toEqual([["silence noticed", 3]]);
  expect(missing(repaired, through(repaired, [saw(4, "firing", [webhook(10)])]))).toEqual(["again delivered by mail"]);
});

describe("what a delivered alert must say", () => {
  const rule = {
    alert: "TargetDown",
    expr: "up == 0",
    labels: { severity: "critical" as const },
    annotations: { ...annotations, description: "d" },
  };

  test("name, severity, the drill's labels, summary and runbook, in the mail too", () => {
    expect(notificationFaults([webhook(1), mail(2)], rule, { job: "node" })).toEqual([]);
  });

  test("each lack is told", () => {
    const poor = { ...webhook(1), labels: { ...labels, severity: "warning", job: "mysql" }, annotations: {} };
    expect(notificationFaults([poor, { ...mail(2), text: "" }], rule, { job: "node" })).toEqual([
      "the label severity is 'warning' instead of 'critical'",
      "the label job is 'mysql' instead of 'node'",
      "the webhook request had no summary",
      "the webhook request did not contain the runbook's address",
      "the mail does not contain the runbook's address",
    ]);
  });
});
