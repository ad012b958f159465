import { setTimeout as sleep } from "node:timers/promises";
import { withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Step } from "../suite/step.ts";
import { SUITE } from "../suite/suite-cluster.ts";
import { expect, until } from "../suite/wait.ts";
import { GRAFANA } from "./steps.ts";
import { type Trial, told } from "./trial.ts";

/** Argo CD compares by itself three times in it. */
const QUIET_S = 180;
const LOOK_S = 5;
/** How long two Applications are watched, and what `open` set: self-heal acts within 5 s. */
const WATCHED_S = 30;
/** Where `open` makes Grafana's place reachable on this machine, beside other suites. */
const LOCAL_PORT = 30_320 + SUITE;
/** A pod that starts: its image is there. */
const START_S = 90;
const OTHER = "cloudnova-second";

/** Watches for a time that the Application is Synced and no sync ends. @param healthy whether it is Healthy, too */
async function calm(trial: Trial, seconds: number, healthy = true): Promise<string> {
  const syncs = await trial.engine.syncs();
  const wanted = healthy ? ["Synced", "Healthy"] : ["Synced"];
  let looks = 0;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; looks++, await sleep(LOOK_S * 1000)) {
    const status = await trial.status();
    const seen = [status.sync?.status, status.health?.status].slice(0, wanted.length);
    if (seen.join() !== wanted.join()) throw new Error(`expected ${wanted.join(", ")}: ${told(status)}`);
    if (status.conditions?.length) throw new Error(`a condition: ${told(status)}`);
  }
  expect("syncs", await trial.engine.syncs(), syncs);
  return `${wanted.join(" and ")} in ${looks} of ${looks} looks, no sync`;
}

/** What our commands set for a while. */
const setForAWhile = (trial: Trial): Step[] => [
  {
    name: "`open` starts Grafana on demand",
    expects: "Argo CD leaves its replicas alone while `open` runs, also the second time, and stays Synced",
    run: (stage) =>
      withoutLoss(stage, async () => {
        await stage.environment.set(GRAFANA, "on-demand");
        expect("pods", (await trial.rollOut("Grafana on demand")).pods, ["grafana: 1 gone"]);
        const saw: string[] = [];
        for (const _time of ["first", "second"]) {
          await stage.during(["open", "--port", `grafana=${LOCAL_PORT}`], async () => {
            await until("Grafana's place answers at its local port", START_S, async () => {
              const answer = await fetch(`http://127.0.0.1:${LOCAL_PORT}/api/health`, { signal: AbortSignal.timeout(5000) });
              return answer.ok || undefined;
            });
            saw.push(await calm(trial, WATCHED_S, false));
          });
        }
        await stage.environment.set(GRAFANA, true);
        expect("pods", (await trial.rollOut("Grafana all the time")).pods, ["grafana: 1 new"]);
        return saw.join("; ");
      }),
  },
];

/** What our commands set for a while, a second engine, time without any change, and what the engine takes. */
export const engineSteps = (trial: Trial): Step[] => [
  ...setForAWhile(trial),
  {
    name: "a second Application on the same namespaces",
    expects: "it says SharedResourceWarning and changes nothing; the first stays Synced, without a sync",
    run: (stage) =>
      withoutLoss(stage, async () => {
        const before = await stage.pods();
        await trial.deploy(OTHER);
        const { words } = await trial.says(
          /operation Failed: Shared resource found: .*?is part of applications [^ ]+ and [^ ;]+/,
          120,
          OTHER,
        );
        await trial.says(/SharedResourceWarning/, 30, OTHER);
        // The second one's failures are the only syncs.
        const first = await trial.status();
        await sleep(WATCHED_S * 1000);
        const now = await trial.status();
        expect("the first one's last sync", now.operationState?.finishedAt, first.operationState?.finishedAt);
        expect("the first one", [now.sync?.status, now.health?.status], ["Synced", "Healthy"]);
        await stage.kubectl("delete", "application", OTHER, "--namespace", "argocd");
        await trial.runs(await trial.fork.head());
        expect("pods", changes(before, await stage.pods()), []);
        return `the second one: "${words}"; the first one Synced and Healthy, without a sync; the second deleted: nothing changed`;
      }),
  },
  {
    name: `${QUIET_S / 60} quiet minutes`,
    expects: "always Synced and Healthy, no sync",
    run: (stage) => withoutLoss(stage, () => calm(trial, QUIET_S)),
  },
  {
    name: "what Argo CD takes",
    expects: "memory of its processes, now and at most, and their processor time since the start",
    run: async () => {
      const lines = Object.entries(trial.engine.usage()).map(
        ([name, { memory, peak, seconds }]) => `${name} ${memory} MiB (${peak} at most), ${Math.round(seconds)} s`,
      );
      return lines.join("; ");
    },
  },
];
