import type { Target as Address } from "../cluster/transport/connection.ts";
import { kindName, type Target } from "./names.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where k3s writes the administrator's kubeconfig, for root alone. */
export const K3S_KUBECONFIG = "/etc/rancher/k3s/k3s.yaml";

/** The kubeconfig's file and context by which a target is reached, whether it is there or not. */
export function addressOf({ name, context, kubeconfig }: Target, env: Env): Address {
  if (name === "kind") return { context: `kind-${kindName(env)}` };
  if (name === "k3s") return { context: "default", kubeconfig: env.K3S_KUBECONFIG_OUTPUT || K3S_KUBECONFIG };
  return { context, kubeconfig };
}
