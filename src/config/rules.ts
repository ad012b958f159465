import { environment as words } from "../messages/environment.ts";
import { PORTS } from "../ports.ts";
import { GENERATED_SECRETS } from "../secrets.ts";
import { allConnections, applicationConnections } from "./application-connections.ts";
import { applicationViolations } from "./application-rules.ts";
import { databaseViolations } from "./database-rules.ts";
import type { Violation } from "./errors.ts";
import { type Openable, openedPorts } from "./open.ts";
import { contains } from "./ranges.ts";
import { remoteWriteViolations } from "./remote-write-rules.ts";
import { resolve } from "./resolve.ts";
import { sampleOf, samplePath } from "./resolve-applications.ts";
import { databaseNeeds, workersNeed } from "./resources.ts";
import { DASHBOARDS, type Parsed } from "./schema.ts";
import { rateWindow } from "./scrape-interval.ts";
import { scrapeViolations } from "./scrape-rules.ts";
import { tlsViolations } from "./tls-rules.ts";
import { mebibytes, millicores, portOf, seconds } from "./units.ts";

/** Share of Prometheus' volume that it may fill: its storage documentation asks for 80-85 % at most. */
const RETENTION_SHARE = 0.8;
/**
 * Every new block starts with a chunk file of 512 MiB that is allocated before it is written (`DefaultChunkSegmentSize` and
 * `cutSegmentFile` in Prometheus' tsdb/chunks/chunks.go). Without that much free space no compaction ever ends.
 */
const COMPACTION_MIB = 512;
/** Upper bound of the series stored on one node, for the estimate of disk use. */
const ACTIVE_SERIES = 4000;
/** Bytes of one sample on disk: 1-2 by Prometheus' storage documentation. */
const BYTES_PER_SAMPLE = 2;
/** Bytes of one sample in the write-ahead log: a float of 8, the differences of series and time; compression halves it at best. */
const LOG_BYTES_PER_SAMPLE = 10;
/** A segment of the log is cut every two hours, and the oldest are dropped when there are four (`truncateWAL` in tsdb/head.go). */
const LOG_SECONDS = 8 * 3600;

/** `retention.size` in MiB: what blocks and write-ahead log may fill of Prometheus' volume, with room left to compact. */
export function retentionSize(volume: string): number {
  const size = mebibytes(volume);
  return Math.min(Math.floor(size * RETENTION_SHARE), size - COMPACTION_MIB);
}

/** The smallest volume in MiB whose `retentionSize` is at least `need`. */
const volumeFor = (need: number): number => Math.max(Math.ceil(need / RETENTION_SHARE), need + COMPACTION_MIB);

/** Disk in MiB that blocks (formula of Prometheus' storage documentation) and write-ahead log need at the scrape interval. */
function retentionNeed(retention: string, interval: string, series: number): number {
  const samplesPerSecond = series / seconds(interval);
  const bytes = samplesPerSecond * (seconds(retention) * BYTES_PER_SAMPLE + LOG_SECONDS * LOG_BYTES_PER_SAMPLE);
  return Math.ceil(bytes / 2 ** 20);
}

type Rule = (parsed: Parsed) => Violation[];

const machineSaidOnce: Rule = ({ machine }) => {
  const both = machine.instance && (machine.memory ? "memory" : machine.cpu && "cpu");
  if (both) return [{ path: ["machine", both], message: words.definedTwice(machine.instance ?? "") }];
  if (machine.instance || (machine.memory && machine.cpu)) return [];
  return [{ path: ["machine"], message: words.noMachine }];
};

const ec2HasInstance: Rule = ({ ec2, cluster, machine }) => {
  if (!ec2) return [];
  if (cluster !== "k3s") return [{ path: ["ec2"], message: words.ec2NeedsK3s }];
  if (!machine.instance) return [{ path: ["ec2"], message: words.ec2NeedsInstance }];
  const snapshots = ec2.laboratory && (ec2.snapshots ?? 0) > 0;
  return snapshots ? [{ path: ["ec2", "snapshots"], message: words.noLaboratorySnapshots }] : [];
};

