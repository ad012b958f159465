import { FLUX_RECONCILES, REPLICAS_MANAGER } from "../objects/managers.ts";
import type { Client } from "./client.ts";

/** A workload whose pods can be counted. */
export interface Scalable {
  readonly kind: "Deployment" | "StatefulSet";
  readonly namespace: string;
  readonly name: string;
}

/** Path of a workload. */
export const pathOfScalable = ({ kind, namespace, name }: Scalable): string =>
  `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;

/**
 * Sets how many pods a workload has, under a field manager of its own, which the next apply overrules. Not by its scale subresource: that
 * writes no field for 0, so the API server records no owner, and Argo CD, told to leave our managers' fields alone, would set it back.
 * For Flux the object is annotated; the annotation goes when REPLICAS_MANAGER sets the replicas back.
 *
 * @throws ClusterError when the server refuses it
 */
export async function setReplicas(client: Client, workload: Scalable, replicas: number, manager: string): Promise<void> {
  const answer = await client.send({
    method: "PATCH",
    path: `${pathOfScalable(workload)}?fieldManager=${manager}`,
    body: { metadata: { annotations: { [FLUX_RECONCILES]: manager === REPLICAS_MANAGER ? null : "disabled" } }, spec: { replicas } },
    contentType: "application/merge-patch+json",
  });
  client.expect(answer, `${workload.kind} ${workload.name}`);
}
