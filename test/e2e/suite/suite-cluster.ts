import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { connectDocker } from "../../../tools/cluster/docker.ts";
import { deleteCluster } from "../../../tools/cluster/kind-program.ts";
import { output, run } from "../../../tools/common/run.ts";
import { ensure } from "../../../tools/toolchain/ensure.ts";

/** Which of several suites this is, 0 to 9: those with other numbers run beside it on the same Docker. */
export const SUITE = Number(/^[0-9]$/.exec(process.env.CLOUDNOVA_E2E_SUITE ?? "0")?.[0] ?? Number.NaN);
if (Number.isNaN(SUITE)) throw new Error("CLOUDNOVA_E2E_SUITE is not a digit: it numbers suites that run beside each other");

/** The suite's cluster, never a developer's: the suite deletes it. */
export const CLUSTER = SUITE === 0 ? "cloudnova-e2e" : `cloudnova-e2e-${SUITE}`;
/** The container of its one node. */
export const NODE = `${CLUSTER}-control-plane`;

/** The node's memory limit in MiB: a machine of 2 GiB less its kernel and Ubuntu. */
export const MEMORY_MIB = 1700;
/** Kept for kubelet, containerd and systemd, in MiB (docs/footprint.md): pods may not take it. */
const HOST_RESERVE = 150;

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/**
 * Settings of the kubelet. It reads the machine's memory, not the container's, so what the node may not use is reserved: then it
 * offers pods what a machine of 2 GiB would. k3s sets these thresholds of eviction, and no other (pkg/daemons/agent/agent.go).
 */
const kubeletOf = (memory: number) => ({
  kind: "KubeletConfiguration",
  systemReserved: { memory: `${mebibytes(totalmem()) - memory + HOST_RESERVE}Mi` },
  evictionHard: { "imagefs.available": "5%", "nodefs.available": "5%" },
  evictionMinimumReclaim: { "imagefs.available": "10%", "nodefs.available": "10%" },
});

/** How a cluster of the suite differs from that of one small machine. */
export interface Shape {
  /** Memory of the control plane's node, MiB. @default MEMORY_MIB */
  readonly memory?: number;
  /** Settings of the kubelets beside the suite's own. */
  readonly kubelet?: object;
  /** Nodes beside the control plane's. @default none */
  readonly workers?: number;
  /** A folder of this machine that is the control plane's /var: images, volumes, logs. @default Docker's own */
  readonly disk?: string;
}

/** A kind cluster whose node's container has the memory of a small machine. */
export class KindCluster {
  private constructor(
    /** kind's name of it; its context is this with `kind-` before it. */
    readonly name: string,
    /** What the command line and kind read. */
    readonly env: Readonly<Record<string, string>>,
    /** Path of kubectl. */
    readonly kubectlProgram: string,
    /** Of the node's memory, MiB. */
    private readonly limitMib: number,
  ) {}

  /**
   * @param folder for the files of this run: kubeconfig, kind's configuration
   * @param name of the cluster, which is deleted and made by this run
   */
  static async at(
    folder: string,
    name: string = CLUSTER,
    { kubelet, workers = 0, disk, memory = MEMORY_MIB }: Shape = {},
  ): Promise<KindCluster> {
    mkdirSync(folder, { recursive: true });
    const configuration = join(folder, "kind.yaml");
    const { nodes, ...cluster } = parse(readFileSync("kind.yaml", "utf8"));
    // Workers take their kubelet's settings from the cluster, which the control plane's are written into.
    const extraMounts = disk === undefined ? [] : [{ hostPath: disk, containerPath: "/var" }];
    const kubeadmConfigPatches = [JSON.stringify({ ...kubeletOf(memory), ...kubelet })];
    const patched = nodes.map((node: object) => ({ ...node, kubeadmConfigPatches, extraMounts }));
    const others = Array.from({ length: workers }, () => ({ role: "worker" }));
    writeFileSync(configuration, JSON.stringify({ ...cluster, nodes: [...patched, ...others] }));
    const env = {
      ...(await connectDocker()),
      KIND_CLUSTER_NAME: name,
      CLOUDNOVA_KIND_CONFIG: configuration,
      CLOUDNOVA_STATE: join(folder, "state"),
      KUBECONFIG: join(folder, "kubeconfig"),
    };
    return new KindCluster(name, env, join(await ensure("kubernetes", ["kubectl"]), "kubectl"), memory);
  }

  /** The container of its control plane. */
  get node(): string {
    return `${this.name}-control-plane`;
  }

