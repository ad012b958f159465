import type { Target as Address } from "../cluster/connection.ts";
import { ClusterError } from "../cluster/errors.ts";
import { target as say } from "../messages/target.ts";
import { KIND_CLUSTER, type Target } from "./names.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Name of the single node that `node/` runs, of its container, its cgroup and its folder: `$CLOUDNOVA_NODE`, so that a second
 * node (the tests') never touches the first. @default cloudnova-node
 *
 * @throws ClusterError when the name could not be a host's and a folder's
 */
export function nodeName(name = "cloudnova-node"): string {
  if (/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) return name;
  throw new ClusterError(say.badNode(name));
}

/** Folder of everything that a node keeps on the machine. */
export const nodeHome = (name: string): string => `/var/lib/${name}`;

/** The administrator's kubeconfig of a node. */
export const nodeKubeconfig = (name: string): string => `${nodeHome(name)}/kubeconfig`;

/** Where k3s writes the administrator's kubeconfig, for root alone. */
export const K3S_KUBECONFIG = "/etc/rancher/k3s/k3s.yaml";

/** The kubeconfig's file and context by which a target is reached, whether it is there or not. */
export function addressOf({ name, context, kubeconfig }: Target, env: Env): Address {
  if (name === "kind") return { context: `kind-${KIND_CLUSTER}` };
  if (name === "k3s") return { context: "default", kubeconfig: env.K3S_KUBECONFIG_OUTPUT || K3S_KUBECONFIG };
  if (name === "node") return { kubeconfig: nodeKubeconfig(nodeName(env.CLOUDNOVA_NODE || undefined)) };
  return { context, kubeconfig };
}
