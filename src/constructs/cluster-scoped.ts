import { ApiObject, JsonPatch } from "cdk8s";
import type { IConstruct } from "constructs";

/** Removes the namespace that a chart gives to all of its objects: a ClusterRole or an IngressClass has none. */
export function clusterScoped(construct: IConstruct): void {
  ApiObject.of(construct).addJsonPatch(JsonPatch.remove("/metadata/namespace"));
}
