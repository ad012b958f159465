import { contains } from "./config/ranges.ts";
import type { Config } from "./config/resolve.ts";
import { outsidePorts } from "./monitoring/alertmanager/secret-keys.ts";
import { PORTS } from "./ports.ts";

/** Who may open connections to whom, at which TCP ports of the one that answers. */
export interface Flow {
  /** A component's name, or a place: anywhere, outside, dns, api-server, nodes. */
  readonly from: string;
  readonly to: string;
  readonly ports: readonly number[];
}

/** What the table hangs on. */
export interface NetworkSettings {
  /** Whether Traefik is a pod of ours, in our namespace. */
  readonly ownTraefik: boolean;
  readonly grafana: boolean;
  /** Whether Prometheus scrapes Grafana: one that runs on demand is no target. */
  readonly scrapedGrafana: boolean;
  /** Ports outside at which alerts are delivered. */
  readonly receivers: readonly number[];
}

/** The settings of an environment. */
export const networkSettings = ({ facts, monitoring, alerting }: Config): NetworkSettings => ({
  ownTraefik: facts.ingressController === "own",
  grafana: monitoring.grafana !== false,
  scrapedGrafana: monitoring.grafana === true,
  receivers: outsidePorts(alerting),
});

/**
 * Where the API server listens, on kind and on k3s. Its Service's port 443 is not among them: kube-router and kindnet judge a connection
 * after kube-proxy has replaced the Service's address by that of an endpoint.
 */
const API_PORTS = [PORTS["api-server"]];

/** Every connection that is meant to be; all others are refused. The one table from which all policies are made. */
export function flows({ ownTraefik, grafana, scrapedGrafana, receivers }: NetworkSettings): Flow[] {
  const traefik = ownTraefik
    ? [
        { from: "anywhere", to: "traefik", ports: [PORTS["traefik-web"], PORTS["traefik-websecure"]] },
        { from: "traefik", to: "webapp", ports: [PORTS.webapp] },
        { from: "traefik", to: "api-server", ports: API_PORTS },
        { from: "prometheus", to: "traefik", ports: [PORTS["traefik-metrics"], PORTS["traefik-websecure"]] },
      ]
    : [
        { from: "traefik", to: "webapp", ports: [PORTS.webapp] },
        { from: "prometheus", to: "traefik", ports: [PORTS["traefik-metrics"], 8443] },
      ];
  const board = grafana
    ? [
        { from: "grafana", to: "prometheus", ports: [PORTS.prometheus] },
        { from: "grafana", to: "dns", ports: [53] },
        ...(scrapedGrafana ? [{ from: "prometheus", to: "grafana", ports: [PORTS.grafana] }] : []),
      ]
    : [];
  const delivery =
    receivers.length > 0
      ? [
          { from: "alertmanager", to: "outside", ports: receivers },
          { from: "alertmanager", to: "dns", ports: [53] },
        ]
      : [];
  return [
    ...traefik,
    { from: "webapp", to: "mysql", ports: [PORTS.mysql] },
    { from: "webapp", to: "dns", ports: [53] },
    { from: "bootstrap", to: "api-server", ports: API_PORTS },
    { from: "prometheus", to: "webapp", ports: [PORTS["webapp-metrics"]] },
    { from: "prometheus", to: "mysql", ports: [PORTS["mysqld-exporter"]] },
    { from: "prometheus", to: "alertmanager", ports: [PORTS.alertmanager] },
    { from: "prometheus", to: "nodes", ports: [PORTS["node-exporter"], PORTS.kubelet] },
    { from: "prometheus", to: "api-server", ports: API_PORTS },
    { from: "prometheus", to: "dns", ports: [53] },
    ...board,
    ...delivery,
  ];
}

/**
 * Seconds after a container's start within which the policy engine knows its pod. Until then the pod may reach what is forbidden to it, and
 * other pods may not be allowed to be reached by it: their policies do not hold its address yet. kube-router needed 0.1 to 1.1 s, measured
 * by the end-to-end tests (test/e2e/policies), which fail above this bound.
 */
export const POLICY_SECONDS = 2;

/** What policies allow by address: a range, and ranges in it that are not meant. */
export interface Block {
  readonly cidr: string;
  readonly except: readonly string[];
}

/** Where clouds give a machine its credentials: all link-local addresses for IPv4 (169.254.169.254 and its siblings), EC2's for IPv6. */
export const CLOUD_METADATA = { ipv4: "169.254.0.0/16", ipv6: "fd00:ec2::254/128" };

/** A cluster's addresses, as ranges. */
export interface Addresses {
  readonly nodes: readonly string[];
  readonly pods: readonly string[];
  readonly services: readonly string[];
}

/** The addresses of an environment's cluster. */
export const addressesOf = ({ machine, network }: Config): Addresses => ({ nodes: machine.addresses, ...network });

const without = (cidr: string, ...ranges: readonly string[]): Block => ({ cidr, except: ranges.filter((range) => contains(cidr, range)) });

/**
 * The nodes and the API server, which has a node's address: never a pod's nor a Service's. A policy for pods selects them by labels, and a
 * Service's address is replaced by an endpoint's before a policy sees it.
 */
export const nodeBlocks = ({ nodes, pods, services }: Addresses): Block[] =>
  nodes.map((cidr) => without(cidr, ...pods, ...services, CLOUD_METADATA.ipv4));

/**
 * Everything but the cluster and the cloud's metadata. Of the nodes' addresses those that stand alone (/32) are left out: a wider range of
 * nodes also holds other machines of the network, such as a mail server.
 */
export const outsideBlocks = ({ nodes, pods, services }: Addresses): { readonly ipv4: Block; readonly ipv6: Block } => ({
  ipv4: without("0.0.0.0/0", CLOUD_METADATA.ipv4, ...pods, ...services, ...nodes.filter((range) => range.endsWith("/32"))),
  ipv6: { cidr: "::/0", except: [CLOUD_METADATA.ipv6] },
});