const alertsOutlastScrapes: Rule = ({ monitoring }) =>
  Object.entries(monitoring.alerts)
    .filter(([, alert]) => seconds(alert.for) < seconds(monitoring.scrapeInterval))
    .map(([name, alert]) => ({
      path: ["monitoring", "alerts", name, "for"],
      message: words.shorterThanScrape(alert.for, monitoring.scrapeInterval),
    }));

const ratesHaveSamples: Rule = ({ monitoring }) => {
  const { window } = monitoring.alerts.cpu;
  const least = rateWindow(monitoring.scrapeInterval);
  if (seconds(window) >= seconds(least)) return [];
  return [
    {
      path: ["monitoring", "alerts", "cpu", "window"],
      message: words.rateTooShort(window, monitoring.scrapeInterval, least),
    },
  ];
};

/** Whether the volume holds the samples and can compact them. @param more series beyond those of our own rules and dashboards. @default none */
export function retentionFits({ monitoring }: Pick<Parsed, "monitoring">, more = 0): Violation[] {
  const { retention, scrapeInterval, volume } = monitoring;
  const need = retentionNeed(retention, scrapeInterval, ACTIVE_SERIES + more);
  if (need <= retentionSize(volume)) return [];
  return [
    {
      path: ["monitoring", "volume"],
      message: words.retention(volume, retention, scrapeInterval, need, COMPACTION_MIB, volumeFor(need)),
    },
  ];
}

const bufferPoolFits: Rule = (parsed) => {
  const { database } = parsed;
  if (database.external) return [];
  const limit = resolve(parsed).resources.mysql.memoryLimit;
  const need = databaseNeeds(database);
  if (need <= mebibytes(limit)) return [];
  return [
    {
      path: ["database", "bufferPool"],
      message: words.bufferPool(database.bufferPool, need, limit),
    },
  ];
};

/** Pools that are known: the sample's, and those that variables of applications name. Others are warned of (warnings.ts). */
const connectionsSuffice: Rule = (parsed) => {
  const config = resolve(parsed);
  const { maxConnections } = config.database;
  const known = applicationConnections(config.applications).filter((one) => one.known);
  const need = allConnections(config, known);
  if (need <= maxConnections || (known.length === 0 && !config.sample)) return [];
  const pools = known.map(({ name, processes, pool, most }) => words.poolOf(name, most, processes, pool)).join("; ");
  const message = known.length === 0 ? words.connections(maxConnections, need) : words.connectionsOf(maxConnections, need, pools);
  return [{ path: ["database", "maxConnections"], message }];
};

const nodePortsDiffer: Rule = ({ ingress }) => {
  const { http, https } = ingress.nodePorts;
  return http === https ? [{ path: ["ingress", "nodePorts", "https"], message: words.portTaken(https, "http") }] : [];
};

/** kind's ports are mappings of its container, so they are free to choose; k3s opens those of Traefik's Service. */
const publicPortsAreChosen: Rule = (parsed) => {
  if (parsed.ingress.ports === undefined) return [];
  const { facts, ingress } = resolve(parsed);
  if (!facts.choosesPorts) return [{ path: ["ingress", "ports"], message: words.fixedPorts(parsed.cluster) }];
  const { http, https } = ingress.ports;
  const [here, there] = parsed.ingress.ports.https === undefined ? ["http", "https"] : ["https", "http"];
  return http === https ? [{ path: ["ingress", "ports", here], message: words.portTaken(https, there) }] : [];
};

/** k3s' Traefik has a Service of its own. */
const loadBalancerIsOurs: Rule = (parsed) =>
  parsed.ingress.loadBalancer && resolve(parsed).facts.ingressController !== "own"
    ? [{ path: ["ingress", "loadBalancer"], message: words.bundledTraefik }]
    : [];

