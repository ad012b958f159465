import { type Machine, type Room, SYSTEM_DISK } from "./config/machines.ts";
import type { Resources } from "./config/resources.ts";
import { mebibytes, millicores } from "./config/units.ts";

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
  readonly metadata?: { readonly name?: string };
  readonly spec?: Record<string, unknown>;
}

/** One line of the table: all pods of one container's kind. Memory in MiB, CPU in millicores. */
export interface Row {
  readonly component: string;
  readonly pods: number;
  readonly memory: number;
  readonly memoryLimit: number;
  readonly cpu: number;
  readonly cpuLimit: number;
}

/** What an environment asks for, against what its machine offers. Memory in MiB, CPU in millicores. */
export interface Budget {
  readonly rows: readonly Row[];
  /** Sums over everything that runs all the time. */
  readonly total: Omit<Row, "component">;
  /** The most that comes on top for minutes: a Job, or the extra pod of a rolling update. */
  readonly transient: { readonly memory: number; readonly cpu: number };
  /** The largest way from a request to its limit: room for any one container to use all that it may. */
  readonly burst: number;
  /** All volumes together, MiB. */
  readonly volumes: number;
  /** The machine less what its system takes. Disk in MiB. */
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
  const memory = mebibytes(of("requests", "memory") ?? "0Mi") * pods;
  const memoryLimit = mebibytes(of("limits", "memory") ?? "0Mi") * pods;
  return {
    component: name,
    pods,
    memory,
    memoryLimit,
    cpu: millicores(of("requests", "cpu") ?? "0") * pods,
    cpuLimit: millicores(of("limits", "cpu") ?? "0") * pods,
  };
}

const sum = (rows: readonly Row[], key: Exclude<keyof Row, "component">) => rows.reduce((total, one) => total + one[key], 0);
const most = (numbers: readonly number[]) => Math.max(0, ...numbers);

/** What a volume claim asks for, MiB; 0 for every other object. */
function claimed({ kind, spec }: Manifest): number {
  if (kind !== "PersistentVolumeClaim") return 0;
  return mebibytes((spec as { resources: { requests: { storage: string } } }).resources.requests.storage);
}

/** How many pods there can be: an autoscaler's upper bound counts. */
function podsOf(manifest: Manifest, all: readonly Manifest[]): number {
  const scaler = all.find(
    ({ kind, spec }) => kind === "HorizontalPodAutoscaler" && (spec?.scaleTargetRef as { name?: string })?.name === manifest.metadata?.name,
  );
  return (scaler?.spec?.maxReplicas as number | undefined) ?? (manifest.spec?.replicas as number | undefined) ?? 1;
}

/**
 * Adds up the manifests themselves, so that nothing that is deployed can be left out.
 * @param bundled components that the cluster runs for us, such as k3s' Traefik
 */
export function budget(all: readonly Manifest[], machine: Room, bundled: Readonly<Record<string, Resources>> = {}): Budget {
  const rows: Row[] = [];
  const transients: Row[] = [];
  const largest: number[] = [];
  for (const manifest of all) {
    const spec = podSpec(manifest);
    if (!spec) continue;
    const containers = spec.containers.map((container) => row(container, 1));
    if (manifest.kind === "Job" || manifest.kind === "CronJob") {
      transients.push(...containers);
      continue;
    }
    // A rolling update starts one pod more before it ends an old one.
    if (manifest.kind === "Deployment") transients.push(...containers);
    largest.push(...containers.map((one) => one.memoryLimit - one.memory));
    // Init containers run before the others and ask for no more than these: a test holds it.
    rows.push(...spec.containers.map((container) => row(container, podsOf(manifest, all))));
  }
  for (const [name, { memory, memoryLimit, cpu, cpuLimit }] of Object.entries(bundled)) {
    rows.push(
      row({ name: words.bundled(name), resources: { requests: { memory, cpu }, limits: { memory: memoryLimit, cpu: cpuLimit } } }, 1),
    );
  }
  const total = {
    pods: sum(rows, "pods"),
    memory: sum(rows, "memory"),
    memoryLimit: sum(rows, "memoryLimit"),
    cpu: sum(rows, "cpu"),
    cpuLimit: sum(rows, "cpuLimit"),
  };
  const transient = { memory: most(transients.map((one) => one.memory)), cpu: most(transients.map((one) => one.cpu)) };
  const available = {
    memory: machine.memory - machine.system.memory,
    cpu: machine.cpu - machine.system.cpu,
    disk: machine.disk - SYSTEM_DISK,
  };
  const volumes = all.map(claimed).reduce((sum, one) => sum + one, 0);
  const result = { rows, total, transient, burst: most(largest), volumes, available };
  return { ...result, problems: problems(result) };
}

function problems({ total, transient, burst, volumes, available }: Omit<Budget, "problems">): string[] {
  const found: string[] = [];
  const memory = total.memory + transient.memory;
  if (memory > available.memory) {
    found.push(words.memory(total.memory, transient.memory, memory - available.memory, available.memory));
  } else if (memory + burst > available.memory) {
    found.push(words.memoryBurst(burst, memory + burst, memory + burst - available.memory, available.memory));
  }
  const cpu = total.cpu + transient.cpu;
  if (cpu > available.cpu) found.push(words.cpu(cpu, cpu - available.cpu, available.cpu));
  if (volumes > available.disk) found.push(words.disk(volumes, volumes - available.disk, available.disk));
  return found;
}

/** The table as text, for people. */
export function budgetTable({ rows, total, transient, burst, volumes, available }: Budget): string {
  const line = (cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(28) : String(cell).padStart(11))).join("");
  const body = rows.map(({ component, pods, memory, memoryLimit, cpu, cpuLimit }) =>
    line([component, pods, memory, memoryLimit, cpu, cpuLimit]),
  );
  return [
    line(words.columns),
    ...body,
    line([words.requested, total.pods, total.memory, total.memoryLimit, total.cpu, total.cpuLimit]),
    line([words.transient, "", transient.memory, "", transient.cpu, ""]),
    line([words.burst, "", burst, "", "", ""]),
    line([words.available, "", available.memory, "", available.cpu, ""]),
    words.volumes(volumes, available.disk),
  ].join("\n");
}
