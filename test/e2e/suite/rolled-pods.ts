import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";

/** A pod of ours, as far as it tells what rolled. */
export interface Pod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly component: string;
  /** Restarts of all its containers. */
  readonly restarts: number;
  /** Names of containers that the kernel killed for their memory. */
  readonly outOfMemory: readonly string[];
  readonly ending: boolean;
  readonly ready: boolean;
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly state?: { readonly terminated?: { readonly reason?: string } };
  readonly lastState?: { readonly terminated?: { readonly reason?: string } };
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

/** What of a pod's object is looked at. */
export function podOf({ metadata, status }: KubeObject): Pod {
  const containers: ContainerStatus[] = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const killed = ({ state, lastState }: ContainerStatus) => [state, lastState].some((one) => one?.terminated?.reason === "OOMKilled");
  return {
    uid: metadata.uid ?? "",
    name: metadata.name,
    namespace: metadata.namespace ?? "",
    component: metadata.labels?.["app.kubernetes.io/name"] ?? metadata.name,
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    outOfMemory: containers.filter(killed).map(({ name }) => `${metadata.name}/${name}`),
    ending: metadata.deletionTimestamp !== undefined,
    ready: status?.conditions?.some(({ type, status: state }: Condition) => type === "Ready" && state === "True") ?? false,
  };
}

/** How often containers of pods that were there before and are there still were restarted, by component; those of which none was are left out. */
export function restarted(before: readonly Pod[], after: readonly Pod[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { uid, component, restarts } of after) {
    const more = restarts - (before.find((pod) => pod.uid === uid)?.restarts ?? restarts);
    if (more > 0) counts.set(component, (counts.get(component) ?? 0) + more);
  }
  return counts;
}

/**
 * What happened to the pods between two looks, a line for each component that changed: `webapp: 1 new, 1 gone`,
 * `mysql: 1 restarted`. Empty when nothing did.
 */
export function changes(before: readonly Pod[], after: readonly Pod[]): string[] {
  const components = [...new Set([...before, ...after].map(({ component }) => component))].sort();
  return components.flatMap((component) => {
    const own = (pods: readonly Pod[]) => pods.filter((pod) => pod.component === component);
    const [old, now] = [own(before), own(after)];
    const missing = (from: readonly Pod[], other: readonly Pod[]) => from.filter(({ uid }) => !other.some((pod) => pod.uid === uid)).length;
    const restarted = now.filter((pod) => pod.restarts > (old.find(({ uid }) => uid === pod.uid)?.restarts ?? pod.restarts)).length;
    const counts: [number, string][] = [
      [missing(now, old), "new"],
      [missing(old, now), "gone"],
      [restarted, "restarted"],
    ];
    const words = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
    return words.length > 0 ? [`${component}: ${words.join(", ")}`] : [];
  });
}
