import type { Text } from "../../language.ts";

/** Metrics that node-exporter knows and no dashboard of ours shows. */
export interface LeftOut {
  readonly metrics: RegExp;
  readonly why: Text;
}

/** What the exporter of a small cloud machine exports and we leave out. Together with the panels, that is everything it exports. */
export const LEFT_OUT: readonly LeftOut[] = [
  {
    metrics:
      /^node_(disk_info|filesystem_mount_info|network_info|os_info|os_version|exporter_build_info|time_clocksource_.*|selinux_enabled|uname_info|dmi_info)$/,
    why: { es: "nombres y versiones, no mediciones", en: "names and versions, not measurements" },
  },
  {
    metrics:
      /^node_network_(address_assign_type|device_id|dormant|flags|iface_.*|name_assign_type|net_dev_group|protocol_type|carrier_(up|down)_changes_total)$/,
    why: {
      es: "propiedades constantes de la interfaz, o partes de una suma que ya se muestra",
      en: "constant properties of an interface, or parts of a sum that is already shown",
    },
  },
  {
    metrics: /^node_(filefd_maximum|memory_VmallocTotal_bytes|memory_VmallocChunk_bytes|memory_Hugepagesize_bytes|netstat_Ip_Forwarding)$/,
    why: {
      es: "constantes de Linux de 64 bits; harían ilegible la escala del gráfico",
      en: "constants of 64-bit Linux; they would make the chart's scale unreadable",
    },
  },
  {
    metrics: /^node_(memory_Slab_bytes|sockstat_TCP_mem|sockstat_UDP_mem|time_seconds|time_zone_offset_seconds)$/,
    why: { es: "un valor que ya se muestra, en otra unidad o como suma", en: "a value that is already shown, in another unit or as a sum" },
  },
  {
    metrics: /^node_timex_(pps_.*|loop_time_constant|status|tai_offset_seconds|tick_seconds)$/,
    why: {
      es: "valores internos del reloj y una señal PPS que una máquina en la nube no tiene",
      en: "internal values of the clock, and a PPS signal that a cloud machine does not have",
    },
  },
  {
    metrics: /^node_nf_conntrack_stat_(found|ignore|insert|search_restart)$/,
    why: { es: "Linux ya no las cuenta: siempre 0", en: "Linux no longer counts them: always 0" },
  },
  {
    metrics:
      /^node_(netstat_UdpLite.*|sockstat_UDPLITE.*|netstat_Udp6_SndbufErrors|softnet_cpu_collision_total|filesystem_purgeable_bytes)$/,
    why: {
      es: "protocolos y contadores que Linux actual no usa",
      en: "protocols and counters that current Linux does not use",
    },
  },
  {
    metrics: /^node_(memory_Zswap(ped)?_bytes|memory_ShmemPmdMapped_bytes|textfile_scrape_error|kernel_hung_tasks_total)$/,
    why: {
      es: "desactivado en una instalación normal, o solo en versiones muy nuevas de Linux",
      en: "disabled in a normal installation, or only in very new versions of Linux",
    },
  },
];

/** Rows of the community dashboard 1860 whose metrics such a machine does not export at all. */
export const NOT_EXPORTED: readonly LeftOut[] = [
  {
    metrics: /^node_(hwmon|thermal_zone|cooling_device|power_supply|rapl)_/,
    why: { es: "sensores: una máquina virtual no tiene sensores", en: "sensors: a virtual machine has no sensors" },
  },
  {
    metrics: /^node_(cpu_scaling|cpu_frequency|cpu_core_throttles|cpu_package_throttles)/,
    why: { es: "frecuencia del procesador: la controla el hipervisor", en: "processor frequency: the hypervisor controls it" },
  },
  {
    metrics: /^node_(edac_|memory_HardwareCorrupted)/,
    why: {
      es: "errores de los módulos de memoria: solo los ve el hipervisor",
      en: "errors of memory modules: only the hypervisor sees them",
    },
  },
  {
    metrics: /^node_(systemd|processes|interrupts|tcp_connection_states|schedstat)_?/,
    why: {
      es: "colectores desactivados, o sin datos en un contenedor; cuestan series y memoria",
      en: "collectors that are disabled, or have no data in a container; they cost series and memory",
    },
  },
  {
    metrics: /^node_(nfs|nfsd|infiniband|bonding|mdadm|md|zfs|btrfs|xfs|ipvs)_/,
    why: { es: "discos y redes que una máquina pequeña no tiene", en: "disks and networks that a small machine does not have" },
  },
];
