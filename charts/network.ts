import { Chart } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { type Addresses, apiBlocks, type Block, nodeBlocks, outsideBlocks, publicBlocks, rangeBlock } from "../src/addresses.ts";
import { selector } from "../src/constructs/index.ts";
import { labels } from "../src/labels.ts";
import { CHALLENGE_SOLVER, type Flow, isRange, placeOf, SOLVER_LABEL } from "../src/network.ts";

export interface NetworkProps {
  readonly namespace: string;
  readonly hostNamespace: string;
  /** The components that have pods in the namespace, and NAMESPACE/NAME of those in others. */
  readonly components: readonly string[];
  /** Namespaces of applications. */
  readonly applicationNamespaces: readonly string[];
  /** Every connection that is meant to be. */
  readonly flows: readonly Flow[];
  /** Where Traefik's pods are when they are not ours. */
  readonly traefikNamespace: string;
  readonly addresses: Addresses;
}

const DENY = kplus.NetworkPolicyTrafficDefault.DENY;

/** The labels of a component's pods. */
const labelsOf = (name: string): Readonly<Record<string, string>> => (name === CHALLENGE_SOLVER ? SOLVER_LABEL : selector(name));

/** Default deny in every namespace, then one policy for each workload, made from one table of flows. */
export class NetworkChart extends Chart {
  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id, { disableResourceNameHashes: true });
    this.policy("own-default-deny", props.namespace, "default-deny");
    this.policy("host-default-deny", props.hostNamespace, "default-deny");
    for (const [index, namespace] of props.applicationNamespaces.entries()) this.policy(`default-deny-${index}`, namespace, "default-deny");
    for (const [index, component] of props.components.entries()) {
      const { namespace, name } = placeOf(component, props.namespace);
      const rules = (end: "from" | "to") =>
        props.flows
          .filter((flow) => flow[end === "from" ? "to" : "from"] === component)
          .flatMap((flow) => this.rules(flow, end, namespace, props));
      const pods = kplus.Pods.select(this, `pods-${index}`, { labels: { ...labelsOf(name) } });
      this.policy(`policy-${index}`, namespace, name, pods, rules("from"), rules("to"));
    }
  }

  private policy(
    id: string,
    namespace: string,
    name: string,
    pods?: kplus.Pods,
    from: kplus.NetworkPolicyRule[] = [],
    to: kplus.NetworkPolicyRule[] = [],
  ): void {
    new kplus.NetworkPolicy(this, id, {
      metadata: { namespace, name, labels: labels({ name, component: "network" }) },
      selector: pods,
      ingress: { default: DENY, rules: from },
      egress: { default: DENY, rules: to },
    });
  }

  /** @param namespace the policy's own */
  private rules(flow: Flow, end: "from" | "to", namespace: string, props: NetworkProps): kplus.NetworkPolicyRule[] {
    const ports =
      flow.ports.length === 0
        ? [kplus.NetworkPolicyPort.of({ protocol: kplus.NetworkProtocol.TCP })]
        : flow.ports.flatMap((port) => [kplus.NetworkPolicyPort.tcp(port), ...(port === 53 ? [kplus.NetworkPolicyPort.udp(port)] : [])]);
    const selected = end === "to" ? flow.toLabels : undefined;
    return this.peers(flow[end], `flow-${props.flows.indexOf(flow)}-${end}`, namespace, props, selected).map((peer) => ({ peer, ports }));
  }

  /** @param selected labels of the pods, in place of their component's */
  private peers(
    who: string,
    id: string,
    policyNamespace: string,
    props: NetworkProps,
    selected?: Flow["toLabels"],
  ): kplus.INetworkPolicyPeer[] {
    const pods = (wanted: Record<string, string>, namespace?: string) =>
      kplus.Pods.select(this, `${id}-pods`, {
        labels: wanted,
        namespaces: namespace ? kplus.Namespaces.select(this, `${id}-namespace`, { names: [namespace] }) : undefined,
      });
    // The API server stores no empty list.
    const excepted = ({ except }: Block) => (except.length > 0 ? [...except] : undefined);
    const ipv4 = (block: Block, name: string) => kplus.NetworkPolicyIpBlock.ipv4(this, `${id}-${name}`, block.cidr, excepted(block));
    const everything = ({ ipv4: four, ipv6: six }: { readonly ipv4: Block; readonly ipv6: Block }) => [
      ipv4(four, "ipv4"),
      kplus.NetworkPolicyIpBlock.ipv6(this, `${id}-ipv6`, six.cidr, excepted(six)),
    ];
    if (isRange(who)) return [ipv4(rangeBlock(who, props.addresses), "range")];
    switch (who) {
      case "anywhere":
        return [kplus.NetworkPolicyIpBlock.anyIpv4(this, `${id}-ipv4`), kplus.NetworkPolicyIpBlock.anyIpv6(this, `${id}-ipv6`)];
      case "outside":
        return everything(outsideBlocks(props.addresses));
      case "public":
        return everything(publicBlocks(props.addresses));
      case "dns":
        return [pods({ "k8s-app": "kube-dns" }, "kube-system")];
      case "api-server":
        return apiBlocks(props.addresses).map((block, index) => ipv4(block, `${who}-${index}`));
      case "nodes":
        return nodeBlocks(props.addresses).map((block, index) => ipv4(block, `${who}-${index}`));
      default: {
        const { namespace, name } = placeOf(who, who === "traefik" ? props.traefikNamespace : props.namespace);
        return [pods({ ...(selected ?? labelsOf(name)) }, namespace === policyNamespace ? undefined : namespace)];
      }
    }
  }
}
