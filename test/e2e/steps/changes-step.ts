import { IMAGES } from "../../../src/versions.ts";
import { withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";

interface Result {
  readonly kind: string;
  readonly name: string;
  readonly outcome: string;
}

/** Applies, and tells what changed: `changed Deployment webapp`. A name's hash is left out. */
export async function apply(stage: Stage): Promise<string[]> {
  const { objects }: { objects: Result[] } = JSON.parse(await stage.must("apply", "--wait", "--output", "json"));
  const told = objects.filter(({ outcome }) => outcome !== "unchanged");
  return told.map(({ outcome, kind, name }) => `${outcome} ${kind} ${name.replace(/-[0-9a-f]{8}$/, "")}`).sort();
}

interface Change {
  readonly name: string;
  readonly make: (stage: Stage) => Promise<void>;
  /** What apply must say that it changed, and nothing else. */
  readonly objects: readonly string[];
  /** Which pods must change, and no others. */
  readonly pods: readonly string[];
}

const THRESHOLD = 85;

/** The image's name with a new tag: 1.0.0, 1.0.1, … */
const nextTag = (image: string) => image.replace(/\d+$/, (last) => String(Number(last) + 1));

const CHANGES: readonly Change[] = [
  {
    name: "one replica more",
    make: ({ environment }) => environment.set(["applications", "webapp", "sample", "replicas"], 3),
    // The rule that misses replicas knows their number.
    objects: ["changed ConfigMap prometheus-rules-webapp", "changed Deployment webapp"],
    pods: ["webapp: 1 new"],
  },
  {
    name: "a rule's threshold",
    make: ({ environment }) => environment.set(["monitoring", "alerts", "cpu", "threshold"], THRESHOLD),
    objects: ["changed ConfigMap prometheus-rules-node"],
    pods: [],
  },
  {
    name: "a dashboard",
    make: async ({ environment }) => environment.edit("70-grafana.k8s.yaml", 'graphTooltip\\":1', 'graphTooltip\\":0'),
    objects: ["changed ConfigMap dashboard-overview"],
    pods: [],
  },
  {
    name: "the dashboard as it was",
    make: ({ environment }) => environment.write(),
    objects: ["changed ConfigMap dashboard-overview"],
    pods: [],
  },
  {
    name: "another image (the same under a new tag)",
    make: async (stage) => {
      const { environment } = stage;
      const next = nextTag(String(environment.get(["images", "webapp"]) ?? IMAGES.webapp));
      const inDocker = (image: string) => `docker.io/library/${image}`;
      await stage.inNode(`ctr --namespace k8s.io images tag --force ${inDocker(IMAGES.webapp)} ${inDocker(next)}`);
      await environment.set(["images", "webapp"], next);
    },
    objects: [],
    pods: ["webapp: 3 new, 3 gone"],
  },
];

const step = ({ name, make, objects, pods }: Change): Step => ({
  name: `change: ${name}`,
  expects: `${pods.length > 0 ? `these pods and no others: ${pods.join("; ")}` : "no pod changes"}; no request is lost`,
  run: (stage) =>
    withoutLoss(stage, async () => {
      const before = await stage.pods();
      await make(stage);
      const changed = await apply(stage);
      if (objects.length > 0) expect("changed objects", changed, objects);
      expect("pods", changes(before, await stage.pods()), pods);
      return `${changed.join(", ")}; pods: ${pods.join(", ") || "none"}`;
    }),
});

export const CHANGED: readonly Step[] = CHANGES.map(step);

/** More for a pod than the node has left beside those that run. */
const TOO_LARGE = { memory: "400Mi", memoryLimit: "400Mi" };
const MACHINE = ["machine", "memory"];

export const NO_ROOM: Step = {
  name: "an update that the node has no room for",
  expects: "its pod stays Pending, `status` tells why, the pods that run go on; no request is lost",
  run: (stage) =>
    withoutLoss(stage, async () => {
      const before = await stage.pods();
      const pending = async () => (await stage.everyPod()).filter(({ uid }) => !before.some((pod) => pod.uid === uid));
      const machine = stage.environment.get(MACHINE);
      await stage.environment.set(MACHINE, "4Gi"); // the environment says of its machine what is not so; else synth would refuse
      await stage.environment.set(["resources", "webapp"], TOO_LARGE);
      await stage.must("apply");
      const told = await until("`status` tells that memory is missing", 60, async () => {
        const { stdout } = await stage.cloudnova("status");
        return stdout.split("\n").find((text) => /no node has enough free memory/.test(text));
      });
      expect("new pods that run", (await pending()).filter(({ ready }) => ready).length, 0);
      await stage.environment.unset(["resources", "webapp"]);
      await stage.environment.set(MACHINE, machine);
      await apply(stage);
      expect("pods", changes(before, await stage.pods()), []);
      return told.trim();
    }),
};

export const RULE_IS_LIVE: Step = {
  name: "the changed rule is in force",
  expects: "Prometheus has read it by itself, without a restart",
  run: async (stage) => {
    await until("Prometheus reads the rule", 180, async () => {
      const { groups } = (await stage.prometheus("rules")) as { groups: { rules: { name: string; query: string }[] }[] };
      const rule = groups.flatMap(({ rules }) => rules).find(({ name }) => name === "HighCPUUsage");
      return rule?.query.endsWith(`> ${THRESHOLD}`) || undefined;
    });
    return `HighCPUUsage above ${THRESHOLD} %`;
  },
};
