import { type Machine, type Room, SYSTEM_DISK } from "./config/machines.ts";
import type { Config } from "./config/resolve.ts";
import { mebibytes, millicores } from "./config/units.ts";
import { isBackground } from "./constructs/background.ts";
import { budget as words } from "./messages/budget.ts";

/** The part of a manifest that the budget reads. */
interface Container {
  readonly name: string;
  readonly resources?: { readonly requests?: Record<string, string>; readonly limits?: Record<string, string> };
}
interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}
export interface Manifest {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: Record<string, unknown>;
}

/** One line of the table: all pods of one container's kind. Memory in MiB, CPU in millicores; a limit of 0 means none. */
export interface Row {
  readonly component: string;
  readonly pods: number;
  readonly memory: number;
  readonly memoryLimit: number;
  readonly cpu: number;
  readonly cpuLimit: number;
}

/** What the cluster runs for itself or for us, by name. */
export type ClusterRows = Readonly<Record<string, Omit<Row, "component"> & { readonly updated?: boolean; readonly everyNode?: boolean }>>;

/** What an environment asks for, against what its machine offers. Memory in MiB, CPU in millicores. */
export interface Budget {
  readonly rows: readonly Row[];
  /** Sums over everything that runs all the time. */
  readonly total: Omit<Row, "component">;
  /** Everything that one apply can start at once beside that: the extra pod of each Deployment, and each Job. */
  readonly update: Machine;
  /** Pods that run on demand only. An apply ends them, so they never meet its extra pods. */
  readonly onDemand: Machine;
  /** The largest way from a request to its limit: room for any one container to use all that it may. MiB. */
  readonly burst: number;
  /**
   * Kept for scheduled Jobs: the daily renewal of certificates and the backups run at different times, so the largest counts. MiB.
   */
  readonly scheduled: number;
  /** All volumes together, MiB. */
  readonly volumes: number;
  /** The machine less what its system takes; of several machines, all but one. Disk in MiB, without end where volumes are elsewhere. */
  readonly available: Machine & { readonly disk: number };
  /** Why it does not fit, in numbers; empty when it does. */
  readonly problems: readonly string[];
}

type Template = { readonly spec: PodSpec };

function podSpec(manifest: Manifest): PodSpec | undefined {
  const spec = manifest.spec as { template?: Template; jobTemplate?: { spec: { template: Template } } } | undefined;
  return spec?.jobTemplate?.spec.template.spec ?? spec?.template?.spec;
}

function row({ name, resources }: Container, pods: number): Row {
  const of = (kind: "requests" | "limits", what: string) => resources?.[kind]?.[what];
  return {
    component: name,
    pods,
    memory: mebibytes(of("requests", "memory") ?? "0Mi") * pods,
    memoryLimit: mebibytes(of("limits", "memory") ?? "0Mi") * pods,
    cpu: millicores(of("requests", "cpu") ?? "0") * pods,
    cpuLimit: millicores(of("limits", "cpu") ?? "0") * pods,
  };
}

const sum = <K extends string>(rows: readonly Readonly<Record<K, number>>[], key: K) => rows.reduce((total, one) => total + one[key], 0);
const both = (rows: readonly Machine[]): Machine => ({ memory: sum(rows, "memory"), cpu: sum(rows, "cpu") });
const most = (numbers: readonly number[]) => Math.max(0, ...numbers);

/** What the scheduler sets aside for one pod: its containers together, or its largest init container if that is more. */
function podOf({ containers, initContainers = [] }: PodSpec): Machine {
  const [main, init] = [containers, initContainers].map((list) => list.map((container) => row(container, 1)));
  const requested = (key: "memory" | "cpu") => Math.max(sum(main ?? [], key), most((init ?? []).map((one) => one[key])));
  return { memory: requested("memory"), cpu: requested("cpu") };
}

/** What a volume claim asks for, MiB; 0 for every other object. */
function claimed({ kind, spec }: Manifest): number {
  if (kind !== "PersistentVolumeClaim") return 0;
  return mebibytes((spec as { resources: { requests: { storage: string } } }).resources.requests.storage);
}

/** Machines that all else must fit on: of several, any one may be away. */
const machinesOf = ({ nodes = 1 }: Room): number => Math.max(1, nodes - 1);

