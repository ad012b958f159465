import { type AlertCases, growing, steady } from "./case.ts";

const POD = 'namespace="cloudnova",pod="mysql-0",container="mysql"';
/** The control group of a container as cAdvisor names it: by the cgroupfs driver, and by systemd's, which k3s uses. */
const CGROUPS = [
  (uid: string, start: number) => `/kubepods/burstable/pod${uid}/${start}f`,
  (uid: string, start: number) =>
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll("-", "_")}.slice/cri-containerd-${start}f.scope`,
] as const;
const UIDS = ["0f0c2a4e-3b1d-4c8a-9e57-2b6d1f0a7c31", "7d9e6b52-88aa-4f0e-b1c3-5e2f4a6d8b90"] as const;
/** A container that starts anew every five minutes; each start is a series of its own. */
const starts = (times: number, uid: string = UIDS[0], cgroup: (uid: string, start: number) => string = CGROUPS[0]) =>
  Object.fromEntries(
    Array.from({ length: times }, (_, index) => [
      `container_start_time_seconds{${POD},id="${cgroup(uid, index)}"}`,
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
  // Three starts of one pod and three of the next of that name are no restarts.
  ContainerRestarting: { fires: starts(4, UIDS[0], CGROUPS[1]), holds: { ...starts(3), ...starts(3, UIDS[1], CGROUPS[1]) }, at: "20m" },
  ProbeFailing: { fires: probes(55), holds: probes(45), at: "20m" },
  ContainerThrottled: { fires: periods(330), holds: periods(270), at: "25m" },
  ContainerNearMemoryLimit: { fires: memory(91), holds: memory(89), at: "20m" },
  // It looked last after ten minutes, against every minute.
  KubeletStuck: { fires: seen("0+60x10 600x60"), holds: seen("0+60x60"), at: "16m" },
};
