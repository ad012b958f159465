import { isIPv4 } from "node:net";
import { acmeArguments, RESOLVER } from "./acme.ts";
import type { Application } from "./config/resolve-applications.ts";
import type { LetsEncrypt } from "./config/tls.ts";
import { mebibytes } from "./config/units.ts";
import { PORTS } from "./ports.ts";

/** The configuration of the file provider; settings of one environment. */
export interface IngressSettings {
  /** The public DNS name: one of the names of the Ingress' certificate, for security headers and the default certificate. */
  readonly host: string;
  /** The port that browsers use for HTTPS, for redirects. */
  readonly httpsPort: number;
  /** Requests per second of one client address, and how many at once. */
  readonly rateLimit: { readonly average: number; readonly burst: number };
  /** The user's applications. @default none */
  readonly applications?: readonly RoutedApplication[];
  /** Where the sample application's Service is, and whether it answers its host alone. @default there is none */
  readonly sample?: { readonly namespace: string; readonly onlyHost: boolean };
  /** How certificates are ordered from Let's Encrypt. @default the certificate comes from a Secret */
  readonly letsEncrypt?: LetsEncrypt;
}

/** What the file provider is told of one application. */
export type RoutedApplication = Pick<Application, "name" | "ingress">;

/** Names under which an Ingress finds the middlewares. */
export const MIDDLEWARES = {
  headers: "cloudnova-headers@file",
  limit: "cloudnova-limit@file",
  redirect: "cloudnova-redirect@file",
} as const;

const FILE = "@file";

/** The middlewares of an application beside the common ones, in the order in which a request passes them. */
export function middlewaresOf({ name, ingress: { maxUpload, path, stripPath } }: RoutedApplication): Record<string, object> {
  return {
    ...(maxUpload && { [`cloudnova-${name}-upload`]: { buffering: { maxRequestBodyBytes: mebibytes(maxUpload) * 2 ** 20 } } }),
    ...(stripPath && path !== "/" && { [`cloudnova-${name}-prefix`]: { stripPrefix: { prefixes: [path] } } }),
  };
}

/** The annotation of an application's Ingress that names its middlewares. */
export const middlewareNames = (application: RoutedApplication): string =>
  [MIDDLEWARES.headers, MIDDLEWARES.limit, ...Object.keys(middlewaresOf(application)).map((name) => `${name}${FILE}`)].join(",");

/** The transport of an application's Service: how long Traefik waits for it. */
export const transportOf = ({ name }: RoutedApplication): string => `cloudnova-${name}${FILE}`;

/** Seconds within which a request has to arrive as a whole: Traefik's own default, and what the slowest application asks for. */
export const readSeconds = (applications: readonly RoutedApplication[]): number =>
  Math.max(READ_SECONDS, ...applications.map(({ ingress }) => ingress.timeoutSeconds));

/** The folder from which Traefik reads its dynamic configuration, and in which it watches for changes. */
export const DYNAMIC_FOLDER = "/etc/traefik/cloudnova";

/**
 * Seconds after which Traefik closes an idle connection to a backend. Its own default, 90, is longer than many applications keep theirs,
 * and a POST that meets a connection just closed by the application is answered 502: Go repeats only idempotent requests.
 */
export const IDLE_SECONDS = 60;
/** Seconds for which the web application keeps an idle connection: longer than Traefik, so that Traefik is the side that closes. */
export const KEEP_ALIVE_SECONDS = IDLE_SECONDS + 15;

/** Traefik's name of a Service that an Ingress names (provider kubernetesingress; Normalize keeps letters, digits and hyphens). */
export const traefikService = (namespace: string, service: string): string => `${namespace}-${service}-80@kubernetes`;

/**
 * Priorities of the sample's routers: below every other application's, whose default is the length of its rule, 15 or more. What may bring
 * a body is asked first.
 */
export const SAMPLE_PRIORITY = { pages: 1, bodies: 2 } as const;

/** Bytes of a request's body that the sample gets at most. It refuses more than half of it itself, on a page of its own. */
const BODY_BYTES = 32 * 1024;

