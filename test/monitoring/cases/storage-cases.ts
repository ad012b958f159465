import { type AlertCases, NODE, steady } from "./case.ts";

const GIB = 2 ** 30;
const disk = (available: string, mountpoint = "/") => ({
  [`node_filesystem_avail_bytes{${NODE},device="/dev/sda",mountpoint="${mountpoint}"}`]: available,
  [`node_filesystem_size_bytes{${NODE},device="/dev/sda",mountpoint="${mountpoint}"}`]: `${100 * GIB}x600`,
});
/** From 45 GiB down by so many GiB an hour. */
const shrinking = (perHour: number) => disk(`${45 * GIB}-${Math.round((perHour * GIB) / 60)}x600`);
const inodes = (free: number) => ({
  [`node_filesystem_files{${NODE},device="/dev/sda",mountpoint="/"}`]: steady(1000),
  [`node_filesystem_files_free{${NODE},device="/dev/sda",mountpoint="/"}`]: steady(free),
});
const readOnly = (values: string, mountpoint = "/data", type = "ext4") => ({
  [`node_filesystem_readonly{${NODE},device="/dev/sdb",device_error="",fstype="${type}",mountpoint="${mountpoint}"}`]: values,
});

/** So many requests under way at any moment: each second of the clock adds as many to the weighted time. */
const waiting = (requests: number) => ({
  [`node_disk_io_time_weighted_seconds_total{${NODE},device="sda"}`]: `0+${requests * 60}x120`,
});

export const STORAGE: AlertCases = {
  LowDiskSpace: { fires: disk(steady(14.9 * GIB)), holds: disk(steady(15.1 * GIB)), at: "10m" },
  // After eight hours 29 GiB are left and go in 14.5 hours; or 35.4, which last 29.5.
  DiskFullIn24Hours: { fires: shrinking(2), holds: shrinking(1.2), at: "8h" },
  DiskAlmostFull: { fires: disk(steady(4.9 * GIB)), holds: disk(steady(5.1 * GIB)), at: "10m" },
  FewInodesLeft: { fires: inodes(90), holds: inodes(110), at: "10m" },
  DiskSaturated: { fires: waiting(10.5), holds: waiting(9.5), at: "45m" },
  // It turned read-only and stays so for more than a day; against one that always was, such as an image of a snap, and against /boot.
  FilesystemReadOnly: {
    fires: readOnly("0x5 1x1900"),
    holds: { ...readOnly("1x1900"), ...readOnly("1x1900", "/snap/core20/1", "squashfs") },
    holdsToo: readOnly("0x5 1x1900", "/boot/efi", "vfat"),
    at: "15m",
    stillAt: "30h",
  },
};
