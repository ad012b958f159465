import { ApiObject, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { selector } from "./selector.ts";

/** By what replicas spread, the widest first: zones of a cloud, then nodes. */
const TOPOLOGY = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"];

/**
 * Keeps the replicas of a Deployment apart: on different nodes where there are several and, where `zones`, in different zones before that.
 * All of it is preferred and not required: on one node they share it, and with a zone away they still start. The constraints are a patch,
 * because cdk8s-plus-27 has none. Only pods of one revision count, so that an update does not end lopsided.
 */
export function spread(workload: kplus.Deployment, name: string, zones = false): void {
  const siblings = kplus.Pods.select(workload, "siblings", { labels: selector(name) });
  // Without it replicas would not spread over nodes that have no zone: the constraints pass those over.
  workload.scheduling.separate(siblings, { weight: 100 });
  if (!zones) return;
  const constraints = TOPOLOGY.map((topologyKey) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: selector(name) },
    matchLabelKeys: ["pod-template-hash"],
  }));
  ApiObject.of(workload).addJsonPatch(JsonPatch.add("/spec/template/spec/topologySpreadConstraints", constraints));
}
