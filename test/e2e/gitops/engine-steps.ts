import { setTimeout as sleep } from "node:timers/promises";
import { withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Step } from "../suite/step.ts";
import { SUITE } from "../suite/suite-cluster.ts";
import { expect, until } from "../suite/wait.ts";
import type { EngineTrial } from "./engine-trial.ts";
import { GRAFANA } from "./steps.ts";
import type { Trial } from "./trial.ts";

/** Argo CD compares by itself three times in it. */
const QUIET_S = 180;
/** How long two Applications are watched, and what `open` set: self-heal acts within 5 s. */
const WATCHED_S = 30;
/** Where `open` makes Grafana's place reachable on this machine, beside other suites. */
const LOCAL_PORT = 30_320 + SUITE;
/** A pod that starts: its image is there. */
const START_S = 90;
const OTHER = "cloudnova-second";

/** What our commands set for a while. */
export const setForAWhile = (trial: EngineTrial): Step[] => [
  {
    name: "`open` starts Grafana on demand",
    expects: `${trial.name} leaves its replicas alone while \`open\` runs, also the second time, and changes nothing`,
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
            saw.push(await trial.calm(WATCHED_S, false));
          });
        }
        await stage.environment.set(GRAFANA, true);
        expect("pods", (await trial.rollOut("Grafana all the time")).pods, ["grafana: 1 new"]);
        return saw.join("; ");
      }),
  },
];

/** Time without any change. */
export const quiet = (trial: EngineTrial): Step => ({
  name: `${QUIET_S / 60} quiet minutes`,
  expects: "everything is always as in git and healthy, and the engine changes nothing",
  run: (stage) => withoutLoss(stage, () => trial.calm(QUIET_S)),
});

/** What an engine takes of the machine. */
export const takes = (trial: EngineTrial): Step => ({
  name: `what ${trial.name} takes`,
  expects: "memory of its processes, now and at most, and their processor time since the start; memory of the API server that it watches",
  run: async (stage) => {
    const { pods } = await stage.cluster.memory();
    const server = Object.entries(pods).find(([name]) => name.includes("/kube-apiserver-"))?.[1];
    if (!server) throw new Error(`the kubelet reports no API server: ${Object.keys(pods).join(", ")}`);
    const processes = Object.entries(trial.engine.usage()).map(
      ([name, { memory, peak, seconds }]) => `${name} ${memory} MiB (${peak} at most), ${Math.round(seconds)} s`,
    );
    return `${processes.join("; ")}; the API server ${server.anonymous} MiB`;
  },
});

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
        const { words } = await trial.tells(
          /operation Failed: Shared resource found: .*?is part of applications [^ ]+ and [^ ;]+/,
          120,
          OTHER,
        );
        await trial.tells(/SharedResourceWarning/, 30, OTHER);
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
  quiet(trial),
  takes(trial),
];
