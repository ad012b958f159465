import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { selector } from "./selector.ts";

export interface DisruptionBudgetProps {
  /** The workload's name: of the budget too, and what selects the pods. */
  readonly name: string;
  /** Labels of the budget. @default none */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * An L1 object: cdk8s-plus-27 has no PodDisruptionBudget. A maximum of one unavailable pod lets `kubectl drain` evict the only replica too;
 * a pod that is not ready serves no requests, so its eviction is never refused (Kubernetes' default refuses it while others are missing).
 */
export class DisruptionBudget extends kplus.k8s.KubePodDisruptionBudget {
  constructor(scope: Construct, id: string, { name, labels }: DisruptionBudgetProps) {
    super(scope, id, {
      metadata: { name, labels: { ...labels } },
      spec: {
        maxUnavailable: kplus.k8s.IntOrString.fromNumber(1),
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: selector(name) },
      },
    });
  }
}
