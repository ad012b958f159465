import { ApiObject, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { selector } from "./selector.ts";

export interface WorkloadServiceProps {
  /** The workload's name: of the Service too, and what selects the pods. */
  readonly name: string;
  /** Labels of the Service. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  readonly ports: readonly kplus.ServicePort[];
  /**
   * Whether its DNS name is the address of the pod itself, as a StatefulSet of one pod wants it. The pod keeps its name while it is not
   * ready: no other pod could answer.
   * @default false: it has an address of its own, for the pods that are ready
   */
  readonly headless?: boolean;
}

/** The Service of a hardened workload: its name, and a selector that does not depend on where the construct is. */
export class WorkloadService extends kplus.Service {
  constructor(scope: Construct, id: string, { name, labels, ports, headless = false }: WorkloadServiceProps) {
    super(scope, id, { metadata: { name, labels: { ...labels } }, clusterIP: headless ? "None" : undefined, ports: [...ports] });
    for (const [key, value] of Object.entries(selector(name))) this.selectLabel(key, value);
    if (headless) ApiObject.of(this).addJsonPatch(JsonPatch.add("/spec/publishNotReadyAddresses", true));
  }

  /** Does nothing: cdk8s-plus' StatefulSet would add the hash of its own path to the selector. */
  override select(): void {}
}