/**
 * The sample's router for requests that change something: Traefik keeps the body in memory until all of it has arrived, so that a slow one
 * holds none of gunicorn's few threads. GET and HEAD go by the Ingress, past the buffer, which would keep large answers, too; a body that
 * comes with them is not read. It stands beside the Ingress, in the same file as its middleware: an Ingress that named a new middleware
 * would lead nowhere until the running Traefik has its file, up to 75 s in an update (docs/decisions/0022).
 */
function bodies({ namespace, onlyHost }: NonNullable<IngressSettings["sample"]>, host: string) {
  const middleware = "cloudnova-bodies";
  const rule = [...(onlyHost ? [`Host(\`${host}\`)`] : []), "!Method(`GET`)", "!Method(`HEAD`)"].join(" && ");
  const middlewares = [MIDDLEWARES.headers, MIDDLEWARES.limit, middleware];
  const service = traefikService(namespace, "webapp");
  return {
    routers: { webapp: { entryPoints: ["websecure"], rule, priority: SAMPLE_PRIORITY.bodies, middlewares, service, tls: {} } },
    middlewares: { [middleware]: { buffering: { maxRequestBodyBytes: BODY_BYTES, memRequestBodyBytes: BODY_BYTES } } },
  };
}

const YEAR = 31_536_000;
/** On localhost a lasting HSTS would turn http://localhost:3000 (Grafana) into https for every browser that trusts the CA. */
const LOCAL = 300;

/**
 * Name of a certificate resolver that does not exist. Traefik reads a default certificate by its names only beside a resolver's name;
 * it takes the certificate from those that it has already, and asks a resolver of this name for none.
 */
const NO_RESOLVER = "cloudnova-none";

/**
 * Traefik's dynamic configuration: TLS options, headers, limits. Of the headers only those that are the same for every application behind
 * this Ingress; Traefik replaces what an application sets, so each header has one owner (docs/decisions/0009). It comes from the file
 * provider, so that no CRD of Traefik has to exist and the same file serves k3s' Traefik and ours. Ciphers and curves: Mozilla's
 * intermediate profile.
 *
 * The default certificate, for clients that send no server name (a browser at the machine's address) or an unknown one, is the
 * Ingress' own: of all certificates that the providers have read, the one whose names include the host. Traefik looks it up again
 * whenever a provider's configuration changes, so a renewed Secret needs no restart. A wildcard certificate does not include the
 * host literally; Traefik then shows its generated default to unknown names, and the wildcard certificate to the host's.
 *
 * With Let's Encrypt the same entry makes Traefik order the certificate of the host.
 */
export function dynamicConfiguration({ host, httpsPort, rateLimit, applications = [], sample, letsEncrypt }: IngressSettings) {
  const { routers, middlewares } = sample ? bodies(sample, host) : {};
  const unqualified = (name: string) => name.replace(FILE, "");
  const transports = applications.map((application) => [
    unqualified(transportOf(application)),
    { forwardingTimeouts: { responseHeaderTimeout: `${application.ingress.timeoutSeconds}s`, idleConnTimeout: `${IDLE_SECONDS}s` } },
  ]);
  return {
    tls: {
      stores: { default: { defaultGeneratedCert: { resolver: letsEncrypt ? RESOLVER : NO_RESOLVER, domain: { main: host } } } },
      options: {
        default: {
          minVersion: "VersionTLS12",
          cipherSuites: [
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          ],
          curvePreferences: ["X25519", "CurveP256", "CurveP384"],
        },
      },
    },
    http: {
      middlewares: {
        [unqualified(MIDDLEWARES.headers)]: {
          headers: {
            stsSeconds: host === "localhost" ? LOCAL : YEAR,
            contentTypeNosniff: true,
            customResponseHeaders: { Server: "" },
          },
        },
        [unqualified(MIDDLEWARES.limit)]: { rateLimit: { ...rateLimit, period: "1s" } },
        [unqualified(MIDDLEWARES.redirect)]: { redirectScheme: { scheme: "https", port: String(httpsPort), permanent: true } },
        ...middlewares,
        ...Object.assign({}, ...applications.map(middlewaresOf)),
      },
      ...(routers && { routers }),
      ...(transports.length > 0 && { serversTransports: Object.fromEntries(transports) }),
    },
  };
}

