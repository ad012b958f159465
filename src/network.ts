import { BACKUP, backupUnits, storePort } from "./backups.ts";
import { contains, PRIVATE_RANGES } from "./config/ranges.ts";
import type { Config } from "./config/resolve.ts";
import type { Application } from "./config/resolve-applications.ts";
import { outsidePorts } from "./monitoring/alertmanager/secret-keys.ts";
import { PORTS } from "./ports.ts";

/** Who may open connections to whom, at which TCP ports of the one that answers. */
export interface Flow {
  /**
   * A component's name, NAMESPACE/NAME for a component outside of the environment's own namespace, a range of addresses, or a place:
   * anywhere, outside, public, dns, api-server, nodes.
   */
  readonly from: string;
  readonly to: string;
  /** Empty: every TCP port. */
  readonly ports: readonly number[];
}

/** Where pods of the table are, and their component's name there. @param own the environment's own namespace */
export function placeOf(who: string, own: string): { readonly namespace: string; readonly name: string } {
  const [first = "", second] = who.split("/");
  return second === undefined ? { namespace: own, name: first } : { namespace: first, name: second };
}

/** Whether the table means a range of addresses, such as 203.0.113.0/24; a namespace has no dot. */
export const isRange = (who: string): boolean => /^\d+\.\d+\./.test(who);

/** What the table hangs on. */
export interface NetworkSettings {
  /** Whether Traefik is a pod of ours, in our namespace. */
  readonly ownTraefik: boolean;
  readonly grafana: boolean;
  /** Whether Prometheus scrapes Grafana: one that runs on demand is no target. */
  readonly scrapedGrafana: boolean;
  /** Ports outside at which alerts are delivered. */
  readonly receivers: readonly number[];
  /** Whether the sample application runs. @default true */
  readonly sample?: boolean;
  /** The user's applications. @default none */
  readonly applications?: readonly NetworkedApplication[];
  /** What backs up each namespace that has data. @default no backups */
  readonly backups?: {
    /** The pods, as the table calls them. */
    readonly pods: readonly string[];
    /** The port outside at which the store answers; undefined without one. */
    readonly storePort: number | undefined;
  };
  /** Whether Traefik orders certificates from Let's Encrypt. @default false */
  readonly letsEncrypt?: boolean;
  /** Whether cert-manager issues the certificate. @default false */
  readonly certManager?: boolean;
}

/** What the table asks of an application. */
export type NetworkedApplication = Pick<Application, "name" | "namespace" | "port" | "metrics" | "database" | "outgoing">;

/** What the table calls the pods that back up the environment's namespaces. */
export const backupPods = (config: Config): string[] =>
  backupUnits(config).map(({ name }) => (name === config.namespace ? BACKUP : `${name}/${BACKUP}`));

/** The settings of an environment. */
export function networkSettings(config: Config): NetworkSettings {
  const { facts, monitoring, alerting, sample, applications, backups, ingress } = config;
  return {
    ownTraefik: facts.ingressController === "own",
    grafana: monitoring.grafana !== false,
    scrapedGrafana: monitoring.grafana === true,
    receivers: outsidePorts(alerting),
    sample,
    applications,
    letsEncrypt: ingress.tls.letsEncrypt !== undefined,
    certManager: ingress.tls.certManager !== undefined,
    ...(backups && { backups: { pods: backupPods(config), storePort: storePort(backups) } }),
  };
}

/** What the table calls the pods that answer cert-manager's HTTP-01 challenges; cert-manager starts them beside the Ingress. */
export const CHALLENGE_SOLVER = "acme-http-solver";

/** The label of those pods, and the port at which they answer (cert-manager, pkg/issuer/acme/http/pod.go and its `acmesolver`). */
export const SOLVER_LABEL = { "acme.cert-manager.io/http01-solver": "true" } as const;
const SOLVER_PORT = 8089;

/** What the table calls an application's pods. */
export const podsOf = ({ namespace, name }: NetworkedApplication): string => `${namespace}/${name}`;

/** The name of the Job that fills an application's database. */
export const initialiserOf = ({ name }: { readonly name: string }): string => `${name}-initialise`;

/** Whether a Job fills the application's database at the first start. */
export const isInitialised = ({ database }: Pick<Application, "database">): boolean => database !== false && database.initialise.length > 0;

/** What the table calls the pods of that Job. */
const initialisersOf = (application: NetworkedApplication): string => `${application.namespace}/${initialiserOf(application)}`;

/** All pods of applications, as the table calls them. */
export const applicationPods = (applications: readonly NetworkedApplication[]): string[] =>
  applications.flatMap((application) => [podsOf(application), ...(isInitialised(application) ? [initialisersOf(application)] : [])]);

