import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { elapsed } from "../../../tools/common/progress.ts";
import { allGreen, withoutLoss } from "../suite/health.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { autoscalerStep } from "./autoscaler.ts";
import { faults } from "./faults.ts";
import { allReplicas, componentOf, livePods, nodesWith, SERVING } from "./replicas.ts";
import { type NodesTrial, SPACE, ZONE } from "./trial.ts";

const seconds = (since: number): number => Math.round((Date.now() - since) / 1000);
const counted = (all: readonly string[]): string =>
  [...new Set(all)].map((one) => `${all.filter((other) => other === one).length} on ${one}`).join(", ");

/** The steps of the suite, in their order. */
export const steps = (trial: NodesTrial): Step[] => [
  {
    name: "up on three nodes",
    expects:
      "on a cluster that is there already, with MySQL outside of it: every workload is up and `verify` is green through the load balancer",
    restarts: "all",
    run: async (stage) => {
      const begun = Date.now();
      await trial.begin();
      const made = seconds(begun);
      stage.asked = Date.now();
      await trial.deploy();
      const up = seconds(stage.asked);
      const green = await allGreen(stage);
      await stage.begin();
      const users = await trial.mysql.ask("SELECT COUNT(*) FROM app.users");
      return `nodes and servers after ${elapsed(made * 1000)}, up after ${up} s; the tables are in the server outside (${users} users); ${green}`;
    },
  },
  {
    name: "replicas over zones",
    expects: "each replica in a zone of its own, each serving Deployment with a budget of one pod away",
    run: async (stage) => {
      const budgets = await stage.objects("poddisruptionbudgets");
      const said = [];
      for (const name of SERVING) {
        const on = await nodesWith(stage, name);
        expect(`nodes of ${name}`, new Set(on).size, Math.min(on.length, trial.nodes.length));
        expect(`the budget of ${name}`, budgets.find(({ metadata }) => metadata.name === name)?.spec.maxUnavailable, 1);
        said.push(`${name} ${counted(on)}`);
      }
      const { items } = JSON.parse(await stage.kubectl("get", "nodes", "--output", "json"));
      const zones = items.map((node: { metadata: { labels: Record<string, string> } }) => node.metadata.labels[ZONE]);
      expect("zones", zones.sort(), ["a", "b", "c"]);
      return said.join("; ");
    },
  },
  {
    name: "every node is measured",
    expects: "node-exporter runs and is scraped on each node, and the dashboards' choice of nodes has all three",
    run: async () => {
      const [up, names] = [await trial.query('up{job="node"} == 1'), await trial.query("node_uname_info")];
      expect("nodes that are scraped", up.length, trial.nodes.length);
      const chosen = names.map(({ metric }) => metric.instance ?? "").sort();
      expect("instances to choose", new Set(chosen).size, trial.nodes.length);
      const down = await trial.query("up == 0");
      expect(
        "targets that are down",
        down.map(({ metric }) => metric.job),
        [],
      );
      return `${(await trial.query("count(up)"))[0]?.value[1]} targets up; to choose: ${chosen.join(", ")}`;
    },
  },
  {
    name: "samples are written elsewhere",
    expects: "a second Prometheus outside of the cluster has every target, by TLS and with a password",
    run: async () => {
      const count = async (ask: (promql: string) => ReturnType<NodesTrial["query"]>) => Number((await ask("count(up)"))[0]?.value[1]);
      const here = await count((promql) => trial.query(promql));
      const there = await until("the receiver has every target", 60, async () => {
        const seen = await count((promql) => trial.receiver.query(promql));
        return seen === here ? seen : undefined;
      });
      const [first] = await trial.receiver.query("up");
      return `${there} of ${here} targets, with environment="${first?.metric.environment}"`;
    },
  },
  {
    name: "two evictions at once",
    expects: "the budget refuses the second; no request is lost",
    run: (stage) =>
      withoutLoss(stage, async () => {
        const own = (await livePods(stage)).filter((pod) => componentOf(pod) === "webapp").slice(0, 2);
        const evict = ({ metadata }: (typeof own)[number]) => {
          const file = join(trial.folder, `${metadata.name}.json`);
          writeFileSync(
            file,
            JSON.stringify({ apiVersion: "policy/v1", kind: "Eviction", metadata: { name: metadata.name, namespace: SPACE } }),
          );
          const path = `/api/v1/namespaces/${SPACE}/pods/${metadata.name}/eviction`;
          return stage.kubectl("create", "--raw", path, "--filename", file).then(
            () => "evicted",
            (error: Error) => (/disruption budget/.test(error.message) ? "refused by the budget" : error.message),
          );
        };
        const saw = await Promise.all(own.map(evict));
        expect("evictions", [...saw].sort(), ["evicted", "refused by the budget"]);
        await allReplicas(stage, 120);
        return saw.join(", ");
      }),
  },
  autoscalerStep(trial),
  ...faults(trial),
];
