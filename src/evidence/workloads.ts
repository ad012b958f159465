import type { KubeObject } from "../cluster/objects/kube-object.ts";
import { amount } from "../cluster/objects/quantity.ts";
import type { PrometheusApi, Sample } from "../monitoring/prometheus-api.ts";
import type { Pod, Version } from "./model.ts";

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: { readonly waiting?: { readonly reason?: string }; readonly terminated?: { readonly reason?: string } };
}

/** A pod's state in kubectl's words. */
function statusOf({ metadata, status }: KubeObject): string {
  if (metadata.deletionTimestamp) return "Terminating";
  const containers: ContainerStatus[] = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waiting = containers.map(({ state }) => state?.waiting?.reason).find(Boolean);
  if (waiting && waiting !== "PodInitializing") return waiting;
  if (status?.phase === "Succeeded") return "Completed";
  return status?.reason ?? status?.phase ?? "Unknown";
}

const sum = (values: readonly number[]): number | undefined => (values.length > 0 ? values.reduce((one, other) => one + other) : undefined);

/** Pods as a table shows them; `memory` is the working set by pod, as `podMemory` reads it. */
export function podTable(pods: readonly KubeObject[], memory: readonly Sample[]): Pod[] {
  return pods.map((pod) => {
    const { metadata, spec, status } = pod;
    const own: ContainerStatus[] = status?.containerStatuses ?? [];
    const containers: { resources?: { requests?: { memory?: string } } }[] = spec.containers ?? [];
    const state = statusOf(pod);
    const ready = own.filter((one) => one.ready).length;
    return {
      namespace: metadata.namespace ?? "",
      name: metadata.name,
      node: spec.nodeName ?? "",
      status: state,
      well: state === "Completed" || (state === "Running" && ready === containers.length),
      ready: `${ready}/${containers.length}`,
      restarts: own.reduce((count, { restartCount }) => count + restartCount, 0),
      memory: memory.find(({ labels }) => labels.namespace === metadata.namespace && labels.pod === metadata.name)?.value,
      request: sum(containers.flatMap(({ resources }) => (resources?.requests?.memory ? [amount(resources.requests.memory)] : []))),
    };
  });
}

/** The working set of each pod, summed over its containers. */
export const podMemory = (server: PrometheusApi, at: Date): Promise<Sample[]> =>
  server.newest('sum by(namespace, pod) (container_memory_working_set_bytes{container!=""})', at);

interface NodeInfo {
  readonly kubeletVersion: string;
  readonly osImage: string;
  readonly kernelVersion: string;
  readonly containerRuntimeVersion: string;
  readonly architecture: string;
}

/** What the cluster itself runs on. */
export function nodeVersions(version: string, nodes: readonly KubeObject[]): Version[] {
  const each = nodes.flatMap(({ metadata, status }) => {
    const info = status?.nodeInfo as NodeInfo;
    const words = [info.osImage, info.kernelVersion, info.containerRuntimeVersion, `kubelet ${info.kubeletVersion}`, info.architecture];
    return [{ what: `node ${metadata.name}`, version: words.join(" · ") }];
  });
  return [{ what: "Kubernetes", version }, ...each];
}

/** The images that run, each once, with the digest that the node has of it. */
export function imageVersions(pods: readonly KubeObject[]): Version[] {
  const statuses: { name: string; image: string; imageID: string }[] = pods.flatMap(({ status }) => status?.containerStatuses ?? []);
  const found = new Map(statuses.map(({ name, image, imageID }) => [`${name} ${image}`, { name, image, imageID }]));
  return [...found.values()]
    .sort((one, other) => one.name.localeCompare(other.name, "en"))
    .map(({ name, image, imageID }) => {
      const digest = /sha256:[0-9a-f]{12}/.exec(imageID)?.[0];
      return { what: name, version: digest && !image.includes(digest) ? `${image} (${digest})` : image };
    });
}
