import { APPLICATION } from "../application.ts";
import { ownerOf } from "../keep/derive.ts";
import exported from "../keep/exported.json" with { type: "json" };
import type { Matcher, Selector } from "../promql.ts";
import { needsColon } from "../regex.ts";
import { type ScrapeJob, scrapeJobs } from "../scrape.ts";
import { matches } from "../valid.ts";
import { isStored, type Relabel } from "./relabel.ts";

/** Job → metric → its labels, as the targets of the kind cluster of the tests exported them. Grafana does not run there. */
const EXPORTED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = exported;

/** What is known of a label's values in the series of a metric. */
export interface Values {
  /** All that it can be. @default any text that is not empty */
  readonly known?: readonly string[];
  /** A Kubernetes or host name (RFC 1123), which has no ":". @default false */
  readonly name?: boolean;
  /** Some series lack it. @default false */
  readonly optional?: boolean;
}

/** Series of one metric and one job: what is known of each label. A label that is not there is empty. */
export interface Series {
  readonly job: string;
  readonly labels: Readonly<Record<string, Values>>;
  /** Labels are not recorded, so that it may have any other too. @default false */
  readonly open?: boolean;
}

/** The host of an environment's Ingress, which a dashboard is not imported for. */
const HOST = "<ingress.host>";
const SETTINGS = {
  namespace: "cloudnova",
  interval: "15s",
  traefik: { namespace: "cloudnova" },
  grafana: true,
  probe: { url: `https://${HOST}`, host: HOST },
};

const JOBS = scrapeJobs(SETTINGS);

/** Sources of a label that hold a name: of a pod, a node, a namespace. */
const NAMES = /^__meta_kubernetes_(pod|node)_name$|^__meta_kubernetes_namespace$/;

/** The labels that a scrape job puts on every sample: job, instance, static labels, and what `relabel_configs` add. */
export function targetLabels(job: ScrapeJob): Record<string, Values> {
  const fixed = ((job.static_configs ?? []) as { labels?: Record<string, string> }[]).flatMap(({ labels = {} }) => Object.entries(labels));
  const rules = (job.relabel_configs ?? []) as { source_labels?: string[]; target_label?: string; replacement?: string }[];
  const added = rules.flatMap(({ source_labels = [], target_label = "", replacement }): [string, Values][] =>
    target_label === "" || target_label.startsWith("__")
      ? []
      : [[target_label, { name: replacement === undefined && source_labels.length === 1 && NAMES.test(source_labels[0] ?? "") }]],
  );
  return {
    job: { known: [job.job_name] },
    // The address with its port, unless the job says otherwise.
    instance: {},
    ...Object.fromEntries(fixed.map(([label, value]) => [label, value === HOST ? { name: true } : { known: [value] }])),
    ...Object.fromEntries(added),
  };
}

const NOTHING: Values = { known: [""] };
/** A control group: which of the labels that name a container are filled, and examples of its path. */
const cgroup = (filled: readonly string[], ids: readonly string[]): Record<string, Values> => ({
  ...Object.fromEntries(["container", "image", "name", "namespace", "pod"].map((label) => [label, filled.includes(label) ? {} : NOTHING])),
  id: { known: ids },
});
/** Paths of a pod's control group: with the drivers cgroupfs (k3s) and systemd, and within kind's node. */
const PODS = [
  "/kubepods/burstable/pod0a1b2c3d-0000-4000-8000-000000000000",
  "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b2c3d_0000_4000_8000_000000000000.slice",
  "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod0a1b2c3d_0000_4000_8000_000000000000.slice",
];
const HASH = "0123456789abcdef".repeat(4);
const CONTAINERS = PODS.flatMap((pod) => [`${pod}/${HASH}`, `${pod}/cri-containerd-${HASH}.scope`]);
/**
 * The control groups that the kubelet's cAdvisor exports, with the labels that it fills for each (Kubernetes,
 * pkg/kubelet/server/server.go, containerPrometheusLabelsFunc; containerd's pause container has no container name).
 */
const NODE = cgroup([], ["/"]);
const SANDBOX = cgroup(["image", "name", "namespace", "pod"], CONTAINERS);
const CGROUPS = [
  NODE,
  cgroup([], ["/kubepods", "/kubepods/besteffort", "/kubepods/burstable", "/kubepods.slice", "/system.slice", "/kubelet.slice"]),
  cgroup(["namespace", "pod"], PODS),
  SANDBOX,
  cgroup(["container", "image", "name", "namespace", "pod"], CONTAINERS),
];

/** What is known of a metric's labels as its target exports them, by kind of series. */
function exportedSeries(job: string, metric: string): readonly Record<string, Values>[] {
  const labels = EXPORTED[job]?.[metric];
  if (!labels) return [];
  const any = Object.fromEntries(labels.map((label) => [label, { optional: true }]));
  if (job !== "cadvisor" || !labels.includes("id")) return [any];
  // A pod's containers share one network, which is counted once.
  const groups = metric.startsWith("container_network_") ? [NODE, SANDBOX] : CGROUPS;
  return groups.map((group) => ({ ...any, ...group }));
}

