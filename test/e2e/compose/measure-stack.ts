import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { output } from "../../../tools/common/run.ts";
import { type Outage, outage } from "./outage.ts";
import { Probe } from "./probe.ts";
import type { Stack } from "./stack.ts";
import { middle, parseWrk, type Rates } from "./wrk.ts";

/** Runs of wrk, of which the middle one counts: what else the machine does comes and goes. */
const RUNS = 3;
const RUN_S = 10;
const WARM_UP_S = 3;

/** Requests a second of the probe, which leaves both stacks most of the machine. */
export const PROBE_RATE = 20;
const BEFORE_S = 5;
/** So long without a failure, and the fault is over. */
const QUIET_S = 10;
/** After the command that makes the fault has ended. */
export const PATIENCE_S = 90;

/** Makes the table of users hold so many rows. @throws Error when it does not */
export async function setRows(stack: Stack, count: number): Promise<void> {
  const people = readFileSync(join("webapp", "bench", "people.py"), "utf8");
  const change = readFileSync(join("tools", "bench-compose", "rows.py"), "utf8");
  const there = Number(await stack.python(`${people}\nROWS = ${count}\n${change}`));
  if (there !== count) throw new Error(`the table of users holds ${there} rows instead of ${count}`);
}

/** How wrk is run. */
export interface Load {
  /** Image that holds wrk. */
  readonly image: string;
  /** Connections that are always busy. */
  readonly connections: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Answers a second and latencies of the list of users, by wrk in a container on the stack's own network. */
export async function rates({ network, ingress }: Stack, { image, connections, env }: Load): Promise<Rates> {
  const wrk = async (seconds: number) => {
    const options = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "60s", "--latency", "-H", "Host: localhost"];
    const docker = ["run", "--rm", "--network", network, image];
    return parseWrk(await output("docker", [...docker, "wrk", ...options, `https://${ingress}/users`], { env }));
  };
  await wrk(WARM_UP_S);
  const runs = [];
  for (let run = 0; run < RUNS; run++) runs.push(await wrk(RUN_S));
  return middle(runs);
}

/** What visitors notice of `fault`, from five seconds before until ten seconds passed without a failure, or the patience ends. */
export async function during(stack: Stack, fault: () => Promise<void>): Promise<Outage> {
  const probe = new Probe(stack.port, PROBE_RATE);
  try {
    await sleep(BEFORE_S * 1000);
    await fault();
    const done = Date.now();
    const quietSince = () => Math.max(done, probe.lastFailed);
    while (Date.now() < quietSince() + QUIET_S * 1000 && Date.now() < done + PATIENCE_S * 1000) await sleep(200);
    return outage(await probe.stop());
  } finally {
    await probe.stop();
  }
}
