import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { memoryCgroup } from "./cgroups.ts";

/** Memory of one group of processes, in MiB. */
export interface Memory {
  /** What it cannot do without: usage less file pages that were not used lately, as the kubelet counts. */
  readonly workingSet: number;
  /** Anonymous memory: heaps and stacks, without any file page. */
  readonly anonymous: number;
}

/** The memory of the node. */
export interface NodeMemory {
  readonly node: Memory;
  readonly limit: number;
  /** kubelet, containerd with one shim for each pod, and the forwarder. */
  readonly host: Memory;
  /** By `namespace/pod`. */
  readonly pods: Readonly<Record<string, Memory>>;
  /** OOM kills on this machine since it started, by anybody: a difference says something, the number alone does not. */
  readonly oomKills: number;
}

/** A pod as the API server lists it. */
export interface ListedPod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly qosClass?: string };
}

/**
 * Reads the memory of the running node and of each pod from the kernel.
 *
 * @throws Error when the node has no memory cgroup
 */
export function nodeMemory(pods: readonly ListedPod[]): NodeMemory {
  const folder = memoryCgroup();
  if (!folder) throw new Error("the node has no memory cgroup: it does not run");
  const found = pods.flatMap((pod) => {
    const own = join(folder, podFolder(pod));
    return existsSync(own) ? [[`${pod.metadata.namespace}/${pod.metadata.name}`, memoryIn(own)] as const] : [];
  });
  const limit = ["memory.limit_in_bytes", "memory.max"].map((name) => join(folder, name)).find((path) => existsSync(path));
  return {
    node: memoryIn(folder),
    limit: limit ? mebibytes(Number(readFileSync(limit, "utf8"))) : Number.NaN,
    host: memoryIn(join(folder, "host")),
    pods: Object.fromEntries(found.sort(([, a], [, b]) => b.workingSet - a.workingSet)),
    oomKills: Number(/^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "utf8"))?.[1] ?? Number.NaN),
  };
}

/** The pod's cgroup below the node's. A static pod is known to the kubelet by the hash of its file. */
export function podFolder({ metadata, status }: ListedPod): string {
  const id = metadata.annotations?.["kubernetes.io/config.hash"] ?? metadata.uid;
  const quality = status?.qosClass === "Guaranteed" ? [] : [(status?.qosClass ?? "BestEffort").toLowerCase()];
  return join("kubepods", ...quality, `pod${id}`);
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/** Reads one cgroup, of version 1 or 2. */
function memoryIn(folder: string): Memory {
  const v1 = existsSync(join(folder, "memory.usage_in_bytes"));
  return memoryOf(
    readFileSync(join(folder, v1 ? "memory.usage_in_bytes" : "memory.current"), "utf8"),
    readFileSync(join(folder, "memory.stat"), "utf8"),
  );
}

/** Memory from the texts of memory.usage_in_bytes (v2: memory.current) and memory.stat. */
export function memoryOf(usage: string, stat: string): Memory {
  // v1 counts a group without its children unless the name says total_; v2 always counts them.
  const field = (...names: string[]) => Number(names.map((name) => new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1]).find(Boolean) ?? 0);
  return {
    workingSet: mebibytes(Math.max(0, Number(usage) - field("total_inactive_file", "inactive_file"))),
    anonymous: mebibytes(field("total_rss", "anon")),
  };
}
