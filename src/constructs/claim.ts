import { ApiObject, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { type Identity, labels } from "../labels.ts";

/**
 * A volume claim named after its component, mountable as `volume`. An object of its own and not a StatefulSet's template:
 * templates are immutable, and this one can grow.
 * @param size such as `4Gi`; cdk8s-plus takes whole GiB only, so it is set as written
 */
export function claimedVolume(scope: Construct, identity: Identity, size: string): kplus.Volume {
  const claim = new kplus.PersistentVolumeClaim(scope, "data", {
    metadata: { name: `${identity.name}-data`, labels: labels(identity) },
    accessModes: [kplus.PersistentVolumeAccessMode.READ_WRITE_ONCE],
  });
  ApiObject.of(claim).addJsonPatch(JsonPatch.add("/spec/resources", { requests: { storage: kplus.k8s.Quantity.fromString(size) } }));
  return kplus.Volume.fromPersistentVolumeClaim(scope, "data-volume", claim, { name: "data" });
}
