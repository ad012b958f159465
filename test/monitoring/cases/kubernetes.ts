import { type AlertCases, growing, steady } from "./case.ts";

const POD = 'namespace="cloudnova",pod="mysql-0",container="mysql"';
/** A container that starts anew every five minutes; each start is a series of its own, as cAdvisor names them. */
const starts = (times: number) =>
  Object.fromEntries(
    Array.from({ length: times }, (_, index) => [
      `container_start_time_seconds{${POD},id="/pod/${index}"}`,
      `_x${index * 5} ${index * 300}x4`,
    ]),
  );
const probes = (failed: number) => ({
  [`prober_probe_total{${POD},probe_type="Readiness",result="failed"}`]: growing(failed),
  [`prober_probe_total{${POD},probe_type="Readiness",result="successful"}`]: growing(100 - failed),
  // A start-up probe fails until the program is there.
  [`prober_probe_total{${POD},probe_type="Startup",result="failed"}`]: growing(100),
});
const periods = (throttled: number) => ({
  [`container_cpu_cfs_periods_total{${POD}}`]: growing(600),
  [`container_cpu_cfs_throttled_periods_total{${POD}}`]: growing(throttled),
});
const memory = (used: number, limit = 100) => ({
  [`container_memory_working_set_bytes{${POD}}`]: steady(used),
  [`container_spec_memory_limit_bytes{${POD}}`]: steady(limit),
});
const seen = (values: string) => ({ 'kubelet_pleg_last_seen_seconds{instance="nova"}': values });

export const KUBERNETES: AlertCases = {
  ContainerRestarting: { fires: starts(4), holds: starts(3), at: "20m" },
  ProbeFailing: { fires: probes(55), holds: probes(45), at: "20m" },
  ContainerThrottled: { fires: periods(330), holds: periods(270), at: "25m" },
  ContainerNearMemoryLimit: { fires: memory(91), holds: memory(89), at: "20m" },
  // It looked last after ten minutes, against every minute.
  KubeletStuck: { fires: seen("0+60x10 600x60"), holds: seen("0+60x60"), at: "16m" },
};