/**
 * Upper bounds of Traefik's latency histogram, in seconds. The application answers in milliseconds: with Traefik's own bounds (0.1,
 * 0.3, 1.2, 5) nearly every answer is below the first, and each quantile is a fixed point between 0 and 100 ms. Half a dozen
 * bounds up to 250 ms, in steps of 2 to 2.5, and two above for slow answers; each bound is a series for each code and method.
 *
 * Traefik must get them once: it joins the values of a repeated argument, and panics on every request with bounds that do not rise.
 */
export const LATENCY_BUCKETS = "0.005,0.01,0.025,0.05,0.1,0.25,1,5";

/**
 * How long Traefik accepts new connections after SIGTERM. kube-proxy and ServiceLB send connections to a pod that ends until
 * they have seen its endpoint go; without this time k3s' Traefik lost 2 to 6 of 250 at a restart, with it 0 of 1,250. Requests under way
 * get 10 s more (Traefik's default of `graceTimeOut`): less than the pods' terminationGracePeriodSeconds, 30 of ours, 60 of k3s' chart.
 */
export const ACCEPT_GRACE = "5s";

/** Traefik's default. Slow clients must not hold connections for ever; the bodies of most applications are small. */
export const READ_SECONDS = 60;

/** Arguments of both k3s' Traefik and ours. */
const COMMON_ARGUMENTS = [
  `--providers.file.directory=${DYNAMIC_FOLDER}`,
  "--providers.file.watch=true",
  "--metrics.prometheus.addRoutersLabels=true",
  `--serversTransport.forwardingTimeouts.idleConnTimeout=${IDLE_SECONDS}s`,
] as const;

const ACCESS_LOG = ["--accessLog=true", "--accessLog.format=json"] as const;

/**
 * Arguments that k3s' Traefik gets beside those of its chart. Searches hold names of persons, so no path is logged: leaving out only the
 * query came with Traefik 3.7.3, and an older k3s' would not start with a flag that it does not know (traefik/traefik#13275). The router's
 * name identifies the application; headers are never logged unless one asks for them.
 */
export const K3S_ARGUMENTS = [...COMMON_ARGUMENTS, ...ACCESS_LOG, "--accessLog.fields.names.RequestPath=drop"] as const;

/**
 * All arguments of the Traefik that CloudNova deploys; it sees the environment's namespaces only. It writes the host into the Ingresses'
 * status: its Service is a NodePort, which has no address of its own, and without a status Argo CD calls an Ingress "Progressing" for ever.
 *
 * @param namespaces those that hold Ingresses
 */
export function staticArguments(
  namespaces: readonly string[],
  { host, applications = [], letsEncrypt }: Pick<IngressSettings, "host" | "applications" | "letsEncrypt">,
): string[] {
  return [
    ...COMMON_ARGUMENTS,
    `--entryPoints.web.address=:${PORTS["traefik-web"]}`,
    `--entryPoints.websecure.address=:${PORTS["traefik-websecure"]}`,
    `--entryPoints.metrics.address=:${PORTS["traefik-metrics"]}`,
    "--metrics.prometheus.entryPoint=metrics",
    `--metrics.prometheus.buckets=${LATENCY_BUCKETS}`,
    "--ping.entryPoint=metrics",
    `--providers.kubernetesIngress.namespaces=${namespaces.join(",")}`,
    "--providers.kubernetesIngress.ingressClass=traefik",
    `--providers.kubernetesIngress.ingressEndpoint.${isIPv4(host) ? "ip" : "hostname"}=${host}`,
    // Without a ready replica the answer is 503, which is true, and not 404 (k3s' chart sets it too).
    "--providers.kubernetesIngress.allowEmptyServices=true",
    `--entryPoints.websecure.transport.respondingTimeouts.readTimeout=${readSeconds(applications)}s`,
    ...["web", "websecure"].map((name) => `--entryPoints.${name}.transport.lifeCycle.requestAcceptGraceTimeout=${ACCEPT_GRACE}`),
    ...ACCESS_LOG,
    // Searches hold names of persons.
    "--accessLog.fields.queryParameters.defaultMode=drop",
    "--log.format=json",
    "--global.checkNewVersion=false",
    "--global.sendAnonymousUsage=false",
    ...(letsEncrypt ? acmeArguments(letsEncrypt) : []),
  ];
}
