/** Series for one alert: `fires` must make it fire at `at`, `holds` nearly does and must not. Prometheus' own notation. */
export interface AlertCase {
  readonly fires: Readonly<Record<string, string>>;
  readonly holds: Readonly<Record<string, string>>;
  /** When the alert is looked for. */
  readonly at: string;
}

const NODE = 'instance="nova"';
const GIB = 2 ** 30;
const idle = (perMinute: number) => ({ [`node_cpu_seconds_total{${NODE},cpu="0",mode="idle"}`]: `0+${perMinute}x30` });
const memory = (available: number) => ({
  [`node_memory_MemAvailable_bytes{${NODE}}`]: `${available}x30`,
  [`node_memory_MemTotal_bytes{${NODE}}`]: `${2 * GIB}x30`,
});
const disk = (available: number) => ({
  [`node_filesystem_avail_bytes{${NODE},mountpoint="/"}`]: `${available}x30`,
  [`node_filesystem_size_bytes{${NODE},mountpoint="/"}`]: `${100 * GIB}x30`,
});

/** One case for every alert of environments/kind.yaml (thresholds by default: 80 % for 5m, 20 %, 15 %, 1m). */
export const ALERT_CASES: Readonly<Record<string, AlertCase>> = {
  // A minute has 60 s of one CPU: 11 s idle are 81.7 % used, 12.5 s are 79.2 %.
  HighCPUUsage: { fires: idle(11), holds: idle(12.5), at: "15m" },
  LowMemoryAvailable: { fires: memory(0.19 * 2 * GIB), holds: memory(0.21 * 2 * GIB), at: "10m" },
  LowDiskSpace: { fires: disk(14.9 * GIB), holds: disk(15.1 * GIB), at: "10m" },
  // Down for a minute, against a single scrape that failed.
  TargetDown: { fires: { [`up{${NODE},job="node"}`]: "1 0x10" }, holds: { [`up{${NODE},job="node"}`]: "1 1 1 1 0" }, at: "4m" },
  // It fires whatever there is; what must not be is that it needs anything.
  Watchdog: { fires: {}, holds: {}, at: "1m" },
};
