import { seconds } from "../config/units.ts";
import { PORTS } from "../ports.ts";
import { keepList } from "./keep/index.ts";

/** What Prometheus has to know of an environment. */
export interface ScrapeSettings {
  readonly namespace: string;
  /** Interval of scrapes and rule evaluations, such as `15s`. */
  readonly interval: string;
  /** Where Traefik's pods are. */
  readonly traefik: { readonly namespace: string };
  readonly grafana: boolean;
  /** Metrics that imported dashboards ask for, by job. @default none */
  readonly imported?: readonly Readonly<Record<string, readonly string[]>>[];
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

type Relabel = Readonly<Record<string, unknown>>;

/** How often what is large and changes slowly is scraped, at the most. */
const SLOW_INTERVAL = "30s";

const TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";
/** `app.kubernetes.io/name` as service discovery writes it. */
const NAME_LABEL = "__meta_kubernetes_pod_label_app_kubernetes_io_name";

const keep = (source: string, regex: string): Relabel => ({ source_labels: [source], regex, action: "keep" });
const copy = (source: string, target: string): Relabel => ({ source_labels: [source], target_label: target });

/** Every pod of a component, by its port named `metrics`: one target a replica. */
function pods(component: string, namespace: string, port = "metrics"): ScrapeJob {
  return {
    job_name: component,
    kubernetes_sd_configs: [{ role: "pod", namespaces: { names: [namespace] } }],
    relabel_configs: [
      keep(NAME_LABEL, component),
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
export function scrapeJobs({ namespace, interval, traefik, grafana, probe, imported = [] }: ScrapeSettings): ScrapeJob[] {
  const jobs: ScrapeJob[] = [
    local("prometheus", PORTS.prometheus, "prometheus-0"),
    nodes("node", PORTS["node-exporter"]),
    pods("webapp", namespace),
    pods("mysql", namespace),
    pods("traefik", traefik.namespace),
    pods("alertmanager", namespace, "http"),
    ...(grafana ? [pods("grafana", namespace, "http")] : []),
    kubelet("cadvisor", "/metrics/cadvisor", { ...OWN_TIMES, metric_relabel_configs: [CONTAINERS] }),
    // k3s serves the whole control plane's metrics here, megabytes of them: twice a minute is enough for a node's state, and a new
    // deployment's targets are all seen within half a minute.
    kubelet("kubelet", "/metrics", { scrape_interval: seconds(interval) > seconds(SLOW_INTERVAL) ? interval : SLOW_INTERVAL }),
    kubelet("kubelet-probes", "/metrics/probes"),
    local("blackbox-exporter", PORTS["blackbox-exporter"], "prometheus-0"),
    {
      job_name: "probe",
      metrics_path: "/probe",
      params: { module: ["https"], target: [probe.url], hostname: [probe.host] },
      static_configs: [{ targets: [`localhost:${PORTS["blackbox-exporter"]}`], labels: { instance: probe.host } }],
    },
  ];
  return jobs.map((job) =>
    stored(
      job,
      imported.flatMap((metrics) => metrics[job.job_name] ?? []),
    ),
  );
}

/** A job of whose metrics only those are stored that a rule or a panel asks for. */
function stored(job: ScrapeJob, more: readonly string[]): ScrapeJob {
  const own = (job.metric_relabel_configs ?? []) as Relabel[];
  return { ...job, metric_relabel_configs: [...keepList(job.job_name, more), ...own] };
}

/** The folder of a rule group's file; each comes from a ConfigMap of its own. */
export const rulesFolder = (group: string) => `/etc/cloudnova/rules/${group}`;

/**
 * prometheus.yml as data.
 * @param groups names of the rule groups
 */
export function prometheusConfiguration(settings: ScrapeSettings, groups: readonly string[]): Record<string, unknown> {
  return {
    global: {
      scrape_interval: settings.interval,
      evaluation_interval: settings.interval,
      // Prometheus' own default, or all of a shorter interval, in the words of the environment (500ms is no 0.5s there).
      scrape_timeout: seconds(settings.interval) < 10 ? settings.interval : "10s",
    },
    runtime: RUNTIME,
    // One by one: Prometheus takes a pattern in the last part of a path only.
    rule_files: groups.map((group) => `${rulesFolder(group)}/*.yaml`),
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`alertmanager:${PORTS.alertmanager}`] }] }] },
    scrape_configs: scrapeJobs(settings),
  };
}

/** blackbox.yml: HTTPS that answers 2xx. The certificate may be self-signed; how long it lasts is a metric. */
export const BLACKBOX_CONFIGURATION = {
  modules: {
    https: {
      prober: "http",
      timeout: "5s",
      http: { fail_if_not_ssl: true, preferred_ip_protocol: "ip4", tls_config: { insecure_skip_verify: true } },
    },
  },
};