/** Counts what `open` takes by default, and what the cluster has on this machine. */
const openPortsDiffer: Rule = (parsed) => {
  const { cluster, open } = parsed;
  const config = resolve(parsed);
  const { http, https } = config.ingress.ports;
  const taken = [http, https, ...config.facts.hostPorts];
  const opened = openedPorts(config);
  // kind has the application at that port itself, and k3s' machine node-exporter.
  const isPublished = (name: Openable, port: number) =>
    cluster === "k3s" ? name === "node-exporter" && port === PORTS["node-exporter"] : name === "app" && port === https;
  return opened.flatMap(({ name, port }, index) => {
    const other = opened.slice(0, index).find((one) => one.port === port);
    if (!other && (isPublished(name, port) || !taken.includes(port))) return [];
    // A default cannot be pointed at: what the file names is. Defaults clash only with ports of kind that the file names.
    const named = [name, other?.name].find((one) => one && open[one] !== undefined);
    const path = named ? ["open", named] : ["ingress", "ports", port === http ? "http" : "https"];
    return [{ path, message: words.portTaken(port, named === name ? (other?.name ?? words.clusterItself) : name) }];
  });
};

const autoscalingGrows: Rule = (parsed) => {
  const { webapp, applications } = resolve(parsed);
  const all = [{ ...webapp, path: samplePath(parsed) }, ...applications.map((one) => ({ ...one, path: ["applications", one.name] }))];
  return all.flatMap(({ path, replicas, autoscaling }) =>
    autoscaling && autoscaling.maxReplicas < replicas
      ? [{ path: [...path, "autoscaling", "maxReplicas"], message: words.belowReplicas(autoscaling.maxReplicas, replicas) }]
      : [],
  );
};

const limitsCoverRequests: Rule = (parsed) =>
  Object.entries(resolve(parsed).resources).flatMap(([name, { memory, memoryLimit, cpu, cpuLimit }]) => {
    const found: Violation[] = [];
    const path = ["resources", name];
    if (mebibytes(memoryLimit) < mebibytes(memory)) found.push({ path, message: words.memoryLimit(memoryLimit, memory) });
    if (millicores(cpuLimit) < millicores(cpu)) found.push({ path, message: words.cpuLimit(cpuLimit, cpu) });
    return found;
  });

const workersHaveMemory: Rule = (parsed) => {
  const { resources } = parsed;
  const { workers } = sampleOf(parsed).settings;
  const need = workersNeed(workers);
  const name = [...samplePath(parsed), "workers"].join(".");
  return (["memory", "memoryLimit"] as const).flatMap((key) => {
    const given = resources.webapp?.[key];
    if (given === undefined || mebibytes(given) >= need) return [];
    return [{ path: ["resources", "webapp", key], message: words.workers(given, need, name, workers) }];
  });
};

const ownSecretsKeepTheirNames: Rule = ({ secrets }) =>
  Object.entries(secrets).flatMap(([key, name]) => {
    const other = Object.entries(GENERATED_SECRETS).find(([generated, generatedName]) => generatedName === name && generated !== key);
    if (!other) return [];
    return [{ path: ["secrets", key], message: words.secretTaken(name, other[0]) }];
  });

const importedHaveOwnNames: Rule = ({ monitoring }) =>
  [...monitoring.imported.entries()]
    .filter(([, name]) => (DASHBOARDS as readonly string[]).includes(name))
    .map(([index, name]) => ({ path: ["monitoring", "imported", String(index)], message: words.dashboardTaken(name) }));

/** Grafana's start page is the first dashboard, and one of an application that does not run is left out. */
const someDashboardIsLeft: Rule = (parsed) => {
  const { sample, applications, monitoring, backups } = resolve(parsed);
  const there: Partial<Record<string, boolean>> = { webapp: sample, applications: applications.length > 0, backups: backups !== false };
  const left = monitoring.dashboards.filter((name) => there[name] ?? true);
  if (left.length + monitoring.imported.length > 0) return [];
  return [{ path: ["monitoring", "dashboards"], message: words.dashboardsOfNothing(monitoring.dashboards.join(", ")) }];
};