/** How many pods there can be: an autoscaler's upper bound counts. */
function podsOf(manifest: Manifest, all: readonly Manifest[], machines: number): number {
  if (manifest.kind === "DaemonSet") return machines;
  const scaler = all.find(
    ({ kind, spec }) => kind === "HorizontalPodAutoscaler" && (spec?.scaleTargetRef as { name?: string })?.name === manifest.metadata?.name,
  );
  return (scaler?.spec?.maxReplicas as number | undefined) ?? (manifest.spec?.replicas as number | undefined) ?? 1;
}

/** Extra pods that a rolling update of a Deployment may start before it ends old ones. @default Kubernetes': 25 %, rounded up */
function surgeOf(manifest: Manifest, pods: number): number {
  const strategy = manifest.spec?.strategy as { type?: string; rollingUpdate?: { maxSurge?: number | string } } | undefined;
  if (strategy?.type === "Recreate") return 0;
  const surge = strategy?.rollingUpdate?.maxSurge ?? "25%";
  return typeof surge === "number" ? surge : Math.ceil((pods * Number.parseInt(surge, 10)) / 100);
}

/** What a manifest, or a pod of the cluster's, adds to each part of the budget. */
interface Parts {
  readonly rows: readonly Row[];
  /** Started by an apply. */
  readonly started?: readonly Machine[];
  readonly scheduled?: readonly Machine[];
  readonly onDemand?: readonly Machine[];
  /** From request to limit, MiB. */
  readonly bursts?: readonly number[];
  /** What one pod asks for. */
  readonly pod?: Machine;
}

function partsOf(manifest: Manifest, all: readonly Manifest[], machines: number): Parts {
  const spec = podSpec(manifest);
  if (!spec) return { rows: [] };
  const pod = podOf(spec);
  // A Job for which nothing waits is the first run of what is scheduled: where the two meet, the scheduler lets the second one wait.
  if (manifest.kind === "Job" && !isBackground(manifest)) return { rows: [], started: [pod] };
  if (manifest.kind === "Job" || manifest.kind === "CronJob") return { rows: [], scheduled: [pod] };
  const pods = podsOf(manifest, all, machines);
  return {
    // Init containers run before the others and ask for no more than these: a test holds it.
    rows: spec.containers.map((container) => row(container, pods)),
    started: manifest.kind === "Deployment" ? Array<Machine>(surgeOf(manifest, pods)).fill(pod) : [],
    onDemand: pods === 0 ? [pod] : [],
    pod,
    bursts: spec.containers.map((container) => row(container, 1)).map((one) => one.memoryLimit - one.memory),
  };
}

function clusterParts(name: string, { updated = false, everyNode = false, ...one }: ClusterRows[string], machines: number): Parts {
  const times = everyNode ? machines : 1;
  const { pods, memory, memoryLimit, cpu, cpuLimit } = one;
  const row = {
    pods: pods * times,
    memory: memory * times,
    memoryLimit: memoryLimit * times,
    cpu: cpu * times,
    cpuLimit: cpuLimit * times,
  };
  return {
    rows: [{ component: words.bundled(name), ...row }],
    started: updated ? [one] : [],
    bursts: memoryLimit > 0 ? [(memoryLimit - memory) / pods] : [],
  };
}

/**
 * Adds up the manifests themselves, so that nothing that is deployed can be left out.
 * @param cluster what the cluster runs that no manifest of ours holds, such as CoreDNS and k3s' Traefik; `updated` where an apply of
 * ours can make the cluster start an extra pod of it
 */
export function budget(all: readonly Manifest[], machine: Room, cluster: ClusterRows = {}): Budget {
  const machines = machinesOf(machine);
  const parts = [
    ...all.map((manifest) => partsOf(manifest, all, machines)),
    ...Object.entries(cluster).map(([name, one]) => clusterParts(name, one, machines)),
  ];
  const each = { memory: machine.memory - machine.system.memory, cpu: machine.cpu - machine.system.cpu };
  const pods = parts.flatMap(({ pod }) => pod ?? []);
  const rows = parts.flatMap((one) => one.rows);
  const scheduled = parts.flatMap((one) => one.scheduled ?? []);
  const total = {
    pods: sum(rows, "pods"),
    memory: sum(rows, "memory"),
    memoryLimit: sum(rows, "memoryLimit"),
    cpu: sum(rows, "cpu"),
    cpuLimit: sum(rows, "cpuLimit"),
  };
  const result = {
    rows,
    total,
    update: both(parts.flatMap((one) => one.started ?? [])),
    onDemand: both(parts.flatMap((one) => one.onDemand ?? [])),
    burst: most(parts.flatMap((one) => one.bursts ?? [])),
    scheduled: most(scheduled.map(({ memory }) => memory)),
    volumes: all.map(claimed).reduce((sum, one) => sum + one, 0),
    available: {
      memory: machines * each.memory,
      cpu: machines * each.cpu,
      disk: machine.disk - SYSTEM_DISK,
    },
  };
  const largest = { memory: most(pods.map(({ memory }) => memory)), cpu: most(pods.map(({ cpu }) => cpu)) };
  const isTooLarge = machines > 1 && (largest.memory > each.memory || largest.cpu > each.cpu);
  const tooLarge = isTooLarge ? [words.largestPod(largest.memory, largest.cpu, each.memory, each.cpu)] : [];
  return { ...result, problems: [...problems(result), ...tooLarge] };
}

