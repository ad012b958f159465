import { withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { apply } from "./changes-step.ts";

const FOREIGN = "somebody-elses";
const OURS = ["app.kubernetes.io/managed-by=cloudnova", "app.kubernetes.io/part-of=cloudnova"];
const GRAFANA = ["monitoring", "grafana"];
/** Where `open` makes it reachable on this machine. */
const LOCAL_PORT = 30_300;
/** A pod that starts: its image is there. */
const START_S = 60;

export const PRUNE: readonly Step[] = [
  {
    name: "prune",
    expects: "what left the manifests is deleted; its volume, and a foreign object with our labels, stay",
    run: (stage) =>
      withoutLoss(stage, async () => {
        await stage.kubectl("create", "configmap", FOREIGN, "--namespace", "cloudnova");
        await stage.kubectl("label", "configmap", FOREIGN, "--namespace", "cloudnova", ...OURS);
        const before = await stage.pods();
        await stage.environment.set(GRAFANA, false);
        const changed = await apply(stage);
        const pruned = changed.filter((text) => text.startsWith("pruned "));
        if (!pruned.includes("pruned StatefulSet grafana")) throw new Error(`Grafana was not pruned: ${changed.join(", ")}`);
        if (!changed.includes("kept PersistentVolumeClaim grafana-data")) throw new Error(`its volume was not kept: ${changed.join(", ")}`);
        expect("pods", changes(before, await stage.pods()), ["grafana: 1 gone"]);
        await stage.kubectl("get", "configmap", FOREIGN, "--namespace", "cloudnova");
        return `${pruned.length} objects pruned, its volume kept, the foreign ConfigMap is there`;
      }),
  },
  {
    name: "what was pruned comes back",
    expects: "Grafana's place is taken again, with the volume that was kept",
    run: (stage) =>
      withoutLoss(stage, async () => {
        const volume = () =>
          stage.kubectl("get", "pvc", "grafana-data", "--namespace", "cloudnova", "--output", "jsonpath={.metadata.uid}");
        const before = await volume();
        await stage.environment.set(GRAFANA, true);
        const changed = await apply(stage);
        expect("the volume", await volume(), before);
        return `${changed.filter((text) => text.startsWith("created ")).length} objects created, the volume is the same`;
      }),
  },
  {
    name: "Grafana on demand",
    expects: "it has no pod, and takes no memory, but while `open` runs",
    run: (stage) =>
      withoutLoss(stage, async () => {
        const all = await stage.pods();
        await stage.environment.set(GRAFANA, "on-demand");
        await apply(stage);
        const without = await stage.pods();
        expect("pods", changes(all, without), ["grafana: 1 gone"]);
        await stage.during(["open", "--port", `grafana=${LOCAL_PORT}`], () =>
          until("Grafana's place answers at its local port", START_S, async () => {
            const answer = await fetch(`http://127.0.0.1:${LOCAL_PORT}/api/health`, { signal: AbortSignal.timeout(5000) });
            return answer.ok || undefined;
          }),
        );
        expect("pods", changes(without, await stage.pods()), []);
        await stage.environment.set(GRAFANA, true);
        await apply(stage);
        return "it answered while `open` ran, and its pod ended with it";
      }),
  },
];
