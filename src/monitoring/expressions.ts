/**
 * The sources' three documented metrics, each in % and written once: dashboards draw them and alerts compare them.
 */
export const cpuUse = (window: string) => `100 - (avg by(instance) (rate(node_cpu_seconds_total{mode="idle"}[${window}])) * 100)`;
export const memoryUse = "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)";
export const memoryAvailable = "100 * node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes";
/** By node alone: a disk may have another device's name after a restart, and would be drawn as a second line. */
export const diskUse = `100 * max by(instance) (1 - node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes{mountpoint="/"})`;
export const diskFree = `100 * node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes{mountpoint="/"}`;
export const diskFreeBytes = `min by(instance) (node_filesystem_avail_bytes{mountpoint="/",fstype!="rootfs"})`;
export const diskBytes = `max(node_filesystem_size_bytes{mountpoint="/",fstype!="rootfs"})`;

/** Seconds since a backup, its restore on trial (check) or its copy outside (offsite) last ended well, by namespace; since 1970 where none did. */
export const backupAge = (kind: "backup" | "check" | "offsite") =>
  `time() - max by(unit) (cloudnova_backup_last_success_timestamp_seconds{kind="${kind}"})`;
/** The age of daily backups, in seconds, at which they are too old: a day, and the six hours by which a missed run may be late. */
export const DAILY_BACKUP_TOO_OLD = 30 * 3600;
