import type { Target as Address } from "../cluster/transport/connection.ts";
import { kindName, type Target } from "./names.ts";
import type { Surroundings } from "./process.ts";
import { openRemote } from "./ssh.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where k3s writes the administrator's kubeconfig, for root alone. */
export const K3S_KUBECONFIG = "/etc/rancher/k3s/k3s.yaml";

/** The kubeconfig's file and context by which a target is reached, whether it is there or not. */
export function addressOf({ name, context, kubeconfig, ssh }: Target, env: Env): Address {
  if (ssh) return { context: ssh.destination };
  if (name === "kind") return { context: `kind-${kindName(env)}` };
  if (name === "k3s") return { context: "default", kubeconfig: env.K3S_KUBECONFIG_OUTPUT || K3S_KUBECONFIG };
  return { context, kubeconfig };
}

/** The same, with what a connection needs: for a server, its kubeconfig. @throws ClusterError when ssh does not reach it, Interrupted */
export const reach = async (around: Surroundings, target: Target): Promise<Address> =>
  target.ssh ? (await openRemote(around, target.ssh)).cluster() : addressOf(target, around.env);
