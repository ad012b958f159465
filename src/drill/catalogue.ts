import type { Config } from "../config/resolve.ts";
import type { Fault } from "./fault.ts";

/** An alert, and how to provoke it. */
export interface Drill {
  /** The alert's name. */
  readonly alert: string;
  /** Which of the machine's parts it is about. */
  readonly subject: string;
  /** What is broken, for people who are asked whether they want it. */
  readonly breaks: string;
  /** What visitors notice. */
  readonly visitors: string;
  readonly repairs: string;
  readonly faults: (config: Config) => readonly Fault[];
  /** Labels that the delivered alert must carry, beside its name and the severity of its rule. */
  readonly labels: Readonly<Record<string, string>>;
  /** The longest window of its query, where four scrapes are not enough. */
  readonly window?: string;
  /** A query without which the drill cannot run, and why. */
  readonly needs?: { readonly query: string; readonly otherwise: string };
  /** It always fires, and its absence is what is noticed. @default false */
  readonly always?: boolean;
}

/** Ends at SIGTERM; as a container's first process, sleep alone would not. */
const IDLE = ["bash", "-c", "trap 'exit 0' TERM; sleep infinity & wait"];
const NONE = "nothing";

/** Where /debug/* is off it is switched on, by a roll-out that interrupts nobody. */
const faultInjection = ({ webapp }: Config): Fault[] => {
  const env = [
    { name: "FAULT_INJECTION", value: "on" },
    { name: "FAULT_TOKEN_FILE", value: "/run/secrets/app/fault-token" },
  ];
  const patch = { spec: { template: { spec: { containers: [{ name: "webapp", env }] } } } };
  return webapp.faultInjection ? [] : [{ kind: "patch", target: { kind: "Deployment", name: "webapp" }, patch }];
};

/** The drills, quick and harmless ones first. */
export const CATALOGUE: readonly Drill[] = [
  {
    alert: "TargetDown",
    subject: "exporter",
    breaks: "node-exporter is taken off its node",
    visitors: NONE,
    repairs: "it comes back",
    faults: () => [
      {
        kind: "patch",
        target: { kind: "DaemonSet", name: "node-exporter" },
        patch: { spec: { template: { spec: { nodeSelector: { "cloudnova.dev/drill": "nowhere" } } } } },
      },
    ],
    labels: { job: "node" },
  },
  {
    alert: "WebappServerErrors",
    subject: "application",
    breaks: "requests that the application answers with 500 (/debug/error; switched on for the drill where it is off)",
    visitors: NONE,
    repairs: "the requests end",
    faults: (config) => [...faultInjection(config), { kind: "requests", path: "/debug/error" }],
    labels: {},
  },
  {
    alert: "WebappLatencyBudgetBurnsFast",
    subject: "application",
    breaks: "requests that the application answers after a second (/debug/latency; switched on for the drill where it is off)",
    visitors: "one thread less in one replica",
    repairs: "the requests end",
    faults: (config) => [...faultInjection(config), { kind: "requests", path: "/debug/latency?seconds=1" }],
    labels: {},
  },
  {
    alert: "HighCPUUsage",
    subject: "machine",
    breaks: "a pod keeps every core busy, at the lowest priority",
    visitors: "slower pages",
    repairs: "the pod is deleted",
    faults: () => [{ kind: "pod", name: "burn", args: ["burn"] }],
    labels: {},
  },
  {
    alert: "VolumeFilling",
    subject: "volume",
    breaks: "a file fills MySQL's volume until a tenth of it is free",
    visitors: NONE,
    repairs: "the file is gone with its pod",
    faults: () => [{ kind: "pod", name: "fill", args: ["fill", "/volume", "10"], volumeOf: "mysql" }],
    labels: {},
    needs: {
      query: 'count(node_filesystem_avail_bytes{mountpoint=~".*/pvc-.*"})',
      otherwise: "volumes are folders of the machine's disk here: to fill one is to fill the machine",
    },
  },
  {
    alert: "CertificateExpiresVerySoon",
    subject: "certificate",
    breaks: "the entrance shows a certificate that expires in three days and that nobody trusts",
    visitors: "a warning of their browser",
    repairs: "the certificate before is put back",
    faults: () => [{ kind: "certificate", days: 3 }],
    labels: { job: "probe" },
  },
  {
    alert: "ContainerRestarting",
    subject: "Kubernetes",
    breaks: "a pod ends again and again",
    visitors: NONE,
    repairs: "the pod is deleted",
    faults: () => [{ kind: "pod", name: "crash", args: ["crash", "18"], restarts: true }],
    labels: { pod: "cloudnova-drill-crash" },
    // The kubelet waits 10, 20, 40 s between starts: four take two minutes and a half.
    window: "4m",
  },
  {
    alert: "MysqlDown",
    subject: "database",
    breaks: "MySQL's pod runs without mysqld",
    visitors: "the application does not work for two minutes",
    repairs: "mysqld runs again",
    faults: () => [
      {
        kind: "patch",
        target: { kind: "StatefulSet", name: "mysql" },
        patch: { spec: { template: { spec: { containers: [{ name: "mysql", command: IDLE }] } } } },
      },
    ],
    labels: { job: "mysql" },
  },
  {
    alert: "Watchdog",
    subject: "alerting",
    breaks: "Alertmanager is stopped, so that its sign of life does not come",
    visitors: NONE,
    repairs: "it runs again",
    faults: () => [{ kind: "patch", target: { kind: "StatefulSet", name: "alertmanager" }, patch: { spec: { replicas: 0 } } }],
    labels: {},
    always: true,
  },
];
