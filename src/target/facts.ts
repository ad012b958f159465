import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { KIND_CLUSTER } from "./names.ts";
import { K3S_KUBECONFIG } from "./place.ts";
import { type Ended, run, type Surroundings } from "./run.ts";

/** What `npm run node -- status --output json` tells of the single node; see node/machine/status.ts. */
export interface NodeFacts {
  readonly state: "running" | "stopped" | "absent";
  /** Why this machine can have no such node. */
  readonly lacks?: string;
  /** Programs that must be built first, and how long that takes on two idle cores, in minutes. */
  readonly toBuild: readonly string[];
  readonly minutes: number;
}

/** What this machine has: all that the choice of a target hangs on. */
export interface Facts {
  /** A container engine whose daemon answers. */
  readonly docker: boolean;
  readonly podman: boolean;
  readonly buildah: boolean;
  /** Whether the program kind is installed. */
  readonly kind: boolean;
  /** Whether kind has its cluster `cloudnova`, running or stopped. */
  readonly kindCluster: boolean;
  /** `installable`: Linux with an init system that k3s' installer knows, as root. */
  readonly k3s: "installed" | "installable" | "impossible";
  readonly node: NodeFacts;
}

/** The program of the single node, beside the bundle that runs. */
export const nodeProgram = (): string => join(dirname(process.argv[1] ?? ""), "node", "main.mjs");

/** Looks at this machine without changing anything; a third of a second. */
export async function lookAround(around: Surroundings): Promise<Facts> {
  const works = async (program: string, ...args: string[]) => (await run(around, program, args)).status === 0;
  const [docker, podman, buildah, kind, clusters, k3s, node] = await Promise.all([
    works("docker", "version", "--format", "{{.Server.Version}}"), // the client alone is on many machines
    works("podman", "version"),
    works("buildah", "version"),
    works("kind", "version"),
    run(around, "kind", ["get", "clusters"]),
    works("k3s", "--version"),
    run(around, process.execPath, [nodeProgram(), "--output", "json", "status"]),
  ]);
  return {
    docker,
    podman,
    buildah,
    kind,
    kindCluster: clusters.status === 0 && clusters.stdout.split(/\s+/).includes(KIND_CLUSTER),
    k3s: k3s || existsSync(around.env.K3S_KUBECONFIG_OUTPUT || K3S_KUBECONFIG) ? "installed" : installable(),
    node: nodeFacts(node),
  };
}

/** The init systems are those that the installer of k3s looks for. */
function installable(): "installable" | "impossible" {
  const init = existsSync("/run/systemd/system") || existsSync("/sbin/openrc-run");
  return process.platform === "linux" && process.getuid?.() === 0 && init ? "installable" : "impossible";
}

function nodeFacts({ stdout, words }: Ended): NodeFacts {
  try {
    const { state, lacks, toBuild = [], minutes = 0 } = JSON.parse(stdout);
    return { state, toBuild, minutes, ...(lacks ? { lacks } : {}) };
  } catch {
    return { state: "absent", toBuild: [], minutes: 0, lacks: words };
  }
}
