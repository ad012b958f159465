import { ApiObject, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { Construct } from "constructs";

/** Makes Argo CD and Flux keep an object that left the manifests: what holds data, and what holds that. */
export const NEVER_PRUNED = {
  "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
  // Without it, an Application that has kept one calls itself OutOfSync from then on, and syncs again and again.
  "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
  "kustomize.toolkit.fluxcd.io/prune": "disabled",
} as const;

export interface DataVolumeProps {
  /** The workload's name: the claim's is `NAME-PURPOSE`. */
  readonly name: string;
  /** What the volume is for. @default data */
  readonly purpose?: string;
  /** Labels of the claim. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Size such as `4Gi`. */
  readonly size: string;
}

/**
 * A volume that outlives its pod, and its claim. The claim is an object of its own and not a StatefulSet's template: templates are
 * immutable, and this one can grow where the storage class allows it (local-path, of k3s and kind, does not). GitOps never prunes it:
 * with local-path's reclaim policy the data would be deleted at once.
 */
export class DataVolume extends Construct {
  /** The volume, to be mounted. */
  readonly volume: kplus.Volume;

  constructor(scope: Construct, id: string, { name, purpose = "data", labels, size }: DataVolumeProps) {
    super(scope, id);
    const claim = new kplus.PersistentVolumeClaim(this, "claim", {
      metadata: { name: `${name}-${purpose}`, labels: { ...labels }, annotations: { ...NEVER_PRUNED } },
      accessModes: [kplus.PersistentVolumeAccessMode.READ_WRITE_ONCE],
    });
    // cdk8s-plus takes whole GiB only.
    ApiObject.of(claim).addJsonPatch(JsonPatch.add("/spec/resources", { requests: { storage: kplus.k8s.Quantity.fromString(size) } }));
    this.volume = kplus.Volume.fromPersistentVolumeClaim(this, "volume", claim, { name: purpose });
  }
}