/** Prometheus makes these with every scrape, after `metric_relabel_configs`. */
const OF_A_SCRAPE = /^(up|scrape_(duration_seconds|samples_scraped|samples_post_metric_relabeling|series_added))$/;

/** Whether Prometheus makes a metric itself with every scrape, so that no keep list holds it. */
export const isOfScrape = (metric: string): boolean => OF_A_SCRAPE.test(metric);

/** What an environment has besides the series of every environment. */
export interface Known {
  /** Applications with metrics of their own, which are not known: any metric may be theirs that belongs to no exporter of ours. */
  readonly applications: readonly string[];
  /** Jobs of targets that CloudNova did not start. Their metrics are not known, so each name counts as exported. @default none */
  readonly targets?: readonly string[];
  /** Names that the user's own rules record. */
  readonly recorded: ReadonlySet<string>;
}

export const NOTHING_ELSE: Known = { applications: [], recorded: new Set() };

/** Jobs whose series may have the label of an application (src/monitoring/scrape.ts). */
const OF_APPLICATIONS = ["traefik", "cadvisor", "kubelet-probes", "probe"];

/** Series of applications, as their scrape jobs label them. */
const ownSeries = (metric: string, applications: readonly string[]): Series[] =>
  ownerOf(metric)
    ? []
    : applications.map((job) => ({
        job,
        labels: { job: { known: [job] }, [APPLICATION]: { known: [job] }, instance: { name: true }, node: { name: true } },
        open: true,
      }));

/** Series of targets that are not ours. A machine's instance is its address with the port, and it has no node. */
const otherSeries = (targets: readonly string[]): Series[] =>
  targets.map((job) => ({ job, labels: { job: { known: [job] }, instance: {}, node: { name: true, optional: true } }, open: true }));

/** Every kind of series of a metric that a target exports, with the labels that the scrape adds. @param known @default nothing else */
export function seriesOf(metric: string, { applications, targets = [] }: Known = NOTHING_ELSE): Series[] {
  return [...shippedSeries(metric), ...ownSeries(metric, applications), ...otherSeries(targets)];
}

function shippedSeries(metric: string): Series[] {
  return JOBS.flatMap((scrape): Series[] => {
    const job = scrape.job_name;
    const added = { ...targetLabels(scrape), ...(OF_APPLICATIONS.includes(job) && { [APPLICATION]: { optional: true } }) };
    if (isOfScrape(metric)) return [{ job, labels: added }];
    if (job === "grafana" && metric.startsWith("grafana_")) return [{ job, labels: added, open: true }];
    return exportedSeries(job, metric).map((labels) => {
      // Prometheus renames what would be replaced (honor_labels is false).
      const own = Object.entries(labels).map(([label, values]) => [Object.hasOwn(added, label) ? `exported_${label}` : label, values]);
      return { job, labels: { ...Object.fromEntries(own), ...added } };
    });
  });
}

/** Whether one condition can be met by a label of which this is known. */
export function canMatch({ operator, value }: Matcher, { known, name = false, optional = false }: Values): boolean {
  // What stands where a variable stood: the choice has a fitting value, whatever the operator.
  if (value === ".*") return true;
  const meets = (text: string) => (operator.endsWith("~") ? matches(value, text) : text === value) !== operator.startsWith("!");
  if (known) return known.some(meets);
  if (optional && meets("")) return true;
  if (operator === "!=") return true;
  if (operator === "!~") return value !== ".+";
  if (name && (operator === "=" ? value.includes(":") : needsColon(value, "re2"))) return false;
  return !["", "()", "^$"].includes(value);
}

/** What is known of a label of a series. */
export const valuesOf = ({ labels, open = false }: Series, label: string): Values => labels[label] ?? (open ? { optional: true } : NOTHING);

/** Texts that stand for a label's values under all conditions on it, for a rule of relabelling to read. */
function samples(label: string, values: Values, matchers: readonly Matcher[]): string[] {
  const mine = matchers.filter((one) => one.label === label);
  const allowed = (known: string) => mine.every((one) => canMatch(one, { known: [known] }));
  if (values.known) return values.known.filter(allowed);
  const filled = mine.every((one) => canMatch(one, { name: values.name })) ? [label] : [];
  return values.optional && allowed("") ? ["", ...filled] : filled;
}

/** Whether series that meet all conditions are stored, with the metric on the keep list, as an import puts it there. */
export function isAnyStored({ metric, matchers }: Selector, { job, labels }: Series): boolean {
  if (isOfScrape(metric)) return true;
  const scrape = scrapeJobs({ ...SETTINGS, imported: [{ [job]: [metric] }] }).find(({ job_name }) => job_name === job);
  const rules = (scrape?.metric_relabel_configs ?? []) as Relabel[];
  const read = [...new Set(rules.flatMap(({ source_labels = [] }) => source_labels))].filter((label) => label !== "__name__");
  const combined = read.reduce<Record<string, string>[]>(
    (before, label) =>
      before.flatMap((one) => samples(label, labels[label] ?? NOTHING, matchers).map((value) => ({ ...one, [label]: value }))),
    [{ __name__: metric }],
  );
  return combined.some((one) => isStored(one, rules));
}
