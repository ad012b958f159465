import type { Config } from "../config/resolve.ts";

/** What monitoring has to know of one of the user's applications. */
export interface MonitoredApplication {
  /** Its name: of its objects, its scrape job, and the label `application` of its series. */
  readonly name: string;
  readonly namespace: string;
  /** The DNS name at which it answers. */
  readonly host: string;
  /** The path under which it answers, such as `/`. */
  readonly path: string;
  /** Where it exports metrics of its own. @default nowhere */
  readonly metrics?: { readonly port: number; readonly path: string };
}

/** The user's applications of an environment, as monitoring sees them. */
export const monitored = ({ applications, ingress }: Pick<Config, "applications" | "ingress">): MonitoredApplication[] =>
  applications.map(({ name, namespace, port, metrics, ingress: { host = ingress.host, path } }) => ({
    name,
    namespace,
    host,
    path,
    ...(metrics && { metrics: { port: metrics.port ?? port, path: metrics.path } }),
  }));

/** The label that tells the applications' series apart. */
export const APPLICATION = "application";

/** A rule of Prometheus' relabelling. */
export type Relabel = Readonly<Record<string, unknown>>;

const labelled = (source: string, value: string, application: string): Relabel => ({
  source_labels: [source],
  regex: value,
  target_label: APPLICATION,
  replacement: application,
});

/** Each namespace's application: for series and alerts with the label `namespace`. */
export const byNamespace = (applications: readonly MonitoredApplication[]): Relabel[] =>
  applications.map(({ name, namespace }) => labelled("namespace", namespace, name));

/** A name as Traefik writes it: every character that is no letter and no digit divides words (provider.Normalize). */
const normalised = (text: string): string =>
  text
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join("-");

/**
 * Traefik's name of the Service of an application, as its series have it in the label `service`: namespace, name and port (Traefik's
 * provider kubernetesingress, loadConfigurationFromIngresses).
 */
export const serviceLabel = ({ name, namespace }: Pick<MonitoredApplication, "name" | "namespace">): string =>
  `${normalised(`${namespace}-${name}-80`)}@kubernetes`;

/** The names of what divides an application's requests during a release (src/release/objects.ts): of each version's Service, and above them. */
const releaseLabels = ({ name, namespace }: MonitoredApplication): string[] => [
  ...["stable", "canary"].map((version) => serviceLabel({ name: `${name}-${version}`, namespace })),
  `cloudnova-release-${name}@file`,
];

/** How long each version's answers take: what a release is judged by. Stored of a release's Services alone. */
export const RELEASE_TIMES = "traefik_service_request_duration_seconds_bucket";

/** Drops those times of the applications' own Services: their routers' are stored. */
export const ownTimes = (applications: readonly MonitoredApplication[]): Relabel => ({
  source_labels: ["__name__", "service"],
  regex: `${RELEASE_TIMES};(${applications.map(serviceLabel).join("|")})`,
  action: "drop",
});

/**
 * Traefik's name of the router that leads an application's visitors from HTTP to HTTPS, as its series have it in the label `router`:
 * namespace and name of the Ingress, its host where it has one, and its path.
 */
const redirectLabel = ({ name, namespace, host, path }: MonitoredApplication): string =>
  `${normalised(`${namespace}-${name}-redirect`)}(-${normalised(host)})?${normalised(path).replace(/^(?=.)/, "-")}@kubernetes`;

/**
 * Each of Traefik's series gets its application by the Service. The redirects from HTTP have the same Service and are no answers of the
 * application, so their router gets none.
 */
export const byService = (applications: readonly MonitoredApplication[]): Relabel[] => [
  ...applications.map((one) => labelled("service", [serviceLabel(one), ...releaseLabels(one)].join("|"), one.name)),
  ...applications.map((one) => labelled("router", redirectLabel(one), "")),
];
