import type { Receiver } from "../config/remote-write.ts";
import type { ScrapeTarget } from "../config/scrape.ts";
import { seconds } from "../config/units.ts";
import { PORTS } from "../ports.ts";
import { APPLICATION, byNamespace, byService, type MonitoredApplication, ownTimes, RELEASE_TIMES, type Relabel } from "./application.ts";
import { keepList, keptOfApplications } from "./keep/index.ts";

/** What Prometheus has to know of an environment. */
export interface ScrapeSettings {
  readonly namespace: string;
  /** Interval of scrapes and rule evaluations, such as `15s`. */
  readonly interval: string;
  /** Where Traefik's pods are. */
  readonly traefik: { readonly namespace: string };
  readonly grafana: boolean;
  /** Whether the sample application runs. @default true */
  readonly sample?: boolean;
  /** Whether backups are made. @default true */
  readonly backups?: boolean;
  /** The component whose pods have MySQL's exporters. @default mysql */
  readonly mysqlPods?: string;
  /** The user's applications. @default none */
  readonly applications?: readonly MonitoredApplication[];
  /** Metrics that imported dashboards and rules of the user's ask for, by job. @default none */
  readonly imported?: readonly Readonly<Record<string, readonly string[]>>[];
  /** Targets that CloudNova did not start, by the name of their job. @default none */
  readonly targets?: Readonly<Record<string, ScrapeTarget>>;
  /** Other servers that get every sample. @default none */
  readonly remoteWrite?: readonly Receiver[];
  /** What tells those where series come from. @default nothing */
  readonly externalLabels?: Readonly<Record<string, string>>;
  /** The ingress as seen from inside, with the name to ask for. */
  readonly probe: { readonly url: string; readonly host: string };
}

/**
 * Go's own default lets the heap grow to twice its live part, Prometheus' to 1.75 times; at some thousand series (28 MiB live) the
 * processor time is small, and the memory is not. Less does not pay: at 20 the panels' queries over a day took half as long again.
 */
export const RUNTIME = { gogc: 40 } as const;

/** A scrape job, in the words of Prometheus' configuration. */
export type ScrapeJob = { readonly job_name: string } & Readonly<Record<string, unknown>>;

/** How often what is large and changes slowly is scraped, at the most. */
const SLOW_INTERVAL = "30s";

const TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";
/** The label with a component's or an application's name. */
const COMPONENT = "app.kubernetes.io/name";
/** The name that service discovery gives the label of a pod (Prometheus, util/strutil, SanitizeLabelName). */
const discovered = (label: string) => `__meta_kubernetes_pod_label_${label.replace(/\W/g, "_")}`;

const keep = (source: string, regex: string): Relabel => ({ source_labels: [source], regex, action: "keep" });
const copy = (source: string, target: string): Relabel => ({ source_labels: [source], target_label: target });

/** Every pod of a component, by its port named `metrics`: one target a replica. @param job_name @default the component's */
function pods(component: string, namespace: string, port = "metrics", job_name = component): ScrapeJob {
  return {
    job_name,
    kubernetes_sd_configs: [{ role: "pod", namespaces: { names: [namespace] } }],
    relabel_configs: [
      keep(discovered(COMPONENT), component),
      keep("__meta_kubernetes_pod_container_port_name", port),
      // A pod that is done or not yet started is no target.
      keep("__meta_kubernetes_pod_phase", "Running"),
      copy("__meta_kubernetes_pod_name", "instance"),
      copy("__meta_kubernetes_pod_node_name", "node"),
    ],
  };
}

/** Every node, at one of its own ports. */
function nodes(job: string, address: number, rest: Readonly<Record<string, unknown>> = {}): ScrapeJob {
  return {
    job_name: job,
    ...rest,
    kubernetes_sd_configs: [{ role: "node" }],
    relabel_configs: [
      { source_labels: ["__meta_kubernetes_node_address_InternalIP"], target_label: "__address__", replacement: `$1:${address}` },
      copy("__meta_kubernetes_node_name", "instance"),
      copy("__meta_kubernetes_node_name", "node"),
    ],
  };
}

/** A target of the user's: a machine, or every pod with some labels, one target a pod. @param more relabelling of pods. @default none */
function otherTarget(
  job_name: string,
  { namespace, pods: labels = {}, address, port, path }: ScrapeTarget,
  more: readonly Relabel[] = [],
): ScrapeJob {
  const job = { job_name, metrics_path: path };
  if (address !== undefined) return { ...job, static_configs: [{ targets: [`${address}:${port}`] }] };
  return {
    ...job,
    kubernetes_sd_configs: [{ role: "pod", namespaces: { names: [namespace] } }],
    relabel_configs: [
      // A label's value holds no character but the dot that means something in a regular expression.
      ...Object.entries(labels).map(([label, value]) => keep(discovered(label), value.replaceAll(".", "\\."))),
      keep("__meta_kubernetes_pod_phase", "Running"),
      // Pods of Jobs, such as a migration's, serve nothing.
      { source_labels: ["__meta_kubernetes_pod_controller_kind"], regex: "Job", action: "drop" },
      // By the pod's address: the metrics' port need not be among those that the container names. Equal targets count once.
      { source_labels: ["__meta_kubernetes_pod_ip"], target_label: "__address__", replacement: `$1:${port}` },
      copy("__meta_kubernetes_pod_name", "instance"),
      copy("__meta_kubernetes_pod_node_name", "node"),
      ...more,
    ],
  };
}

