import { PORTS } from "../ports.ts";
import { type Component, IMAGES, isBuiltHere, withRegistry } from "../versions.ts";
import { CLUSTERS, type Cluster } from "./clusters.ts";
import { type Ec2, resolveEc2 } from "./ec2.ts";
import { INSTANCES, type Instance, type Machine, type Room } from "./machines.ts";
import { type Application, resolveApplications, sampleOf } from "./resolve-applications.ts";
import { defaultResources, type Resources, type Workload } from "./resources.ts";
import type { Parsed } from "./schema.ts";
import { currentZone } from "./time-zones.ts";
import { mebibytes, millicores } from "./units.ts";

/** A whole environment: nothing is optional that a chart needs, and every default that hangs on another value is decided. */
export type Config = Omit<
  Parsed,
  "machine" | "ec2" | "ingress" | "network" | "images" | "resources" | "webapp" | "applications" | "monitoring" | "alerting"
> & {
  /** What the cluster's kind brings with it. */
  readonly facts: Cluster;
  /** `instance` is EC2's instance type, where the file names one. */
  readonly machine: Required<Room> & {
    readonly addresses: readonly string[];
    readonly instance: Instance | undefined;
    readonly ssh?: string;
  };
  /** The machine that `cloudnova ec2` creates; undefined where the file has no such key. */
  readonly ec2: Ec2 | undefined;
  /** Ranges of pods' and of Services' addresses. */
  readonly network: Cluster["ranges"];
  /** `ports` are those at which a browser reaches the application. */
  readonly ingress: Parsed["ingress"] & { readonly ports: { readonly http: number; readonly https: number } };
  readonly images: Readonly<Record<keyof typeof IMAGES, string>>;
  /** The images that the environment file names itself. */
  readonly namedImages: Parsed["images"];
  readonly resources: Readonly<Record<Workload, Resources>>;
  /** Whether the sample application runs. */
  readonly sample: boolean;
  /** The settings of the sample; defaults where it does not run. */
  readonly webapp: NonNullable<Parsed["webapp"]> & { readonly replicas: number; readonly writeAccess: "open" | "login" };
  /** The user's own applications, in the file's order. */
  readonly applications: readonly Application[];
  readonly monitoring: Parsed["monitoring"] & { readonly grafana: boolean | "on-demand" };
  readonly alerting: Parsed["alerting"] & { readonly grafana: string };
};

/** `values` over `defaults`; an undefined value keeps the default. */
function over<T extends object>(defaults: T, values: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

function machineOf({ machine }: Parsed, facts: Cluster): Config["machine"] {
  const size: Machine = machine.instance
    ? INSTANCES[machine.instance]
    : { memory: mebibytes(machine.memory ?? "1Mi"), cpu: millicores(machine.cpu ?? "1m") };
  const { memory, cpu } = machine.system;
  const system = { memory: memory ? mebibytes(memory) : facts.system.memory, cpu: cpu ? millicores(cpu) : facts.system.cpu };
  const { instance, ssh, disk, addresses, nodes } = machine;
  return { ...size, system, disk: mebibytes(disk), nodes, addresses, instance, ...(ssh ? { ssh } : {}) };
}

/** The images of versions.ts from a registry; `up` builds our own, which are in none. */
function imagesFrom(registry: string | undefined): Record<Component, string> {
  const names = Object.entries(IMAGES).map(([name, image]) => [name, isBuiltHere(name) ? image : withRegistry(registry, image)]);
  return Object.fromEntries(names);
}

/**
 * Memory in MiB from which two replicas of the application and a permanent Grafana fit beside everything else on k3s: by default
 * 2,298 MiB with the reserves of src/budget.ts (docs/decisions/0010-what-2-gib-hold.md).
 */
const ROOMY = 3 * 1024;

/** Decides every default that hangs on another value. */
export function resolve(parsed: Parsed): Config {
  const facts: Cluster = CLUSTERS[parsed.cluster];
  const { runs, settings } = sampleOf(parsed);
  const resources = Object.fromEntries(
    Object.entries(defaultResources(settings, parsed.database)).map(([name, defaults]) => [
      name,
      over<Resources>(defaults, parsed.resources[name as Workload] ?? {}),
    ]),
  ) as Record<Workload, Resources>;
  const machine = machineOf(parsed, facts);
  const roomy = machine.memory >= ROOMY;
  return {
    ...parsed,
    facts,
    machine,
    ec2: parsed.ec2 && resolveEc2(parsed.ec2),
    network: over<Cluster["ranges"]>(facts.ranges, parsed.network),
    ingress: {
      ...parsed.ingress,
      loadBalancer: parsed.ingress.loadBalancer ?? (facts.loadBalancer ? { annotations: {} } : undefined),
      ports: over<Config["ingress"]["ports"]>(facts.publicPorts, parsed.ingress.ports ?? {}),
    },
    images: over(imagesFrom(parsed.registry), parsed.images),
    namedImages: parsed.images,
    resources,
    sample: runs,
    webapp: { ...settings, replicas: settings.replicas ?? (roomy ? 2 : 1), writeAccess: settings.writeAccess ?? facts.writeAccess },
    applications: resolveApplications(parsed),
    monitoring: { ...parsed.monitoring, grafana: parsed.monitoring.grafana ?? (roomy || "on-demand") },
    alerting: {
      ...parsed.alerting,
      timeZone: currentZone(parsed.alerting.timeZone) ?? parsed.alerting.timeZone,
      // Grafana is not at the ingress: it answers where `open` or a port-forward brings it.
      grafana: parsed.alerting.grafana ?? `http://localhost:${parsed.open.grafana ?? PORTS.grafana}`,
    },
  };
}
