import { existsSync } from "node:fs";
import { KIND_CLUSTER } from "./names.ts";
import { K3S_KUBECONFIG } from "./place.ts";
import { run, type Surroundings } from "./run.ts";

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
}

/** Looks at this machine without changing anything; a third of a second. */
export async function lookAround(around: Surroundings): Promise<Facts> {
  const works = async (program: string, ...args: string[]) => (await run(around, program, args)).status === 0;
  const [docker, podman, buildah, kind, clusters, k3s] = await Promise.all([
    works("docker", "version", "--format", "{{.Server.Version}}"), // the client alone is on many machines
    works("podman", "version"),
    works("buildah", "version"),
    works("kind", "version"),
    run(around, "kind", ["get", "clusters"]),
    works("k3s", "--version"),
  ]);
  return {
    docker,
    podman,
    buildah,
    kind,
    kindCluster: clusters.status === 0 && clusters.stdout.split(/\s+/).includes(KIND_CLUSTER),
    k3s: k3s || existsSync(around.env.K3S_KUBECONFIG_OUTPUT || K3S_KUBECONFIG) ? "installed" : installable(),
  };
}

/** The init systems are those that the installer of k3s looks for. */
function installable(): "installable" | "impossible" {
  const init = existsSync("/run/systemd/system") || existsSync("/sbin/openrc-run");
  return process.platform === "linux" && process.getuid?.() === 0 && init ? "installable" : "impossible";
}
