import type { Target as Address } from "../cluster/connection.ts";
import { KIND_CLUSTER, type Target } from "./names.ts";

type Env = Readonly<Record<string, string | undefined>>;

// Only node/ uses these three; they go with it.
export const nodeName = (name = "cloudnova-node"): string => name;
export const nodeHome = (name: string): string => `/var/lib/${name}`;
export const nodeKubeconfig = (name: string): string => `${nodeHome(name)}/kubeconfig`;

/** Where k3s writes the administrator's kubeconfig, for root alone. */
export const K3S_KUBECONFIG = "/etc/rancher/k3s/k3s.yaml";

/** The kubeconfig's file and context by which a target is reached, whether it is there or not. */
export function addressOf({ name, context, kubeconfig }: Target, env: Env): Address {
  if (name === "kind") return { context: `kind-${KIND_CLUSTER}` };
  if (name === "k3s") return { context: "default", kubeconfig: env.K3S_KUBECONFIG_OUTPUT || K3S_KUBECONFIG };
  return { context, kubeconfig };
}
