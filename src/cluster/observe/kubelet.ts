import { cluster as words } from "../../messages/cluster.ts";
import type { Client } from "../transport/client.ts";

/** The part of a kubelet's /stats/summary that is read here. */
export interface Summary {
  readonly pods?: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers?: readonly { readonly name: string; readonly memory?: { readonly workingSetBytes?: number } }[];
  }[];
}

/** Working sets by `pod/container`, in bytes; a container that the kubelet has not measured yet is not among them. */
export function workingSetsIn(summaries: readonly Summary[], namespaces: readonly string[]): Map<string, number> {
  const pods = summaries.flatMap(({ pods = [] }) => pods).filter(({ podRef }) => namespaces.includes(podRef.namespace));
  const measured = new Map<string, number>();
  for (const { podRef, containers = [] } of pods)
    for (const { name, memory } of containers)
      if (memory?.workingSetBytes !== undefined) measured.set(`${podRef.name}/${name}`, memory.workingSetBytes);
  return measured;
}

/** Asks each node's kubelet, through the API server: some 10 s after a container's start it knows what that takes. */
export async function workingSets(client: Client, nodes: readonly string[], namespaces: readonly string[]): Promise<Map<string, number>> {
  const of = async (node: string): Promise<Summary> => {
    const path = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/stats/summary?only_cpu_and_memory=true`;
    return client.expect(await client.send({ path }), words.figures(node)).body;
  };
  return workingSetsIn(await Promise.all(nodes.map(of)), namespaces);
}
