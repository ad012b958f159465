import { ApiObject, type App, JsonPatch } from "cdk8s";
import type { Cluster } from "../../src/config/clusters.ts";

/** What every cluster has. The kubelet evicts no pod of it, for whatever reason. */
const NEVER_EVICTED = "system-cluster-critical";

/**
 * MySQL, and what notices and reports a full disk. None of them fills it: MySQL's guard refuses writes, Prometheus has its limit. The
 * applications and Traefik are left out: their new pods, which start before the old ones end, would push others off a node without room.
 */
const KEPT = ["StatefulSet mysql", "StatefulSet prometheus", "StatefulSet alertmanager", "DaemonSet node-exporter"];

/**
 * Keeps the kubelet of a nearly full disk from evicting the database and the alerts. Without it everything was gone 17 s after the disk
 * had passed the threshold, and nothing was left to say so. For volumes that are folders of the node's disk; elsewhere
 * MySQL's volume fills without the node's, and some clusters allow this class in kube-system alone.
 */
export function keepFromEviction(app: App, { localVolumes }: Pick<Cluster, "localVolumes">): void {
  if (!localVolumes) return;
  const objects = app.node.findAll().filter((one) => ApiObject.isApiObject(one));
  for (const object of objects) {
    if (KEPT.includes(`${object.kind} ${object.metadata.name}`))
      object.addJsonPatch(JsonPatch.add("/spec/template/spec/priorityClassName", NEVER_EVICTED));
  }
}
