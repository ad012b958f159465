import type { Finding } from "../../../src/cluster/finding.ts";
import type { VerifyCheck } from "../../../src/messages/verify.ts";
import type { Failure, Reply } from "./load.ts";
import type { Stage } from "./stage.ts";
import { expect, until } from "./wait.ts";

/**
 * Checks of `verify` that are not green on this node: the state that each of them has to have, by the words of its finding, and why.
 * Any other state or reason is a failure, "ok" too: the environment is not the one that the suite deploys. Every other check is green.
 */
const NOT_GREEN = {
  Grafana: {
    state: "skipped",
    saw: /^\S*ballast\S* replaces Grafana here/,
    why: "not run here: no package of it can be had, a ballast of its size stands in its place",
  },
  receivers: { state: "warning", saw: /^No alert receiver is configured/, why: "this environment has none" },
  survival: { state: "skipped", saw: /only with --thorough$/, why: "a step of its own deletes every replica's pod, under load" },
} as const satisfies Partial<Record<VerifyCheck, { readonly state: Finding["state"]; readonly saw: RegExp; readonly why: string }>>;
type NotGreen = keyof typeof NOT_GREEN;

/** The findings that are not as they have to be on this node, one sentence each; a check that is missing is one of them. */
export function unexpected(findings: readonly Finding[]): string[] {
  const wrong = findings.flatMap(({ check, state, saw }) => {
    const wanted = NOT_GREEN[check as NotGreen];
    if (wanted)
      return state === wanted.state && wanted.saw.test(saw) ? [] : [`${check}: ${state}: ${saw}; expected: ${wanted.state}, ${wanted.why}`];
    return state === "ok" ? [] : [`${check}: ${saw}`];
  });
  const missing = Object.keys(NOT_GREEN).filter((name) => !findings.some(({ check }) => check === name));
  return [...wrong, ...missing.map((name) => `${name}: not checked`)];
}

/** New targets are scraped within half a minute, cAdvisor sees a container after as long, and rules need two samples. */
const GREEN_S = 150;
const BACK_S = 150;

/** Waits until `verify` is green. @returns what it said @throws Error with the checks that are not */
export async function allGreen(stage: Stage): Promise<string> {
  const findings = await until("verify", GREEN_S, async () => {
    const { stdout, words } = await stage.cloudnova("verify", "--output", "json");
    if (!stdout.startsWith("{")) throw new Error(words);
    const all: Finding[] = JSON.parse(stdout).findings;
    const bad = unexpected(all);
    if (bad.length > 0) throw new Error(bad.join("; "));
    return all;
  });
  const left = Object.entries(NOT_GREEN).map(([check, { why }]) => `${check} ${why}`);
  return [`${findings.length - left.length} of ${findings.length} checks green`, ...left].join("; ");
}

/** Waits until a user can be added and every workload is up. @returns how long it took, and that no acknowledged user is missing */
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
  return `users can be added after ${seconds} s; ${await noUserMissing(stage)}`;
}

/** @throws Error when an answer is not the page that the application shows while its database is away: a bare 503 is Traefik's */
export function ownPage({ status, headers, text }: Reply): void {
  const seen = [
    status,
    headers["retry-after"],
    headers["content-type"]?.split(";")[0],
    text.includes("<h1") && text.includes("Back in a moment"),
  ];
  expect(`the page without the database (it begins "${text.slice(0, 60)}")`, seen, [503, "2", "text/html", true]);
}

/** Reads the whole list. @throws Error when a user is missing whose creation was answered 201 */
export async function noUserMissing({ load }: Stage): Promise<string> {
  // Those acknowledged before the reading: one that is added while the last page is on its way is in no page.
  const acknowledged = [...load.acknowledged];
  const listed = await load.listed();
  const missing = acknowledged.filter((email) => !listed.has(email));
  if (missing.length > 0) throw new Error(`${missing.length} acknowledged users are gone: ${missing.slice(0, 5).join(", ")}`);
  return `all ${acknowledged.length} acknowledged users are there`;
}

/** Whether a new user is refused because the database accepts reads only. */
export async function refusesWrites({ load }: Stage): Promise<boolean> {
  try {
    await load.add();
    return false;
  } catch (error) {
    load.note(error as Error);
    return /accepts reads only/.test((error as Error).message);
  }
}

/** Failures of one kind together: how many, of what kind, and from when to when. */
export function kinds(failed: readonly Failure[]): string {
  const times = (own: readonly Failure[]) => [...new Set([own[0], own.at(-1)])].map((one) => one?.at.toISOString()).join(" to ");
  return [...new Set(failed.map(({ what }) => what))]
    .map((what) => failed.filter((one) => one.what === what))
    .map((own) => `${own.length} × ${own[0]?.what} (${times(own)})`)
    .join("; ");
}

/** Runs `work` under load. @throws Error when a single request fails meanwhile; it counts the answers of each kind */
export async function withoutLoss(stage: Stage, work: () => Promise<string>): Promise<string> {
  const before = stage.load.tally();
  const saw = await work();
  await stage.load.settled(); // one that hangs fails only seconds later, and is this step's all the same
  const { sent, failed } = stage.load.since(before);
  if (sent === 0) throw new Error("no request was sent meanwhile: the load does not run");
  if (failed.length > 0) {
    throw new Error(`${failed.length} of ${sent} requests failed: ${kinds(failed)}`);
  }
  return `${saw}; 0 of ${sent} requests failed`;
}