  /** Deletes the cluster with its volumes; nothing happens when there is none. */
  async delete(): Promise<void> {
    await deleteCluster(this.name, this.env);
    rmSync(this.env.KUBECONFIG ?? "", { force: true });
  }

  /** A command of Docker. @throws Error with its words */
  docker(...args: readonly string[]): Promise<string> {
    return output("docker", args, { env: this.env });
  }

  /** Runs `work`, which makes the cluster. The node's memory is limited from its first moment on, its control plane included, without swap. */
  async limited<T>(work: () => Promise<T>): Promise<T> {
    const ended = new AbortController();
    const limit = this.limitMemory(ended.signal);
    try {
      return await work();
    } finally {
      ended.abort();
      await limit;
    }
  }

  private async limitMemory(signal: AbortSignal): Promise<void> {
    const limit = `${this.limitMib}m`;
    while (!signal.aborted) {
      const { status } = await run("docker", ["update", "--memory", limit, "--memory-swap", limit, this.node], { env: this.env });
      if (status === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Runs a script in a node, as root beside its systemd. @param node @default the control plane @throws Error with its words */
  async inNode(script: string, input = "", node = this.node): Promise<string> {
    const args = ["exec", "--interactive", node, "bash", "-c", script];
    const { status, stdout, words } = await run("docker", args, { env: this.env, input });
    if (status !== 0) throw new Error(`in ${node}, ${script.split("\n")[0]}: ended with ${status}: ${words}`);
    return stdout;
  }

  /** kubectl, as an administrator would use it beside. */
  kubectl(...args: readonly string[]): Promise<string> {
    return output(this.kubectlProgram, ["--kubeconfig", this.env.KUBECONFIG ?? "", ...args]);
  }

  /** Processor time that the whole node has used since it started, in seconds. */
  async processorSeconds(): Promise<number> {
    const text = await this.inNode("cat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null || cat /sys/fs/cgroup/cpu.stat");
    const v2 = /^usage_usec (\d+)$/m.exec(text)?.[1];
    return v2 ? Number(v2) / 1e6 : Number(text) / 1e9;
  }

  /** Memory of the node and of each pod, as the kernel counts it. */
  async memory(): Promise<NodeMemory> {
    const raw = await this.kubectl("get", "--raw", `/api/v1/nodes/${this.node}/proxy/stats/summary`);
    const { pods }: { pods: Summary[] } = JSON.parse(raw);
    const v1 = "cat /sys/fs/cgroup/memory/memory.usage_in_bytes /sys/fs/cgroup/memory/memory.stat";
    const text = await this.inNode(`${v1} 2>/dev/null || cat /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory.stat`);
    const sorted = pods
      .map(({ podRef: { namespace, name }, memory }) => [`${namespace}/${name}`, memory] as const)
      .map(
        ([name, memory]) =>
          [name, { workingSet: mebibytes(memory?.workingSetBytes ?? 0), anonymous: mebibytes(memory?.rssBytes ?? 0) }] as const,
      )
      .sort(([, a], [, b]) => b.workingSet - a.workingSet);
    return { node: memoryOf(text), pods: Object.fromEntries(sorted) };
  }
}

/** Memory in MiB. */
export interface Memory {
  /** What cannot be given back without swapping or reading again: what Kubernetes evicts by. */
  readonly workingSet: number;
  /** The part of it that no file backs. */
  readonly anonymous: number;
}

/** Memory of a running node. */
export interface NodeMemory {
  /** The node's container: control plane, pods, kubelet, containerd, systemd. */
  readonly node: Memory;
  /** Each pod by `namespace/name`, largest first. */
  readonly pods: Readonly<Record<string, Memory>>;
}

/** The few fields of the kubelet's summary. */
interface Summary {
  readonly podRef: { readonly namespace: string; readonly name: string };
  readonly memory?: { readonly workingSetBytes?: number; readonly rssBytes?: number };
}

/** Memory from the texts of memory.usage_in_bytes (cgroup v2: memory.current) and memory.stat, one after the other. */
export function memoryOf(text: string): Memory {
  const [usage = "", ...stat] = text.split("\n");
  // v1 counts a group without its children unless the name says total_; v2 always counts them.
  const field = (...names: string[]) =>
    Number(names.map((name) => stat.find((line) => line.startsWith(`${name} `))?.split(" ")[1]).find((value) => value !== undefined) ?? 0);
  return {
    workingSet: mebibytes(Math.max(0, Number(usage) - field("total_inactive_file", "inactive_file"))),
    anonymous: mebibytes(field("total_rss", "anon")),
  };
}
