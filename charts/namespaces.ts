import { Chart } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { NEVER_PRUNED } from "../src/constructs/index.ts";
import { labels } from "../src/labels.ts";

/** Pod Security's levels (kubernetes.io, "Pod Security Standards"). */
type Level = "restricted" | "baseline" | "privileged";

export interface NamespacesProps {
  /** Namespace of everything but node-exporter. */
  readonly namespace: string;
  /** Namespace of node-exporter, which alone needs the host's folders and network. */
  readonly hostNamespace: string;
  /** The user's applications: each has a namespace of its own. */
  readonly applications: readonly { readonly namespace: string; readonly podSecurity: "restricted" | "baseline" }[];
}

/** The environment's own namespace, which enforces *restricted*, one for the single pod that cannot be, and one for each application. */
export class NamespacesChart extends Chart {
  constructor(scope: Construct, id: string, { namespace, hostNamespace, applications }: NamespacesProps) {
    super(scope, id);
    this.add("own", namespace, "restricted");
    this.add("host", hostNamespace, "privileged");
    for (const [index, one] of applications.entries()) this.add(`application-${index}`, one.namespace, one.podSecurity);
  }

  private add(id: string, name: string, level: Level): void {
    const security = Object.fromEntries(["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, level]));
    new kplus.Namespace(this, id, {
      metadata: { name, labels: { ...labels({ name, component: "network" }), ...security }, annotations: { ...NEVER_PRUNED } },
    });
  }
}
