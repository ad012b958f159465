import type { Finding } from "../../../src/cluster/finding.ts";
import type { VerifyCheck } from "../../../src/messages/verify.ts";
import type { Stage } from "./stage.ts";
import { until } from "./wait.ts";

/** Checks of `verify` that need not be green on this node, each with its reason. Everything else must be. */
const ACCEPTED: Readonly<Partial<Record<string, string>>> = {
  Grafana: "not run here: no package of it can be had, a ballast of its size stands in its place",
  receivers: "this environment has none, and says so",
  survival: "a step of its own deletes every replica's pod, under load",
} satisfies Partial<Record<VerifyCheck, string>>;

/** New targets are scraped within half a minute, cAdvisor sees a container after as long, and rules need two samples. */
const GREEN_S = 150;
const BACK_S = 150;

/** Waits until `verify` is green. @returns what it said @throws Error with the checks that are not */
export async function allGreen(stage: Stage): Promise<string> {
  const findings = await until("verify", GREEN_S, async () => {
    const { stdout, words } = await stage.cloudnova("verify", "--output", "json");
    if (!stdout.startsWith("{")) throw new Error(words);
    const all: Finding[] = JSON.parse(stdout).findings;
    const bad = all.filter(({ check, state }) => state !== "ok" && !ACCEPTED[check]);
    if (bad.length > 0) throw new Error(bad.map(({ check, saw }) => `${check}: ${saw}`).join("; "));
    return all;
  });
  const left = findings.filter(({ state }) => state !== "ok").map(({ check }) => `${check} ${ACCEPTED[check]}`);
  return [`${findings.length - left.length} of ${findings.length} checks green`, ...left].join("; ");
}

/** Waits until a user can be added and every workload is up. @returns how long it took, and that nobody is missing */
export async function comesBack(stage: Stage): Promise<string> {
  const begun = Date.now();
  await until("a user can be added", BACK_S, async () => {
    await stage.load.add();
    return true;
  });
  const seconds = ((Date.now() - begun) / 1000).toFixed(0);
  await until("every workload is up", BACK_S, async () => {
    const { status, stdout } = await stage.cloudnova("status");
    if (status !== 0)
      throw new Error(
        stdout
          .split("\n")
          .filter((text) => !text.startsWith("✔"))
          .join(" "),
      );
    return true;
  });
  return `users can be added after ${seconds} s; ${await nobodyMissing(stage)}`;
}

/** Reads the whole list. @throws Error when a user is missing whose creation was answered 201 */
export async function nobodyMissing({ load }: Stage): Promise<string> {
  const listed = await load.listed();
  const missing = [...load.acknowledged].filter((email) => !listed.has(email));
  if (missing.length > 0) throw new Error(`${missing.length} acknowledged users are gone: ${missing.slice(0, 5).join(", ")}`);
  return `all ${load.acknowledged.size} acknowledged users are there`;
}

/** Requests failed in a step that may lose none. */
export class RequestsLost extends Error {}

/** Runs `work` under load. @throws RequestsLost when a single request fails meanwhile */
export async function withoutLoss(stage: Stage, work: () => Promise<string>): Promise<string> {
  const before = stage.load.tally();
  const saw = await work();
  await stage.load.settled(); // one that hangs fails only seconds later, and is this step's all the same
  const { sent, failed } = stage.load.since(before);
  if (sent === 0) throw new Error("no request was sent meanwhile: the load does not run");
  if (failed.length > 0) {
    const first = failed.slice(0, 3).map(({ at, what }) => `${at.toISOString()} ${what}`);
    throw new RequestsLost(`${failed.length} of ${sent} requests failed: ${first.join("; ")}`);
  }
  return `${saw}; 0 of ${sent} requests failed`;
}
