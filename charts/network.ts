import { Chart } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { selector } from "../src/constructs/index.ts";
import { labels } from "../src/labels.ts";
import { type Addresses, type Block, type Flow, nodeBlocks, outsideBlocks } from "../src/network.ts";

export interface NetworkProps {
  readonly namespace: string;
  readonly hostNamespace: string;
  /** The components that have pods in the namespace. */
  readonly components: readonly string[];
  /** Every connection that is meant to be. */
  readonly flows: readonly Flow[];
  /** Where Traefik's pods are when they are not ours. */
  readonly traefikNamespace: string;
  readonly addresses: Addresses;
}

const DENY = kplus.NetworkPolicyTrafficDefault.DENY;

/** Default deny in both namespaces, then one policy for each workload, made from one table of flows. */
export class NetworkChart extends Chart {
  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id, { disableResourceNameHashes: true });
    this.policy("own-default-deny", props.namespace, "default-deny");
    this.policy("host-default-deny", props.hostNamespace, "default-deny");
    for (const component of props.components) {
      const rules = (end: "from" | "to") =>
        props.flows.filter((flow) => flow[end === "from" ? "to" : "from"] === component).flatMap((flow) => this.rules(flow, end, props));
      const pods = kplus.Pods.select(this, `${component}-pods`, { labels: selector(component) });
      this.policy(`${component}-policy`, props.namespace, component, pods, rules("from"), rules("to"));
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

  private rules(flow: Flow, end: "from" | "to", props: NetworkProps): kplus.NetworkPolicyRule[] {
    const ports = flow.ports.flatMap((port) => [
      kplus.NetworkPolicyPort.tcp(port),
      ...(port === 53 ? [kplus.NetworkPolicyPort.udp(port)] : []),
    ]);
    return this.peers(flow[end], `${flow.from}-${flow.to}-${end}`, props).map((peer) => ({ peer, ports }));
  }

  private peers(who: string, id: string, props: NetworkProps): kplus.INetworkPolicyPeer[] {
    const pods = (wanted: Record<string, string>, namespace?: string) =>
      kplus.Pods.select(this, `${id}-${who}`, {
        labels: wanted,
        namespaces: namespace ? kplus.Namespaces.select(this, `${id}-namespace`, { names: [namespace] }) : undefined,
      });
    // The API server stores no empty list.
    const excepted = ({ except }: Block) => (except.length > 0 ? [...except] : undefined);
    const ipv4 = (block: Block, name: string) => kplus.NetworkPolicyIpBlock.ipv4(this, `${id}-${name}`, block.cidr, excepted(block));
    const outside = outsideBlocks(props.addresses);
    switch (who) {
      case "anywhere":
        return [kplus.NetworkPolicyIpBlock.anyIpv4(this, `${id}-ipv4`), kplus.NetworkPolicyIpBlock.anyIpv6(this, `${id}-ipv6`)];
      case "outside":
        return [ipv4(outside.ipv4, "ipv4"), kplus.NetworkPolicyIpBlock.ipv6(this, `${id}-ipv6`, outside.ipv6.cidr, excepted(outside.ipv6))];
      case "dns":
        return [pods({ "k8s-app": "kube-dns" }, "kube-system")];
      case "api-server":
      case "nodes":
        return nodeBlocks(props.addresses).map((block, index) => ipv4(block, `${who}-${index}`));
      case "traefik":
        return [pods(selector(who), props.traefikNamespace === props.namespace ? undefined : props.traefikNamespace)];
      default:
        return [pods(selector(who))];
    }
  }
}
