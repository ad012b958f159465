import { type ApiObject, JsonPatch } from "cdk8s";

/** Takes away the namespace that a chart gives to all of its objects: a ClusterRole or an IngressClass has none. */
export function clusterScoped(object: ApiObject): void {
  object.addJsonPatch(JsonPatch.remove("/metadata/namespace"));
}
