import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Autoscaling } from "../../src/config/sample.ts";
import { type Identity, labels } from "../../src/labels.ts";

/** Sets a Deployment's replicas by its use of CPU. @param minReplicas the lower bound */
export function autoscaler(
  scope: Construct,
  target: kplus.Deployment,
  identity: Identity,
  minReplicas: number,
  { maxReplicas, cpu }: Autoscaling,
): void {
  new kplus.HorizontalPodAutoscaler(scope, "autoscaler", {
    metadata: { name: identity.name, labels: labels(identity) },
    target,
    minReplicas,
    maxReplicas,
    metrics: [kplus.Metric.resourceCpu(kplus.MetricTarget.averageUtilization(cpu))],
  });
}