/** Alertmanager looks at a group every five minutes, and forgets notifications after five days (`--data.retention`). */
const REPEATS = { least: "5m", most: "5d" };
/** A fifth of it is the shortest of Alertmanager's steps. */
const SHORTEST_HEARTBEAT = "10s";

const repeatsAreKept: Rule = ({ alerting }) => {
  const found = Object.entries(alerting.repeat)
    .filter(([, every]) => seconds(every) < seconds(REPEATS.least) || seconds(every) > seconds(REPEATS.most))
    .map(([severity, every]) => ({
      path: ["alerting", "repeat", severity],
      message: words.notBetween(every, REPEATS.least, REPEATS.most),
    }));
  const { heartbeat } = alerting;
  if (!heartbeat || seconds(heartbeat.every) >= seconds(SHORTEST_HEARTBEAT)) return found;
  const path = ["alerting", "heartbeat", "every"];
  return [...found, { path, message: words.shorterThan(heartbeat.every, SHORTEST_HEARTBEAT) }];
};

/** The port on which a mail server takes TLS from the start, whatever `requireTls` says. */
const SMTPS = 465;

const mailCanBeDelivered: Rule = ({ alerting: { mail } }) => {
  if (!mail || mail.requireTls || portOf(mail.smarthost) === SMTPS) return [];
  const found: Violation[] = [];
  if (mail.user) found.push({ path: ["alerting", "mail", "requireTls"], message: words.accountNeedsTls });
  if (mail.privateCa) found.push({ path: ["alerting", "mail", "privateCa"], message: words.caNeedsTls });
  return found;
};

const quietHoursEnd: Rule = ({ alerting }) =>
  [...alerting.quiet.entries()]
    .filter(([, { from, to }]) => from === to || from === "24:00")
    .map(([index, { from, to }]) => ({
      path: ["alerting", "quiet", String(index), "from"],
      message: words.noTime(from, to),
    }));

/** Kubernetes refuses an ipBlock whose exception is not smaller than it, and a node's address is never a pod's or a Service's. */
const nodesAreNoPods: Rule = (parsed) => {
  const { network } = resolve(parsed);
  return parsed.machine.addresses.flatMap((range, index) =>
    (["pods", "services"] as const).flatMap((key) => {
      const other = network[key].find((one) => contains(one, range));
      return other ? [{ path: ["machine", "addresses", String(index)], message: words.insideCluster(range, key, other) }] : [];
    }),
  );
};

/** kind runs on this machine. */
const serverRunsK3s: Rule = ({ cluster, machine }) =>
  machine.ssh && cluster !== "k3s" ? [{ path: ["machine", "ssh"], message: words.serverRunsK3s(cluster) }] : [];

const RULES: readonly Rule[] = [
  machineSaidOnce,
  serverRunsK3s,
  ec2HasInstance,
  alertsOutlastScrapes,
  ratesHaveSamples,
  (parsed) => retentionFits(parsed),
  bufferPoolFits,
  connectionsSuffice,
  nodePortsDiffer,
  publicPortsAreChosen,
  loadBalancerIsOurs,
  openPortsDiffer,
  autoscalingGrows,
  limitsCoverRequests,
  workersHaveMemory,
  ownSecretsKeepTheirNames,
  importedHaveOwnNames,
  someDashboardIsLeft,
  repeatsAreKept,
  mailCanBeDelivered,
  quietHoursEnd,
  nodesAreNoPods,
  tlsViolations,
  databaseViolations,
  remoteWriteViolations,
  scrapeViolations,
];

/**
 * What is wrong with an environment whose every value is right by itself.
 *
 * @param data the environment file as it was read, without the schema's defaults
 */
export function violations(parsed: Parsed, data: unknown): Violation[] {
  return [...RULES.flatMap((rule) => rule(parsed)), ...applicationViolations(parsed, data)];
}
