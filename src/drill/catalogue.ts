import { load } from "js-yaml";
import type { Config } from "../config/resolve.ts";

import type { DrillName, ReasonWithoutDrill } from "../messages/drill.ts";

import { APPLICATION } from "../monitoring/application.ts";
import { fits, type Needing, partsOf } from "../monitoring/parts.ts";
import { toYaml } from "../yaml.ts";
import type { Fault } from "./fault.ts";
import { outdatedProber, PROBER } from "./prober.ts";

/** An alert, and how to provoke it. */
export interface Drill extends Needing {
  /** The alert's name. `drillWords.drills` describes the fault and what visitors notice. */
  readonly alert: DrillName;
  readonly faults: (config: Config) => readonly Fault[];
  /** Labels that the delivered alert must carry, beside its name and the severity of its rule. */
  readonly labels: (config: Config) => Readonly<Record<string, string>>;
  /** The shortest window that its fault needs, where four scrapes are not enough. */
  readonly window?: string;
  /** It always fires, and its absence is what is noticed. @default false */
  readonly always?: boolean;
}

/** Ends at SIGTERM; as a container's first process, sleep alone would not. */
const IDLE = ["bash", "-c", "trap 'exit 0' TERM; sleep infinity & wait"];

/** Where /debug/* is off it is switched on, by a rollout without downtime. */
const faultInjection = ({ webapp }: Config): Fault[] => {
  const env = [
    { name: "FAULT_INJECTION", value: "on" },
    { name: "FAULT_TOKEN_FILE", value: "/run/secrets/app/fault-token" },
  ];
  const patch = { spec: { template: { spec: { containers: [{ name: "webapp", env }] } } } };
  return webapp.faultInjection ? [] : [{ kind: "patch", target: { kind: "Deployment", name: "webapp" }, patch }];
};

const EMPTY_JOB = "drill";

/** prometheus.yml with one more job, without targets. */
function withEmptyJob(text: string): string {
  const { scrape_configs: jobs, ...rest } = load(text) as { readonly scrape_configs: readonly object[] };
  return toYaml({ ...rest, scrape_configs: [...jobs, { job_name: EMPTY_JOB, static_configs: [] }] });
}

/** The drills, quick and harmless ones first. */
export const CATALOGUE: readonly Drill[] = [
  {
    alert: "TargetDown",
    faults: () => [
      {
        kind: "patch",
        target: { kind: "DaemonSet", name: "node-exporter" },
        patch: { spec: { template: { spec: { nodeSelector: { "cloudnova.dev/drill": "nowhere" } } } } },
      },
    ],
    labels: () => ({ job: "node" }),
  },
  {
    alert: "WebappServerErrors",
    needs: "sample",
    faults: (config) => [...faultInjection(config), { kind: "requests", path: "/debug/error", parallel: 1 }],
    labels: () => ({}),
  },
  {
    alert: "WebappLatencyBudgetBurnsFast",
    needs: "sample",
    faults: (config) => [...faultInjection(config), { kind: "requests", path: "/debug/latency?seconds=0.6", parallel: 2 }],
    labels: () => ({}),
  },
  {
    alert: "HighCPUUsage",
    faults: () => [{ kind: "pod", name: "burn", args: ["burn"] }],
    labels: () => ({}),
  },
  {
    alert: "MemoryThrashing",
    faults: () => [{ kind: "pod", name: "thrash", args: ["thrash", "/volume", "2000"], scratch: true }],
    labels: () => ({}),
  },
  {
    alert: "TargetMissing",
    faults: () => [{ kind: "file", configMap: "prometheus", file: "prometheus.yml", change: withEmptyJob }],
    labels: () => ({ scrape_job: EMPTY_JOB }),
  },
  {
    alert: "TlsHandshakeFailing",
    faults: () => [{ kind: "file", configMap: PROBER.name, file: "blackbox.yml", change: outdatedProber }],
    labels: () => ({ job: "probe" }),
  },
  {
    alert: "CertificateExpiresVerySoon",
    needs: "ownCertificate",
    faults: () => [{ kind: "certificate", days: 3 }],
    labels: () => ({ job: "probe" }),
  },
  {
    alert: "ContainerRestarting",
    faults: () => [{ kind: "pod", name: "crash", args: ["crash", "18"], restarts: true }],
    labels: () => ({ pod: "cloudnova-drill-crash" }),
    // The kubelet waits 10, 20, 40 s between starts: four take two minutes and a half.
    window: "4m",
  },
  {
    alert: "PublicAddressDown",
    needs: "applications",
    // The first of them; with each of them the drill would be the same.
    faults: ({ applications }) =>
      applications
        .slice(0, 1)
        .map(({ name }) => ({ kind: "patch", target: { kind: "Deployment", name }, patch: { spec: { replicas: 0 } } })),
    labels: ({ applications }) => ({ job: "probe", [APPLICATION]: applications[0]?.name ?? "" }),
  },
  {
    alert: "MysqlDown",
    needs: "ownDatabase",
    faults: () => [
      {
        kind: "patch",
        target: { kind: "StatefulSet", name: "mysql" },
        patch: { spec: { template: { spec: { containers: [{ name: "mysql", command: IDLE }] } } } },
      },
    ],
    labels: () => ({ job: "mysql" }),
  },
  {
    alert: "Watchdog",
    faults: () => [{ kind: "patch", target: { kind: "StatefulSet", name: "alertmanager" }, patch: { spec: { replicas: 0 } } }],
    labels: () => ({}),
    always: true,
  },
];

/** The drills that an environment can perform: those of an application that does not run there are left out. */
export const drillsOf = (config: Config): readonly Drill[] => CATALOGUE.filter((drill) => fits(partsOf(config), drill));

/** Alerts of the machine without a drill, by the reason: a real fault would do harm, and a simulated one proves nothing. */
export const ALERTS_WITHOUT_DRILL: Readonly<Record<ReasonWithoutDrill, readonly string[]>> = {
  load: ["HighLoad"],
  disk: ["DiskSaturated"],
  room: ["LowMemoryAvailable", "LowDiskSpace", "DiskAlmostFull", "DiskFullIn24Hours", "FewInodesLeft", "PrometheusCompactionsFailing"],
  killed: ["OutOfMemoryKill"],
  devices: ["CPUStolen", "ClockSkew", "ClockNotSynchronised", "NetworkErrors", "FilesystemReadOnly", "PrometheusWalCorrupted"],
};
