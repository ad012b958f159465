import { type KubeObject, nameOf, type Ref, refOf } from "../objects/kube-object.ts";
import { RESTART_MANAGER } from "../objects/managers.ts";
import type { Client } from "../transport/client.ts";
import type { Discovery } from "../transport/discovery.ts";

/** What of a pod tells which build of an image it runs. */
interface ContainerStatus {
  readonly name: string;
  readonly imageID: string;
}

/**
 * Restarts the workloads whose pods run another build of an image than the nodes now have under the same name. The kubelet does not
 * replace a running container when an image is loaded again. It does what `kubectl rollout restart` does.
 *
 * @param objects the manifests
 * @param digests those of the build that the nodes have
 * @returns what was restarted
 */
export async function restartOutdated(
  client: Client,
  discovery: Discovery,
  objects: readonly KubeObject[],
  image: string,
  digests: readonly string[],
): Promise<Ref[]> {
  const restarted: Ref[] = [];
  if (digests.length === 0) return restarted;
  for (const workload of objects.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet")) {
    const containers = new Set(containersWith(workload, image));
    if (containers.size === 0) continue;
    const pods = await runningPods(client, workload);
    const ids = pods.flatMap(({ status }) => (status?.containerStatuses ?? []) as ContainerStatus[]);
    const outdated = ids.some(
      ({ name, imageID }) => containers.has(name) && imageID !== "" && !digests.some((one) => imageID.endsWith(one)),
    );
    if (!outdated) continue;
    await restart(client, await discovery.path(refOf(workload)), nameOf(refOf(workload)));
    restarted.push(refOf(workload));
  }
  return restarted;
}

const containersWith = ({ spec }: KubeObject, image: string): string[] =>
  (spec.template.spec.containers as { name: string; image: string }[]).filter((one) => one.image === image).map(({ name }) => name);

/** The pods of a workload. @param ending whether those that are being deleted count. @default false */
export async function runningPods(client: Client, workload: KubeObject, ending = false): Promise<KubeObject[]> {
  const labels = Object.entries(workload.spec.selector.matchLabels).map(([key, value]) => `${key}=${value}`);
  const path = `/api/v1/namespaces/${workload.metadata.namespace}/pods?labelSelector=${encodeURIComponent(labels.join(","))}`;
  const pods: KubeObject[] = client.expect(await client.send({ path }), nameOf(refOf(workload))).body.items;
  return pods.filter(({ metadata }) => ending || !metadata.deletionTimestamp);
}

/** Replaces a workload's pods. @param path of the workload @throws ClusterError when that is refused */
export async function restart(client: Client, path: string, name: string): Promise<void> {
  const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
  const answer = await client.send({
    method: "PATCH",
    path: `${path}?fieldManager=${RESTART_MANAGER}`,
    body: { spec: { template: { metadata: { annotations } } } },
    contentType: "application/merge-patch+json",
  });
  client.expect(answer, name);
}