/** The metrics of an application's own, from every pod of its Deployment. */
const ownMetrics = ({ name, namespace, metrics }: MonitoredApplication): ScrapeJob[] =>
  metrics
    ? [otherTarget(name, { namespace, pods: { [COMPONENT]: name }, ...metrics }, [{ target_label: APPLICATION, replacement: name }])]
    : [];

/** The prober's own address. */
const PROBER = `localhost:${PORTS["blackbox-exporter"]}`;

/** A start page of an application through the ingress; parameters of a target come before those of its job. */
const probed = ({ name, host, path }: MonitoredApplication, url: string) => ({
  targets: [PROBER],
  labels: {
    instance: `${host}${path === "/" ? "" : path}`,
    [APPLICATION]: name,
    __param_module: "application",
    __param_target: `${url}${path}`,
    __param_hostname: host,
  },
});

/** The probe of the public address, of which the sample is the start page, and of each of the user's applications. */
function probes({ probe, sample = true, applications = [] }: ScrapeSettings): ScrapeJob[] {
  const own = applications.map((one) => probed(one, probe.url));
  if (!sample && own.length === 0) return [];
  const start = sample
    ? {
        params: { module: ["https"], target: [probe.url], hostname: [probe.host] },
        static_configs: [{ targets: [PROBER], labels: { instance: probe.host } }, ...own],
      }
    : { static_configs: own };
  return [{ job_name: "probe", metrics_path: "/probe", ...start }];
}

const local = (job: string, port: number, instance: string): ScrapeJob => ({
  job_name: job,
  static_configs: [{ targets: [`localhost:${port}`], labels: { instance } }],
});

/** cAdvisor counts each container, its pod and its slice; the sum over all would count thrice. Only a pod has a network. */
const CONTAINERS: Relabel = {
  source_labels: ["__name__", "container"],
  regex: "container_network_.+;.*|.+;.+",
  action: "keep",
};

/**
 * cAdvisor says when it measured. Prometheus would show what says so for five minutes more after it is gone, and a container
 * that restarted would weigh twice as much meanwhile (google/cadvisor#2844).
 */
const OWN_TIMES = { track_timestamps_staleness: true } as const;

/** One of the kubelet's own pages, on every node. */
function kubelet(job: string, path: string, rest: Readonly<Record<string, unknown>> = {}): ScrapeJob {
  return nodes(job, PORTS.kubelet, {
    scheme: "https",
    metrics_path: path,
    ...rest,
    authorization: { credentials_file: TOKEN },
    // A kubelet signs its own certificate; its name cannot be verified on k3s, kind or kubeadm.
    tls_config: { insecure_skip_verify: true },
  });
}

/** The scrape jobs of an environment, in the order in which Prometheus lists them. */
export function scrapeJobs(settings: ScrapeSettings): ScrapeJob[] {
  const { namespace, interval, traefik, grafana, sample = true, backups = true, mysqlPods = "mysql" } = settings;
  const { applications = [], imported = [], targets = {} } = settings;
  const jobs: ScrapeJob[] = [
    local("prometheus", PORTS.prometheus, "prometheus-0"),
    nodes("node", PORTS["node-exporter"]),
    ...(sample ? [pods("webapp", namespace)] : []),
    pods(mysqlPods, namespace, "metrics", "mysql"),
    ...(backups ? [pods(mysqlPods, namespace, "backups", "backups")] : []),
    pods("traefik", traefik.namespace),
    pods("alertmanager", namespace, "http"),
    ...(grafana ? [pods("grafana", namespace, "http")] : []),
    kubelet("cadvisor", "/metrics/cadvisor", { ...OWN_TIMES, metric_relabel_configs: [CONTAINERS] }),
    // k3s serves the whole control plane's metrics here, megabytes of them: twice a minute is enough for a node's state, and a new
    // deployment's targets are all seen within half a minute.
    kubelet("kubelet", "/metrics", { scrape_interval: seconds(interval) > seconds(SLOW_INTERVAL) ? interval : SLOW_INTERVAL }),
    kubelet("kubelet-probes", "/metrics/probes"),
    local("blackbox-exporter", PORTS["blackbox-exporter"], "prometheus-0"),
    ...probes(settings),
    ...applications.flatMap(ownMetrics),
    ...Object.entries(targets).map(([name, target]) => otherTarget(name, target)),
  ];
  return jobs.map((job) =>
    stored(
      job,
      imported.flatMap((metrics) => metrics[job.job_name] ?? []),
      applications,
    ),
  );
}

/** How the series of a job get the label of their application. */
const LABELLED: Readonly<Record<string, typeof byNamespace>> = {
  cadvisor: byNamespace,
  "kubelet-probes": byNamespace,
  traefik: byService,
};

