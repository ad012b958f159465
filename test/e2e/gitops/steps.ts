import { allGreen, withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import type { EngineTrial } from "./engine-trial.ts";

/** Time for an engine to undo what was changed by hand: Argo CD looks at once, Flux when its interval of a minute is over. */
const HEALED_S = 90;
/** Steps that every other one builds on. */
export const BEGIN = ["first sync", "a commit rolls out"];
export const GRAFANA = ["monitoring", "grafana"];
export const REPLICAS = ["applications", "webapp", "sample", "replicas"];

/** Names of the objects of a kind, sorted. */
async function names({ stage }: EngineTrial, kind: string): Promise<string[]> {
  return (await stage.objects(kind)).map(({ metadata }) => metadata.name).sort();
}

/** What our commands do, and do not, where git deploys. */
const ourCommands = (trial: EngineTrial): Step => ({
  name: "our commands on what git deployed",
  expects:
    "`status` names the engine, `diff` finds no difference, `verify` is green; `apply` and `down` refuse, name it, and change nothing",
  run: (stage) =>
    withoutLoss(stage, async () => {
      const line = (text: string) =>
        text
          .split("\n")
          .find((one) => one.includes(trial.name))
          ?.trim();
      const status = line(await stage.must("status"));
      if (!status) throw new Error(`status does not name ${trial.name}`);
      const diff = (await stage.must("diff")).trim().split("\n").at(-1);
      const green = await allGreen(stage);
      const before = await stage.pods();
      const refused: string[] = [];
      for (const [command = "", ...args] of [["apply"], ["down", "--yes"]]) {
        const { status: code, stdout, stderr } = await stage.cloudnova(command, ...args);
        const told = line(`${stdout}${stderr}`);
        if (code !== 1 || !told?.includes("nothing was")) throw new Error(`${command} ended with ${code}: ${stdout}${stderr}`);
        refused.push(`${command}: "${told}"`);
      }
      expect("pods", changes(before, await stage.pods()), []);
      return [`status: "${status}"`, `diff: "${diff}"`, `verify: ${green}`, ...refused].join("; ");
    }),
});

/** An engine's first sync, which needs nothing of ours but the repository. */
const firstSync = (trial: EngineTrial): Step => ({
  name: "first sync",
  expects: `in a cluster without CloudNova, without our commands: ${trial.well}, and \`verify\` is green`,
  restarts: "all",
  run: async () => {
    await trial.begin();
    const begun = Date.now();
    await trial.deploy();
    const seconds = await trial.runs(await trial.fork.head(), 420);
    const green = await allGreen(trial.stage);
    const whole = Math.round((Date.now() - begun) / 1000);
    const restarts = (await trial.stage.pods()).reduce((sum, pod) => sum + pod.restarts, 0);
    await trial.stage.begin();
    return `${trial.title}: ${await trial.count()} objects ${trial.well} after ${seconds} s, verify green after ${whole} s, ${restarts} restarts of containers; ${green}`;
  },
});

/** What every engine does: the first sync, our commands, a roll-out, drift, and what leaves the repository. */
export const everyEngine = (trial: EngineTrial): Step[] => [
  firstSync(trial),
  ourCommands(trial),
  {
    name: "a commit rolls out",
    expects: "one replica more, no other pod changes, no request is lost",
    run: (stage) =>
      withoutLoss(stage, async () => {
        await stage.environment.set(REPLICAS, 3);
        const { seconds, pods } = await trial.rollOut("One replica more");
        expect("pods", pods, ["webapp: 1 new"]);
        return `it runs and is healthy ${seconds} s after the push`;
      }),
  },
  {
    name: "drift",
    expects: "what was changed and deleted by hand is as in git again",
    run: (stage) =>
      withoutLoss(stage, async () => {
        const begun = Date.now();
        await stage.kubectl("scale", "deployment/webapp", "--replicas=2", "--namespace", "cloudnova");
        await stage.kubectl("delete", "configmap", "prometheus-rules-node", "--namespace", "cloudnova");
        await until("it is as in git again", HEALED_S, async () => {
          const [deployment] = (await stage.objects("deployments")).filter(({ metadata }) => metadata.name === "webapp");
          expect("replicas", deployment?.spec.replicas, 3);
          return (await names(trial, "configmaps")).includes("prometheus-rules-node") || undefined;
        });
        const healed = Math.round((Date.now() - begun) / 1000);
        await trial.runs(await trial.fork.head());
        return `healed after ${healed} s`;
      }),
  },
  {
    name: "what leaves the repository is pruned",
    expects: "Grafana's objects go; volumes, namespaces and Secrets stay, and everything is as in git",
    run: (stage) =>
      withoutLoss(stage, async () => {
        const kept = async () => [await names(trial, "pvc"), await names(trial, "secrets")];
        const [before, all] = [await kept(), await trial.count()];
        await stage.environment.set(GRAFANA, false);
        const { seconds, pods } = await trial.rollOut("No Grafana");
        expect("pods", pods, ["grafana: 1 gone"]);
        expect("volumes and Secrets", await kept(), before);
        return `${all - (await trial.count())} objects left its list ${seconds} s after the push; ${before.map((one) => one.length).join(" volumes and ")} Secrets stayed`;
      }),
  },
  {
    name: "a revert rolls back",
    expects: "Grafana's place is taken again, with the volume that stayed",
    run: (stage) =>
      withoutLoss(stage, async () => {
        const volume = () =>
          stage.kubectl("get", "pvc", "grafana-data", "--namespace", "cloudnova", "--output", "jsonpath={.metadata.uid}");
        const before = await volume();
        const commit = await trial.fork.revert();
        await stage.environment.set(GRAFANA, true);
        await trial.refresh();
        const seconds = await trial.runs(commit);
        expect("the volume", await volume(), before);
        return `it runs and is healthy ${seconds} s after the push`;
      }),
  },
];
