import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { selector } from "../src/constructs/index.ts";
import { type Identity, labels } from "../src/labels.ts";

/**
 * An L1 object: cdk8s-plus-27 has no PodDisruptionBudget. A maximum of one unavailable pod lets `kubectl drain` evict the only replica too;
 * a pod that is not ready serves nobody, so its eviction is never refused (Kubernetes' default refuses it while others are missing).
 */
export class DisruptionBudget extends kplus.k8s.KubePodDisruptionBudget {
  constructor(scope: Construct, id: string, identity: Identity) {
    super(scope, id, {
      metadata: { name: identity.name, labels: labels(identity) },
      spec: {
        maxUnavailable: kplus.k8s.IntOrString.fromNumber(1),
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: selector(identity.name) },
      },
    });
  }
}
