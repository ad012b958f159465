import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../../tools/common/root.ts";
import { run } from "../../../tools/common/run.ts";
import { ensure } from "../../../tools/toolchain/ensure.ts";
import { Clients } from "../front/clients.ts";
import { FLOOD_S, type Flood, floods, judge } from "../front/floods.ts";
import { everyTrick, faultIn } from "../front/tricks.ts";
import { withoutLoss } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { until } from "../suite/wait.ts";

const IN = ["--namespace", "cloudnova"] as const;

const TLS: Step = {
  name: "the front door: TLS by sslyze",
  expects: "Mozilla's intermediate profile is kept, for a client that trusts the cluster's authority; no request is lost",
  run: (stage) =>
    withoutLoss(stage, async () => {
      const authority = await stage.kubectl("get", "secret", "certificate-authority", ...IN, "--output", "jsonpath={.data.tls\\.crt}");
      const file = join(repositoryRoot(), "build", "e2e", "authority.pem");
      writeFileSync(file, Buffer.from(authority, "base64"));
      const profile = ["--mozilla_config=intermediate", "--sni", "localhost", "--certinfo_ca_file", file];
      const { stdout, status, words } = await run(join(await ensure("sslyze"), "sslyze"), [...profile, `127.0.0.1:${stage.load.port}`]);
      const [, verdict = words] = stdout.split("COMPLIANCE AGAINST TLS CONFIGURATION");
      if (status !== 0 || !verdict.includes("OK - Compliant.")) throw new Error(`sslyze ended with ${status}: ${verdict.trim()}`);
      return "compliant with Mozilla's intermediate profile";
    }),
};

/** Lines of a component's log that have a text, as JSON. */
async function logged(stage: Stage, component: string, having: string): Promise<Record<string, string>[]> {
  const selected = ["--selector", `app.kubernetes.io/name=${component}`, "--container", component];
  const text = await stage.kubectl("logs", ...IN, ...selected, "--tail=-1", "--since=5m");
  return text.split("\n").flatMap((line) => (line.includes(having) ? [JSON.parse(line)] : []));
}

/** The requests that forge their client: each has to reach the application, or its log says nothing about forged clients. */
const FORGED = 2;

const TRICKS: Step = {
  name: "the front door: tricks with paths, hosts, sizes, addresses and two requests in one",
  expects:
    "each is refused, or answered as any request; the application sees the client's true address, and no request that Traefik did not see",
  run: (stage) =>
    withoutLoss(stage, async () => {
      const marker = `/front-${Date.now().toString(36)}`;
      const all = everyTrick(marker);
      const { client, replies } = await (await Clients.of(stage.cluster)).one({ kind: "send", all });
      const faults = all.flatMap((trick) => faultIn(trick, replies[trick.name] ?? "") ?? []);
      const seen = await until("the application's log has the forged requests", 15, async () => {
        const lines = await logged(stage, "webapp", marker);
        return lines.filter(({ path }) => path?.endsWith("-forged")).length >= FORGED ? lines : undefined;
      });
      const passed = await logged(stage, "traefik", marker);
      const others = new Set(seen.map((line) => line.client).filter((address) => address !== client));
      if (others.size > 0) faults.push(`the application saw ${[...others].join(", ")} as clients instead of ${client}`);
      if (seen.length !== passed.length) faults.push(`Traefik saw ${passed.length} marked requests, the application ${seen.length}`);
      if (faults.length > 0) throw new Error(faults.join("; "));
      const refused = all.filter(({ wanted }) => wanted !== "page").length;
      return `${refused} of ${all.length} refused, the others answered as any request; ${seen.length} marked requests in both logs, all by ${client}`;
    }),
};

/** Seconds of visits before each flood, what a visit's flood is compared with; and within which visits are as usual after it. */
const QUIET_S = 5;
const RECOVERED_S = 10;
const VISITS = { kind: "visit", rate: 20 } as const;

/** @throws Error that names targets of Prometheus that were down in the seconds before */
async function monitored(stage: Stage, seconds: number): Promise<string> {
  const down = await stage.query(`min_over_time(up[${seconds}s]) == 0`);
  if (down.length > 0) throw new Error(`targets were down: ${down.map(({ metric }) => metric.job).join(", ")}`);
  const [up] = await stage.query("count(up)");
  return `all ${up?.value[1]} targets up`;
}

/** One flood between visits. @returns what was seen @throws Error with what went wrong */
async function flooding(stage: Stage, flood: Flood): Promise<{ readonly saw: string; readonly slow: boolean }> {
  const clients = await Clients.of(stage.cluster);
  const quiet = await clients.one({ ...VISITS, seconds: QUIET_S });
  const [attacker, visitor] = await Promise.all([clients.one(flood.task), clients.one({ ...VISITS, seconds: FLOOD_S })]);
  const ended = Date.now();
  const verdict = judge(flood, attacker, quiet, visitor);
  await until("visits are as usual", RECOVERED_S, async () => {
    const { counts } = await clients.one({ ...VISITS, seconds: 1 });
    return counts["200"] === VISITS.rate || undefined;
  });
  return { ...verdict, saw: `${verdict.saw}; as usual after ${Math.ceil((Date.now() - ended) / 1000)} s` };
}

const flooded = (index: number, { name, full }: Flood): Step => ({
  ...(full && { full }),
  name: `the front door: ${name}`,
  expects: `another visitor loses no request and waits at most five times as long; all is as usual within ${RECOVERED_S} s, every target stays up`,
  run: (stage) =>
    withoutLoss(stage, async () => {
      const flood = floods(stage.intensity.rate)[index] as Flood;
      const begun = Date.now();
      const first = await flooding(stage, flood);
      const last = first.slow ? await flooding(stage, flood) : first;
      if (last.slow) throw new Error(`a visitor waited too long, twice: ${first.saw}; then ${last.saw}`);
      const again = first.slow ? `a visitor waited too long at first: ${first.saw}; then ` : "";
      return `${again}${last.saw}; ${await monitored(stage, Math.ceil((Date.now() - begun) / 1000))}`;
    }),
});

/** Clients that mean harm, at the Ingress. */
export const FRONT_DOOR: readonly Step[] = [TLS, TRICKS, ...floods(0).map((flood, index) => flooded(index, flood))];
