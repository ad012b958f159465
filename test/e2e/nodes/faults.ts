import { setTimeout as sleep } from "node:timers/promises";
import { allGreen, comesBack, withoutLoss } from "../suite/health.ts";
import type { Failure } from "../suite/load.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { connectNode, nodesOf } from "./pod-network.ts";
import { allReplicas, componentOf, followFewest, livePods, nodesWith, replicas, SERVING } from "./replicas.ts";
import type { NodesTrial } from "./trial.ts";

/** How long the server outside is away, as a fail-over of a provider's takes at best. */
const AWAY_S = 15;

const seconds = (since: number): number => Math.round((Date.now() - since) / 1000);

/** Why requests were lost, whatever was asked for, with how often. */
function causes(failed: readonly Failure[]): string {
  const all = failed.map(({ what }) => what.replace(/^[A-Z]+ \/\S* /, "").slice(0, 60));
  return [...new Set(all)].map((one) => `${all.filter((other) => other === one).length} × ${one}`).join(", ");
}

/** What became of the requests while `work` ran: how many were lost, and when the last of them. */
async function withLoss(stage: Stage, work: () => Promise<string>): Promise<string> {
  const [before, begun] = [stage.load.tally(), Date.now()];
  const saw = await work();
  await stage.load.settled();
  const { sent, failed } = stage.load.since(before);
  if (sent === 0) throw new Error("no request was sent meanwhile: the load does not run");
  const last = failed.at(-1);
  const when = last ? `, the last one ${Math.round((last.at.getTime() - begun) / 1000)} s after the beginning (${causes(failed)})` : "";
  return `${saw}; ${failed.length} of ${sent} requests lost${when}`;
}

/** Pods that wait for their volume's node. */
const waiting = async (stage: Stage): Promise<string[]> =>
  (await livePods(stage)).filter(({ status }) => status?.phase === "Pending").map(componentOf);

/** Drains a node under load, and lets pods on it again. */
async function drain(stage: Stage, node: string): Promise<string> {
  const before = await replicas(stage);
  const fewest = followFewest(stage);
  const begun = Date.now();
  await stage.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=300s");
  const drained = seconds(begun);
  const after = await allReplicas(stage, 180);
  const elsewhere = seconds(begun);
  const least = fewest();
  for (const name of SERVING) {
    const allowed = Math.min(before[name]?.wanted ?? 0, after[name]?.wanted ?? 0) - 1; // the autoscaler may take some back meanwhile
    if (!((least[name] ?? 0) >= allowed)) throw new Error(`${name} had ${least[name]} replicas: its budget leaves ${allowed}`);
  }
  const stuck = await waiting(stage);
  await stage.kubectl("uncordon", node);
  await until("every pod runs again", 180, async () => {
    const { status, stdout } = await stage.cloudnova("status");
    if (status !== 0) throw new Error(stdout);
    return true;
  });
  const bound = stuck.length > 0 ? `${stuck.join(", ")} waited for their volume's node until it was back` : "no pod waited for a volume";
  const left = SERVING.map((name) => `${name} ${least[name]} of ${before[name]?.wanted}`).join(", ");
  return `${node} drained in ${drained} s, all replicas elsewhere after ${elsewhere} s; fewest available: ${left}; ${bound}`;
}

/** The worker that has Prometheus' volume, and another one. */
async function workers({ stage, nodes }: NodesTrial): Promise<{ readonly withData: string | undefined; readonly other: string }> {
  const [withData] = await nodesWith(stage, "prometheus");
  const names = nodes.map(({ name }) => name).filter((name) => name !== stage.cluster.node);
  return { withData: names.find((name) => name === withData), other: names.find((name) => name !== withData) ?? "" };
}

/** What may happen to a node, and to the server outside. */
export const faults = (trial: NodesTrial): Step[] => [
  {
    name: "MySQL outside fails over",
    expects:
      "while mysqld is away requests are lost, and none after; replicas stay, no container restarts, no acknowledged user is missing",
    run: async (stage) => {
      const before = await nodesWith(stage, "webapp");
      const saw = await withLoss(stage, async () => {
        const begun = Date.now();
        await trial.mysql.fails(AWAY_S);
        const away = seconds(begun);
        return `mysqld killed, and answered again after ${away} s; ${await comesBack(stage)}`;
      });
      expect("nodes of webapp", await nodesWith(stage, "webapp"), before);
      return withoutLoss(stage, async () => {
        await sleep(15_000);
        return `${saw}; in the 15 s after it`;
      });
    },
  },
  {
    name: "a worker is drained",
    expects: "one replica of a workload away at a time, and no request is lost",
    run: (stage) => trial.mysql.withSlowest(() => withoutLoss(stage, async () => drain(stage, (await workers(trial)).other))),
  },
  {
    name: "the node of Prometheus is drained",
    expects: "the application goes on without a lost request; Prometheus waits for its volume's node, and has its samples again",
    run: (stage) =>
      trial.mysql.withSlowest(() =>
        withoutLoss(stage, async () => {
          const [node = ""] = await nodesWith(stage, "prometheus");
          const earlier = Math.floor(Date.now() / 1000) - 60;
          const saw = await drain(stage, node);
          const samples = await until("Prometheus answers", 120, async () => (await trial.query("up", earlier)).length || undefined);
          return `${saw}; ${samples} targets of a minute before the drain are in its data`;
        }),
      ),
  },
  {
    name: "a node is lost",
    expects: "the rest answers within a minute; its replicas come up elsewhere when Kubernetes gives it up, and it may return",
    restarts: "all",
    run: async (stage) => {
      const { other } = await workers(trial);
      const node = trial.nodes.find(({ name }) => name === other);
      if (!node) throw new Error(`no worker to lose among ${trial.nodes.map(({ name }) => name).join(", ")}`);
      const there = (await livePods(stage)).filter(({ spec }) => spec.nodeName === other).map(componentOf);
      const saw = await withLoss(stage, async () => {
        const begun = Date.now();
        await stage.cluster.docker("kill", other);
        await until("Kubernetes gives the node up", 120, async () =>
          (await replicas(stage)).webapp?.available !== (await replicas(stage)).webapp?.wanted ? true : undefined,
        );
        const noticed = seconds(begun);
        const answering = await until("the rest answers", 120, async () => {
          const [before] = [stage.load.tally()];
          await sleep(10_000);
          const { sent, failed } = stage.load.since(before);
          return sent > 0 && failed.length === 0 ? seconds(begun) - 10 : undefined;
        });
        await allReplicas(stage, 480);
        return `${other} killed with ${there.sort().join(", ")}; Kubernetes noticed after ${noticed} s; the first 10 s without a lost request began ${answering} s after the kill; all replicas ran elsewhere after ${seconds(begun)} s`;
      });
      const firing = await trial.query('ALERTS{alertstate="firing",alertname!="Watchdog"}');
      const alerts = [...new Set(firing.map(({ metric }) => metric.alertname))].sort().join(", ") || "none";
      await stage.cluster.docker("start", other);
      await until("the node is back", 120, async () => {
        for (const one of await nodesOf(stage.cluster)) await connectNode(stage.cluster, one, await nodesOf(stage.cluster));
        await stage.kubectl("wait", "node", other, "--for=condition=Ready", "--timeout=1s");
        return true;
      });
      return `${saw}; alerts: ${alerts}; back: ${await allGreen(stage)}`;
    },
  },
];
