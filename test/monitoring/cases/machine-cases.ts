import { type AlertCases, growing, NODE, steady } from "./case.ts";

const GIB = 2 ** 30;
const cpu = (mode: string, perMinute: number) => ({ [`node_cpu_seconds_total{${NODE},cpu="0",mode="${mode}"}`]: growing(perMinute) });
const memory = (available: number) => ({
  [`node_memory_MemAvailable_bytes{${NODE}}`]: steady(available),
  [`node_memory_MemTotal_bytes{${NODE}}`]: steady(2 * GIB),
});
const one = (metric: string, values: string) => ({ [`${metric}{${NODE}}`]: values });
const DEVICE = `${NODE},device="eth0"`;
const network = (errors: number) => ({
  [`node_network_receive_packets_total{${DEVICE}}`]: growing(1000),
  [`node_network_transmit_packets_total{${DEVICE}}`]: growing(1000),
  [`node_network_receive_errs_total{${DEVICE}}`]: growing(errors),
  [`node_network_transmit_errs_total{${DEVICE}}`]: growing(0),
});
const connections = (entries: number) => ({
  ...one("node_nf_conntrack_entries", steady(entries)),
  ...one("node_nf_conntrack_entries_limit", steady(1000)),
});

export const MACHINE: AlertCases = {
  // A minute has 60 s of one CPU: 11 s idle are 81.7 % used, 12.5 s are 79.2 %.
  HighCPUUsage: { fires: cpu("idle", 11), holds: cpu("idle", 12.5), at: "15m" },
  LowMemoryAvailable: { fires: memory(0.099 * 2 * GIB), holds: memory(0.101 * 2 * GIB), at: "10m" },
  HighLoad: {
    fires: { ...cpu("idle", 30), ...one("node_load5", steady(2.1)) },
    holds: { ...cpu("idle", 30), ...one("node_load5", steady(1.9)) },
    at: "20m",
  },
  // 15.6 s of a minute are 26 %.
  CPUStolen: { fires: cpu("steal", 15.6), holds: cpu("steal", 14.4), at: "25m" },
  // One kill, against kills that lie a quarter of an hour back.
  OutOfMemoryKill: {
    fires: one("node_vmstat_oom_kill", "0x20 1x10"),
    holds: one("node_vmstat_oom_kill", "0x5 3x30"),
    at: "25m",
  },
  MemoryThrashing: {
    fires: one("node_vmstat_pgmajfault", growing(60 * 510)),
    holds: one("node_vmstat_pgmajfault", growing(60 * 490)),
    at: "25m",
  },
  NetworkErrors: { fires: network(22), holds: network(18), at: "25m" },
  ConntrackNearlyFull: { fires: connections(760), holds: connections(740), at: "10m" },
  ClockSkew: { fires: one("node_timex_offset_seconds", steady(-0.06)), holds: one("node_timex_offset_seconds", steady(-0.04)), at: "15m" },
  // Lost, against a machine that never said that it is synchronised.
  ClockNotSynchronised: {
    fires: one("node_timex_sync_status", "1x5 0x1900"),
    holds: one("node_timex_sync_status", "0x1900"),
    at: "40m",
    stillAt: "30h",
  },
};
