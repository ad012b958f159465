import { queries as words } from "../../messages/queries.ts";

/** Series that a healthy machine may not have although a panel or an alert asks for them. */
export interface Absence {
  readonly metric: string;
  /** The matcher without which the metric does have series, as the query writes it. @default the metric as a whole is absent */
  readonly matcher?: string;
  /** `machine`: its hardware or its kernel decides. `failure`: they appear with the first failure. */
  readonly when: "machine" | "failure";
  readonly why: string;
}

/** Series that appear with the first failure. */
const failures = (metric: string, matcher: string, name: keyof typeof words.absences): Absence => ({
  metric,
  matcher,
  when: "failure",
  get why() {
    return words.absences[name];
  },
});

/** Series that some machines have, and others do not. */
const byMachine = (name: keyof typeof words.absences, ...metrics: readonly string[]): Absence[] =>
  metrics.map((metric) => ({
    metric,
    when: "machine",
    get why() {
      return words.absences[name];
    },
  }));

/** The whole list; it may excuse 5 % of what dashboards show. */
export const ABSENCES: readonly Absence[] = [
  failures("ALERTS", 'severity="critical"', "noCritical"),
  failures("ALERTS", 'severity="warning"', "noWarning"),
  failures("ALERTS", 'alertstate="pending"', "nonePending"),
  failures("ALERTS", 'alertname="FilesystemReadOnly"', "noReadOnly"),
  failures("ALERTS", 'alertname="ClockNotSynchronised"', "noLostClock"),
  failures("traefik_entrypoint_requests_total", 'code="429"', "noneRefused"),
  failures("traefik_entrypoint_requests_total", 'code=~"5.."', "no5xx"),
  failures("traefik_router_requests_total", 'code=~"5.."', "no5xx"),
  failures("prober_probe_total", 'result!="successful"', "noFailedProbe"),
  // EC2's cards, ENA and Xen's.
  ...byMachine("noLinkSpeed", "node_network_speed_bytes"),
  // Not t4g's Graviton, nor Docker Desktop's machine on a Mac.
  ...byMachine("noDirectMap", "node_memory_DirectMap4k_bytes", "node_memory_DirectMap2M_bytes", "node_memory_DirectMap1G_bytes"),
  // Red Hat's kernels and their like have them with psi=1 alone.
  ...byMachine(
    "noPressure",
    "node_pressure_cpu_waiting_seconds_total",
    "node_pressure_io_waiting_seconds_total",
    "node_pressure_io_stalled_seconds_total",
    "node_pressure_memory_waiting_seconds_total",
    "node_pressure_memory_stalled_seconds_total",
  ),
  // CONFIG_NF_CONNTRACK_PROCFS, which is out of date and off in some kernels.
  ...byMachine(
    "noConntrackStat",
    "node_nf_conntrack_stat_drop",
    "node_nf_conntrack_stat_early_drop",
    "node_nf_conntrack_stat_insert_failed",
    "node_nf_conntrack_stat_invalid",
  ),
];
