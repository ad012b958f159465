import { ApiObject, Chart } from "cdk8s";
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
    this.refuseTokens(namespace, [namespace, ...applications.map((one) => one.namespace)]);
  }

  /**
   * Refuses Secrets into which the API server would write a token (kubernetes.io, "Service account token Secrets"), when an account of these
   * namespaces creates them. RBAC cannot tell types of Secrets apart: whoever may create one could get the rights of every other account.
   */
  private refuseTokens(namespace: string, namespaces: readonly string[]): void {
    const name = `${namespace}-token-secrets`;
    const metadata = { name, labels: labels({ name: "token-secrets", component: "network" }) };
    const groups = namespaces.map((one) => `'system:serviceaccounts:${one}'`).join(", ");
    const type = "kubernetes.io/service-account-token";
    const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["secrets"], scope: "*" }];
    // cdk8s-plus-27 knows Kubernetes 1.27, in which these kinds were not stable yet.
    const group = "admissionregistration.k8s.io/v1";
    new ApiObject(this, "token-secrets", {
      apiVersion: group,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: { resourceRules: rules },
        matchConditions: [{ name: "own-accounts", expression: `request.userInfo.groups.exists(one, one in [${groups}])` }],
        validations: [{ expression: `!has(object.type) || object.type != '${type}'`, message: `Secrets of the type ${type} are refused` }],
      },
    });
    new ApiObject(this, "token-secrets-binding", {
      apiVersion: group,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: name, validationActions: ["Deny"] },
    });
  }

  private add(id: string, name: string, level: Level): void {
    const security = Object.fromEntries(["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, level]));
    new kplus.Namespace(this, id, {
      metadata: { name, labels: { ...labels({ name, component: "network" }), ...security }, annotations: { ...NEVER_PRUNED } },
    });
  }
}