/** What the cluster runs beside our manifests: its own pods, metrics-server where an autoscaler needs it, and k3s' Traefik. */
function clusterRows({ facts, webapp, applications, resources }: Config): ClusterRows {
  const { memory, memoryLimit, cpu, cpuLimit } = resources.traefik;
  const traefik = {
    pods: 1,
    memory: mebibytes(memory),
    memoryLimit: mebibytes(memoryLimit),
    cpu: millicores(cpu),
    cpuLimit: millicores(cpuLimit),
    updated: true,
  };
  return {
    ...facts.pods,
    ...([webapp, ...applications].some(({ autoscaling }) => autoscaling) && { "metrics-server": facts.metricsServer }),
    ...(facts.ingressController === "bundled" && { traefik }),
  };
}

/** What an environment asks for, against the machine that it names: known before there is any cluster. */
export function plannedBudget(config: Config, manifests: readonly Manifest[]): Budget {
  const { machine, facts } = config;
  return budget(manifests, facts.localVolumes ? machine : { ...machine, disk: Number.POSITIVE_INFINITY }, clusterRows(config));
}

/** The most that runs for a while beside what always runs: an update's extra pods, or what runs on demand. */
export function extra({ update, onDemand }: Pick<Budget, "update" | "onDemand">): Machine {
  return { memory: Math.max(update.memory, onDemand.memory), cpu: Math.max(update.cpu, onDemand.cpu) };
}

function problems(result: Omit<Budget, "problems">): string[] {
  const { total, burst, scheduled, volumes, available } = result;
  const found: string[] = [];
  const more = extra(result);
  const memory = total.memory + more.memory + scheduled;
  if (memory > available.memory) {
    found.push(words.memory(total.memory, more.memory, scheduled, memory - available.memory, available.memory));
  } else if (memory + burst > available.memory) {
    found.push(words.memoryBurst(burst, memory + burst, memory + burst - available.memory, available.memory));
  }
  const cpu = total.cpu + more.cpu;
  if (cpu > available.cpu) found.push(words.cpu(cpu, cpu - available.cpu, available.cpu));
  if (volumes > available.disk) found.push(words.disk(volumes, volumes - available.disk, available.disk));
  return found;
}

/** The table as text, for people. A limit that is not set is a dash. */
export function budgetTable(result: Budget): string {
  const { rows, total, update, onDemand, burst, scheduled, volumes, available } = result;
  const line = (cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(34) : String(cell).padStart(12))).join("");
  const body = rows
    .filter(({ pods }) => pods > 0)
    .map(({ component, pods, memory, memoryLimit, cpu, cpuLimit }) =>
      line([component, pods, memory, memoryLimit || "–", cpu, cpuLimit || "–"]),
    );
  return [
    line(words.columns),
    ...body,
    line([words.requested, total.pods, total.memory, total.memoryLimit, total.cpu, total.cpuLimit]),
    line([words.update, "", update.memory, "", update.cpu, ""]),
    ...(onDemand.memory > 0 ? [line([words.onDemand, "", onDemand.memory, "", onDemand.cpu, ""])] : []),
    line([words.burst, "", burst, "", "", ""]),
    line([words.scheduled, "", scheduled, "", "", ""]),
    line([words.needed, "", total.memory + extra(result).memory + burst + scheduled, "", total.cpu + extra(result).cpu, ""]),
    line([words.available, "", available.memory, "", available.cpu, ""]),
    Number.isFinite(available.disk) ? words.volumes(volumes, available.disk) : words.volumesElsewhere(volumes),
  ].join("\n");
}
