import type { Answer, Client } from "./client.ts";
import { type ForwardTarget, pickReady } from "./forward.ts";

/**
 * Has the kubelet look now at the ConfigMaps and Secrets of a component's pods that are ready. By itself it looks once in a minute or two, and
 * at once when a pod's annotations change (kubernetes.io, "Configure a Pod to Use a ConfigMap").
 *
 * @param annotation with another value each time @param manager that owns it. @default the client's own name
 * @returns what the API server answered for each pod @throws ClusterError when none is ready
 */
export async function nudge(
  client: Client,
  target: Omit<ForwardTarget, "target">,
  annotation: Readonly<Record<string, string>>,
  manager?: string,
): Promise<Answer[]> {
  const { namespace } = target;
  const query = manager === undefined ? "" : `?fieldManager=${manager}`;
  const body = { metadata: { annotations: annotation } };
  const answers: Answer[] = [];
  for (const { metadata } of await pickReady(client, { ...target, target: 0 })) {
    const path = `/api/v1/namespaces/${namespace}/pods/${metadata.name}${query}`;
    answers.push(await client.send({ method: "PATCH", path, body, contentType: "application/merge-patch+json" }));
  }
  return answers;
}
