import { alert, changed, LAST_DAY, NUMBER, PERCENT, type RuleGroup, type RuleSettings } from "./rule.ts";

/** One line for each disk: a bind mount shows the same disk once more. */
const byDisk = (expr: string) => `min by(instance, device) (${expr})`;
const free = "100 * node_filesystem_avail_bytes / node_filesystem_size_bytes";

const BY_MOUNT = "instance, device, mountpoint";

/** Percent of a disk that are nearly none, above what the kubelet keeps free: an alert below its threshold would come after the evictions. */
const NEARLY_NONE = 5;

/** Disks. Volumes of k3s and kind are folders of the node's disk: local-path has no kubelet_volume_stats, and the disk is what fills. */
export function storageRules(settings: RuleSettings): RuleGroup {
  const least = (settings.evictsBelow ?? 0) + NEARLY_NONE;
  return {
    name: "storage",
    rules: [
      alert("DiskFullIn24Hours", settings, {
        // The node mixin's two halves: the trend alone would call every log rotation a catastrophe.
        expr: `${byDisk(free)} < 40 and ${byDisk("predict_linear(node_filesystem_avail_bytes[6h], 24 * 3600)")} < 0`,
        for: "1h",
        severity: "warning",
        summary: {
          es: "{{ $labels.device }} de {{ $labels.instance }} se llena en un día",
          en: "{{ $labels.device }} of {{ $labels.instance }} will be full within a day",
        },
        description: {
          es: `El ${PERCENT} está libre y, al ritmo de las últimas 6 horas, se agota en menos de 24 horas.`,
          en: `${PERCENT} is free; at the rate of the last 6 hours it runs out in less than 24 hours.`,
        },
      }),
      alert("DiskAlmostFull", settings, {
        expr: `${byDisk(free)} < ${least}`,
        for: "2m",
        severity: "critical",
        summary: {
          es: "{{ $labels.device }} de {{ $labels.instance }} está casi lleno",
          en: "{{ $labels.device }} of {{ $labels.instance }} is almost full",
        },
        description: { es: `El ${PERCENT} está libre (mínimo: ${least} %).`, en: `${PERCENT} is free (minimum: ${least} %).` },
      }),
      alert("FewInodesLeft", settings, {
        expr: `${byDisk("100 * node_filesystem_files_free / (node_filesystem_files > 0)")} < 10`,
        for: "5m",
        severity: "warning",
        summary: {
          es: "Quedan pocos inodos en {{ $labels.device }} de {{ $labels.instance }}",
          en: "Few inodes are left on {{ $labels.device }} of {{ $labels.instance }}",
        },
        description: {
          es: `El ${PERCENT} de los inodos está libre (mínimo: 10 %); sin inodos no se pueden crear archivos.`,
          en: `${PERCENT} of the inodes are free (minimum: 10 %); without inodes no file can be created.`,
        },
      }),
      alert("DiskSaturated", settings, {
        // The mean number of requests that are under way or wait; the node mixin's bound and time.
        expr: "rate(node_disk_io_time_weighted_seconds_total[5m]) > 10",
        for: "30m",
        severity: "warning",
        summary: {
          es: "El disco {{ $labels.device }} de {{ $labels.instance }} está saturado",
          en: "The disk {{ $labels.device }} of {{ $labels.instance }} is saturated",
        },
        description: {
          es: `En promedio esperan ${NUMBER} lecturas y escrituras (límite: 10) desde hace 30m.`,
          en: `${NUMBER} reads and writes have been waiting on average (limit: 10) for 30m.`,
        },
      }),
      alert("FilesystemReadOnly", settings, {
        // Linux does this to a disk with errors. What was read-only all day is meant to be, and /boot may be written for an update
        // only. By mount alone: a disk with errors has a label more (device_error), and so a series of its own.
        expr: changed(
          "FilesystemReadOnly",
          `max by(${BY_MOUNT}) (node_filesystem_readonly{mountpoint!~"/boot.*|/efi"}) == 1`,
          `min by(${BY_MOUNT}) (min_over_time(node_filesystem_readonly[${LAST_DAY}])) == 0`,
          BY_MOUNT,
        ),
        for: "1m",
        severity: "critical",
        summary: {
          es: "{{ $labels.mountpoint }} de {{ $labels.instance }} quedó en solo lectura",
          en: "{{ $labels.mountpoint }} of {{ $labels.instance }} became read-only",
        },
        description: {
          es: `node_filesystem_readonly de {{ $labels.device }} es ${NUMBER} (1: solo lectura).`,
          en: `node_filesystem_readonly of {{ $labels.device }} is ${NUMBER} (1: read-only).`,
        },
      }),
    ],
  };
}
