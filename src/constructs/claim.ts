import { ApiObject, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { type Identity, labels, NEVER_PRUNED } from "../labels.ts";

/**
 * A volume claim named after its component, as a volume. An object of its own and not a StatefulSet's template: templates are
 * immutable, and this one can grow where the storage class lets it (local-path, of k3s and kind, does not). GitOps never
 * prunes it: with local-path's reclaim policy the data would be gone at once.
 * @param size such as `4Gi`; cdk8s-plus takes whole GiB only, so it is set as written
 */
export function claimedVolume(scope: Construct, identity: Identity, size: string): kplus.Volume {
  const claim = new kplus.PersistentVolumeClaim(scope, "data", {
    metadata: { name: `${identity.name}-data`, labels: labels(identity), annotations: { ...NEVER_PRUNED } },
    accessModes: [kplus.PersistentVolumeAccessMode.READ_WRITE_ONCE],
  });
  ApiObject.of(claim).addJsonPatch(JsonPatch.add("/spec/resources", { requests: { storage: kplus.k8s.Quantity.fromString(size) } }));
  return kplus.Volume.fromPersistentVolumeClaim(scope, "data-volume", claim, { name: "data" });
}
