import type { Config } from "../../config/resolve.ts";
import { cluster as words } from "../../messages/cluster.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { nodeAddresses } from "../objects/node-addresses.ts";
import type { Client } from "../transport/client.ts";

/** Traefik's Service where Traefik is ours. */
const SERVICE = "traefik";

/**
 * Where the ingress is reached: on this machine for clusters that live on it, at k3s' first node, else at the load balancer that the
 * cluster has given Traefik's Service. Before it has given one, the environment's host is the best guess.
 */
export async function ingressAddress(
  client: Pick<Client, "send" | "expect" | "find">,
  { cluster, namespace, ingress, facts }: Pick<Config, "cluster" | "namespace" | "ingress" | "facts">,
): Promise<string> {
  if (facts.loadBalancer) {
    const service = await client.find(`/api/v1/namespaces/${namespace}/services/${SERVICE}`, words.list("services"));
    const [balancer] = service?.status?.loadBalancer?.ingress ?? [];
    return balancer?.hostname ?? balancer?.ip ?? ingress.host;
  }
  if (cluster !== "k3s") return "127.0.0.1";
  const { body } = client.expect(await client.send({ path: "/api/v1/nodes" }), words.list("nodes"));
  const first: readonly KubeObject[] = body.items.slice(0, 1);
  return ["ExternalIP", "InternalIP"].flatMap((type) => first.flatMap((node) => nodeAddresses(node, type)))[0] ?? "127.0.0.1";
}
