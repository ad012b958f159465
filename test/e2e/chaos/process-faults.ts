import { killInside } from "../suite/kill.ts";
import type { Stage } from "../suite/stage.ts";
import { until } from "../suite/wait.ts";
import type { Fault, Scene } from "./fault.ts";

/** Process ids in the node of the containers of a name. */
async function pidsOf(stage: Stage, container: string): Promise<string[]> {
  const ids = `crictl ps --quiet --state running --name '^${container}$'`;
  const text = await stage.inNode(`for id in $(${ids}); do crictl inspect --output go-template --template '{{.info.pid}}' $id; done`);
  return text.split("\n").filter((line) => line !== "");
}

/** One of several, decided by the seed. */
function one<T>({ random }: Scene, all: readonly T[]): T {
  const found = all[Math.floor(random() * all.length)];
  if (found === undefined) throw new Error("there is none to choose from");
  return found;
}

const POD_GONE_S = 90;

/** Deletes one of a component's pods as `kubectl delete pod` does, and waits until it is gone. */
async function deletePod(scene: Scene, component: string): Promise<void> {
  const { stage } = scene;
  const pods = (await stage.everyPod()).filter((pod) => pod.component === component && !pod.ending);
  const { name, namespace } = one(scene, pods);
  await stage.kubectl("delete", "pod", name, "--namespace", namespace, `--timeout=${POD_GONE_S}s`);
}

const podDeleted =
  (component: string): Fault["strike"] =>
  async (scene) => {
    await deletePod(scene, component);
    return undefined;
  };

/** Seconds that the node may take until its API answers after a start. */
const API_S = 180;

/** The node without a chance to end anything, as when its machine is switched off; what it had given to the kernel stays written. */
async function killNode({ stage }: Scene): Promise<undefined> {
  const { cluster } = stage;
  await cluster.docker("kill", cluster.node);
  await cluster.docker("start", cluster.node);
  await until("the API server answers", API_S, () => stage.kubectl("get", "--raw", "/readyz"));
}

/** Faults of processes, pods and the node. */
export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: "mysqld killed",
    does: "`kill -9` of the database server",
    weight: 60,
    short: 3,
    strike: async ({ stage }) => void (await stage.inNode("pkill --signal KILL --exact mysqld")),
  },
  {
    name: "the application killed in one replica",
    does: "`kill -9` of gunicorn in one pod",
    weight: 21,
    short: 1,
    strike: async (scene) => void (await scene.stage.inNode(`kill -KILL ${one(scene, await pidsOf(scene.stage, "webapp"))}`)),
  },
  {
    name: "the application killed in every replica",
    does: "`kill -9` of gunicorn in all pods at once",
    weight: 15,
    short: 1,
    strike: async ({ stage }) => void (await stage.inNode(`kill -KILL ${(await pidsOf(stage, "webapp")).join(" ")}`)),
  },
  { name: "a pod of the application deleted", does: "`kubectl delete pod`", weight: 14, short: 1, strike: podDeleted("webapp") },
  { name: "the database's pod deleted", does: "`kubectl delete pod`", weight: 12, short: 1, strike: podDeleted("mysql") },
  { name: "Traefik's pod deleted", does: "`kubectl delete pod`", weight: 11, short: 1, strike: podDeleted("traefik") },
  {
    name: "kubelet killed",
    does: "`kill -9` of the kubelet",
    weight: 16,
    short: 1,
    strike: async ({ stage }) => void (await killInside(stage, "kubelet")),
  },
  {
    name: "containerd killed",
    does: "`kill -9` of containerd",
    weight: 16,
    short: 1,
    strike: async ({ stage }) => void (await killInside(stage, "containerd")),
  },
  { name: "the node killed", does: "`docker kill` and `docker start`: every process at once", weight: 4, strike: killNode },
];