/** The connections of one application. */
function applicationFlows(application: NetworkedApplication): Flow[] {
  const { port, metrics, database, outgoing } = application;
  const pods = podsOf(application);
  const destinations = outgoing === "public" ? ["public"] : outgoing === "none" ? [] : outgoing;
  const clients = isInitialised(application) ? [pods, initialisersOf(application)] : [pods];
  return [
    { from: "traefik", to: pods, ports: [port] },
    ...(metrics ? [{ from: "prometheus", to: pods, ports: [metrics.port ?? port] }] : []),
    ...(database ? clients.map((from) => ({ from, to: "mysql", ports: [PORTS.mysql] })) : []),
    ...clients.map((from) => ({ from, to: "dns", ports: [53] })),
    ...destinations.map((to) => ({ from: pods, to, ports: [] })),
  ];
}

/**
 * Where the API server listens, on kind and on k3s. Its Service's port 443 is not among them: kube-router and kindnet judge a connection
 * after kube-proxy has replaced the Service's address by that of an endpoint.
 */
const API_PORTS = [PORTS["api-server"]];

/** The connections of what backs up: the databases, the API for the Secrets, and the store. */
function backupFlows({ pods, storePort: port }: NonNullable<NetworkSettings["backups"]>): Flow[] {
  return [
    { from: "prometheus", to: "mysql", ports: [PORTS["backup-exporter"]] },
    ...pods.flatMap((from) => [
      { from, to: "mysql", ports: [PORTS.mysql] },
      { from, to: "dns", ports: [53] },
      { from, to: "api-server", ports: API_PORTS },
      ...(port === undefined ? [] : [{ from, to: "outside", ports: [port] }]),
    ]),
  ];
}

/** Every connection that is meant to be; all others are refused. The one table from which all policies are made. */
export function flows(settings: NetworkSettings): Flow[] {
  const { ownTraefik, grafana, scrapedGrafana, receivers, sample = true, applications = [], backups, letsEncrypt, certManager } = settings;
  const answersUsers = sample ? [{ from: "traefik", to: "webapp", ports: [PORTS.webapp] }] : [];
  const traefik = ownTraefik
    ? [
        { from: "anywhere", to: "traefik", ports: [PORTS["traefik-web"], PORTS["traefik-websecure"]] },
        ...answersUsers,
        { from: "traefik", to: "api-server", ports: API_PORTS },
        { from: "prometheus", to: "traefik", ports: [PORTS["traefik-metrics"], PORTS["traefik-websecure"]] },
      ]
    : [...answersUsers, { from: "prometheus", to: "traefik", ports: [PORTS["traefik-metrics"], 8443] }];
  const authority =
    ownTraefik && letsEncrypt
      ? [
          { from: "traefik", to: "public", ports: [443] },
          { from: "traefik", to: "dns", ports: [53] },
        ]
      : [];
  const solver = certManager ? [{ from: "traefik", to: CHALLENGE_SOLVER, ports: [SOLVER_PORT] }] : [];
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
    ...authority,
    ...solver,
    ...(sample
      ? [
          { from: "webapp", to: "mysql", ports: [PORTS.mysql] },
          { from: "webapp", to: "dns", ports: [53] },
        ]
      : []),
    { from: "bootstrap", to: "api-server", ports: API_PORTS },
    ...(sample ? [{ from: "prometheus", to: "webapp", ports: [PORTS["webapp-metrics"]] }] : []),
    { from: "prometheus", to: "mysql", ports: [PORTS["mysqld-exporter"]] },
    { from: "prometheus", to: "alertmanager", ports: [PORTS.alertmanager] },
    { from: "prometheus", to: "nodes", ports: [PORTS["node-exporter"], PORTS.kubelet] },
    { from: "prometheus", to: "api-server", ports: API_PORTS },
    { from: "prometheus", to: "dns", ports: [53] },
    ...board,
    ...delivery,
    ...applications.flatMap(applicationFlows),
    ...(backups ? backupFlows(backups) : []),
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

/** Addresses of private networks; for IPv6 those of RFC 4193 and link-local ones. */
const PRIVATE = { ipv4: [...PRIVATE_RANGES], ipv6: ["fc00::/7", "fe80::/10"] };

/** Every public address: `outsideBlocks` without private networks. */
export function publicBlocks(addresses: Addresses): { readonly ipv4: Block; readonly ipv6: Block } {
  const { ipv4, ipv6 } = outsideBlocks(addresses);
  const others = ipv4.except.filter((range) => !PRIVATE.ipv4.some((one) => contains(one, range)));
  // EC2's metadata address, fd00:ec2::254, is a private one.
  return { ipv4: { ...ipv4, except: [...others, ...PRIVATE.ipv4] }, ipv6: { ...ipv6, except: PRIVATE.ipv6 } };
}

/** A range that an environment names, without what of the cluster's and of link-local addresses lies in it. */
export const rangeBlock = (cidr: string, { pods, services }: Addresses): Block => without(cidr, ...pods, ...services, CLOUD_METADATA.ipv4);
