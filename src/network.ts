import { BACKUP, backupUnits, storePort } from "./backups.ts";
import { receiverPort } from "./config/remote-write.ts";
import type { Config } from "./config/resolve.ts";
import type { Application } from "./config/resolve-applications.ts";
import type { ScrapeTarget } from "./config/scrape.ts";
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
  /** What selects the pods of `to`. @default the label of its component */
  readonly toLabels?: Readonly<Record<string, string>>;
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
  /** A MySQL server in place of our own. @default our own */
  readonly externalDatabase?: { readonly addresses: readonly string[]; readonly port: number } | undefined;
  /** Ports outside at which Prometheus writes samples. @default none */
  readonly remoteWrite?: readonly number[];
  /** Targets of Prometheus that are not ours, by the name of their job. @default none */
  readonly scrape?: Readonly<Record<string, ScrapeTarget>>;
  /** Ports at which pods reach the API server. @default kind's and k3s' */
  readonly apiPorts?: readonly number[];
}

/** What the table calls the exporters of an external MySQL server, and the Job that makes databases and accounts on it. */
export const DATABASE_EXPORTER = "mysqld-exporter";
export const ACCOUNTS_JOB = "database-accounts";

/** What answers the clients of MySQL. */
interface Server {
  readonly places: readonly string[];
  readonly port: number;
}

const OWN_SERVER: Server = { places: ["mysql"], port: PORTS.mysql };

/** The way of a client to MySQL. */
const toServer = (from: string, { places, port }: Server): Flow[] => places.map((to) => ({ from, to, ports: [port] }));

/** The addresses of an external server. @param external with an address as its host where it names no ranges */
const externalServer = ({ addresses, host, port }: NonNullable<Config["database"]["external"]>) => ({
  addresses: addresses ?? [`${host}/32`],
  port,
});

/** What the table asks of an application. */
export type NetworkedApplication = Pick<Application, "name" | "namespace" | "port" | "metrics" | "database" | "outgoing">;

/** What the table calls the pods that back up the environment's namespaces. */
export const backupPods = (config: Config): string[] =>
  backupUnits(config).map(({ name }) => (name === config.namespace ? BACKUP : `${name}/${BACKUP}`));

/** The settings of an environment. */
export function networkSettings(config: Config): NetworkSettings {
  const { facts, monitoring, alerting, sample, applications, backups, ingress, database } = config;
  return {
    apiPorts: facts.apiPorts,
    scrape: monitoring.scrape,
    remoteWrite: [...new Set(monitoring.remoteWrite.map(receiverPort))],
    externalDatabase: database.external && externalServer(database.external),
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
function applicationFlows(application: NetworkedApplication, server: Server): Flow[] {
  const { port, metrics, database, outgoing } = application;
  const pods = podsOf(application);
  const destinations = outgoing === "public" ? ["public"] : outgoing === "none" ? [] : outgoing;
  const clients = isInitialised(application) ? [pods, initialisersOf(application)] : [pods];
  return [
    { from: "traefik", to: pods, ports: [port] },
    ...(metrics ? [{ from: "prometheus", to: pods, ports: [metrics.port ?? port] }] : []),
    ...(database ? clients.flatMap((from) => toServer(from, server)) : []),
    ...clients.map((from) => ({ from, to: "dns", ports: [53] })),
    ...destinations.map((to) => ({ from: pods, to, ports: [] })),
  ];
}

/** The connections of what backs up: the databases, the API for the Secrets, and the store. */
function backupFlows(
  { pods, storePort: port }: NonNullable<NetworkSettings["backups"]>,
  server: Server,
  exporter: string,
  apiPorts: readonly number[],
): Flow[] {
  return [
    { from: "prometheus", to: exporter, ports: [PORTS["backup-exporter"]] },
    // Its silences.
    { from: BACKUP, to: "alertmanager", ports: [PORTS.alertmanager] },
    ...pods.flatMap((from) => [
      ...toServer(from, server),
      { from, to: "dns", ports: [53] },
      { from, to: "api-server", ports: apiPorts },
      ...(port === undefined ? [] : [{ from, to: "outside", ports: [port] }]),
    ]),
  ];
}

/** The ways of samples to other servers. @param ports theirs */
const writingFlows = (ports: readonly number[] = []): Flow[] => (ports.length > 0 ? [{ from: "prometheus", to: "outside", ports }] : []);

/** The ways of Prometheus to targets that are not ours. */
const scrapeFlows = (targets: Readonly<Record<string, ScrapeTarget>> = {}): Flow[] =>
  Object.entries(targets).map(([name, { namespace, pods, address, port }]) =>
    address === undefined
      ? { from: "prometheus", to: `${namespace}/${name}`, toLabels: pods, ports: [port] }
      : { from: "prometheus", to: `${address}/32`, ports: [port] },
  );

/** Every connection that is meant to be; all others are refused. The one table from which all policies are made. */
export function flows(settings: NetworkSettings): Flow[] {
  const { ownTraefik, grafana, scrapedGrafana, receivers, sample = true, applications = [], backups, letsEncrypt, certManager } = settings;
  const { externalDatabase: external, remoteWrite, scrape, apiPorts = [PORTS["api-server"]] } = settings;
  const server = external ? { places: external.addresses, port: external.port } : OWN_SERVER;
  const exporter = external ? DATABASE_EXPORTER : "mysql";
  const answersUsers = sample ? [{ from: "traefik", to: "webapp", ports: [PORTS.webapp] }] : [];
  const traefik = ownTraefik
    ? [
        { from: "anywhere", to: "traefik", ports: [PORTS["traefik-web"], PORTS["traefik-websecure"]] },
        ...answersUsers,
        { from: "traefik", to: "api-server", ports: apiPorts },
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
    ...(sample ? [...toServer("webapp", server), { from: "webapp", to: "dns", ports: [53] }] : []),
    { from: "bootstrap", to: "api-server", ports: apiPorts },
    ...(sample ? [{ from: "prometheus", to: "webapp", ports: [PORTS["webapp-metrics"]] }] : []),
    { from: "prometheus", to: exporter, ports: [PORTS["mysqld-exporter"]] },
    ...(external ? [DATABASE_EXPORTER, ACCOUNTS_JOB].flatMap((from) => [...toServer(from, server), { from, to: "dns", ports: [53] }]) : []),
    { from: "prometheus", to: "alertmanager", ports: [PORTS.alertmanager] },
    { from: "prometheus", to: "nodes", ports: [PORTS["node-exporter"], PORTS.kubelet] },
    { from: "prometheus", to: "api-server", ports: apiPorts },
    { from: "prometheus", to: "dns", ports: [53] },
    ...writingFlows(remoteWrite),
    ...scrapeFlows(scrape),
    ...board,
    ...delivery,
    ...applications.flatMap((application) => applicationFlows(application, server)),
    ...(backups ? backupFlows(backups, server, exporter, apiPorts) : []),
  ];
}

/**
 * Seconds after a container's start within which the policy engine knows its pod. Until then the pod may reach what is forbidden to it, and
 * other pods may not be allowed to be reached by it: their policies do not hold its address yet. kube-router needed 0.1 to 1.1 s, measured
 * by the end-to-end tests (test/e2e/policies), which fail above this bound.
 */
export const POLICY_SECONDS = 2;