/**
 * A job of whose metrics only those are stored that a rule or a panel asks for. What is asked for of the user's applications alone is stored
 * of their series alone.
 */
function stored(job: ScrapeJob, more: readonly string[], applications: readonly MonitoredApplication[]): ScrapeJob {
  const own = (job.metric_relabel_configs ?? []) as Relabel[];
  const labelled = LABELLED[job.job_name]?.(applications) ?? [];
  const divided = job.job_name === "traefik" && applications.length > 0;
  const theirs = labelled.length > 0 ? [...keptOfApplications(job.job_name), ...(divided ? [RELEASE_TIMES] : [])] : [];
  const others = theirs.filter((metric) => !more.includes(metric));
  const alone = others.length > 0 ? [{ source_labels: ["__name__", APPLICATION], regex: `(${others.join("|")});`, action: "drop" }] : [];
  const times = divided && !more.includes(RELEASE_TIMES) ? [ownTimes(applications)] : [];
  return { ...job, metric_relabel_configs: [...keepList(job.job_name, [...theirs, ...more]), ...own, ...labelled, ...alone, ...times] };
}

/** The folder of a rule group's file; each comes from a ConfigMap of its own. */
export const rulesFolder = (group: string) => `/etc/cloudnova/rules/${group}`;

/**
 * prometheus.yml as data.
 * @param groups names of the rule groups
 */
export function prometheusConfiguration(settings: ScrapeSettings, groups: readonly string[]): Record<string, unknown> {
  const { applications = [], remoteWrite = [], externalLabels } = settings;
  const isWritten = remoteWrite.length > 0;
  return {
    global: {
      scrape_interval: settings.interval,
      evaluation_interval: settings.interval,
      // Prometheus' own default, or all of a shorter interval, in the words of the environment (500ms is no 0.5s there).
      scrape_timeout: seconds(settings.interval) < 10 ? settings.interval : "10s",
      ...(isWritten && { external_labels: externalLabels }),
    },
    runtime: RUNTIME,
    // One by one: Prometheus takes a pattern in the last part of a path only.
    rule_files: groups.map((group) => `${rulesFolder(group)}/*.yaml`),
    alerting: {
      // Rules for all containers know their namespace; their alerts name the application too.
      ...(applications.length > 0 && { alert_relabel_configs: byNamespace(applications) }),
      alertmanagers: [{ static_configs: [{ targets: [`alertmanager:${PORTS.alertmanager}`] }] }],
    },
    scrape_configs: scrapeJobs(settings),
    ...(isWritten && { remote_write: remoteWrite.map(writeTo) }),
  };
}

/** The folder with what a receiver of samples wants to see, and the one with its authority. @param index its place in the environment */
export const receiverFolder = (index: number): string => `/etc/remote-write/${index}`;
export const receiverAuthority = (index: number): string => `/etc/remote-write-ca/${index}`;

/** Prometheus reads the files at each request, so that a changed password needs no restart. */
function writeTo({ url, basicAuth, bearer, ca }: Receiver, index: number): Record<string, unknown> {
  const folder = receiverFolder(index);
  return {
    url,
    name: `receiver-${index}`,
    ...(basicAuth && { basic_auth: { username_file: `${folder}/username`, password_file: `${folder}/password` } }),
    ...(bearer && { authorization: { credentials_file: `${folder}/token` } }),
    ...(ca && { tls_config: { ca_file: `${receiverAuthority(index)}/ca.crt` } }),
    // Of memory each shard may hold `capacity` samples, and 50 are Prometheus' most: four send thousands of samples a second.
    queue_config: { capacity: 5000, max_shards: 4 },
  };
}

/** What a start page may answer when its application works: every registered code below 500 that ends a GET. */
const BELOW_500 = [
  ...[200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308],
  ...[
    400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424, 425, 426, 428, 429, 431,
    451,
  ],
];

const HTTPS = { fail_if_not_ssl: true, preferred_ip_protocol: "ip4", tls_config: { insecure_skip_verify: true } };
const httpModule = <T extends object>(http: T) => ({ prober: "http", timeout: "5s", http });

/**
 * blackbox.yml: HTTPS that answers 2xx, for the sample. The certificate may be self-signed; how long it lasts is a metric. Of the user's
 * applications nothing is known, so a redirect to a login or a 404 of their own at the start page is an answer as well; Traefik's 404,
 * for a host or path without a router, is not.
 *
 * @param applications whether the environment has any of the user's
 */
export const blackboxConfiguration = (applications: boolean) => ({
  modules: {
    https: httpModule(HTTPS),
    ...(applications && {
      application: httpModule({
        ...HTTPS,
        follow_redirects: false,
        valid_status_codes: BELOW_500,
        // Traefik's header on every route. No text of the body: that of a redirect which is not followed cannot be read (0.28.0).
        fail_if_header_not_matches: [{ header: "Strict-Transport-Security", regexp: ".+" }],
      }),
    }),
  },
});
