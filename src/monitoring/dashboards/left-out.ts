import type { Text } from "../rules/rule.ts";

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
    why: { es: "nombres y versiones, no medidas", en: "names and versions, no measurements" },
  },
  {
    metrics:
      /^node_network_(address_assign_type|device_id|dormant|flags|iface_.*|name_assign_type|net_dev_group|protocol_type|carrier_(up|down)_changes_total)$/,
    why: {
      es: "propiedades de la tarjeta que no cambian, o la suma que ya se muestra, partida",
      en: "a card's properties, which never change, or a sum that is shown already, split",
    },
  },
  {
    metrics: /^node_(filefd_maximum|memory_VmallocTotal_bytes|memory_VmallocChunk_bytes|memory_Hugepagesize_bytes|netstat_Ip_Forwarding)$/,
    why: {
      es: "constantes de Linux de 64 bits; aplastarían la línea que importa",
      en: "constants of 64-bit Linux; they would flatten the line that matters",
    },
  },
  {
    metrics: /^node_(memory_Slab_bytes|sockstat_TCP_mem|sockstat_UDP_mem|time_seconds|time_zone_offset_seconds)$/,
    why: { es: "lo mismo que ya se muestra, en otra unidad o sumado", en: "the same as is shown already, in another unit or added up" },
  },
  {
    metrics: /^node_timex_(pps_.*|loop_time_constant|status|tai_offset_seconds|tick_seconds)$/,
    why: {
      es: "el bucle interno del reloj y una señal de pulsos que una máquina en la nube no tiene",
      en: "the clock's inner loop, and a pulse signal that a machine in the cloud does not have",
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
      es: "protocolos y contadores que nadie usa en Linux de hoy",
      en: "protocols and counters that nobody uses on today's Linux",
    },
  },
  {
    metrics: /^node_(memory_Zswap(ped)?_bytes|memory_ShmemPmdMapped_bytes|textfile_scrape_error|kernel_hung_tasks_total)$/,
    why: {
      es: "apagado en una instalación normal, o solo en versiones muy nuevas de Linux",
      en: "switched off in an ordinary installation, or only in very new versions of Linux",
    },
  },
];

/** Rows of the community dashboard 1860 whose metrics such a machine does not export at all. */
export const NOT_EXPORTED: readonly LeftOut[] = [
  {
    metrics: /^node_(hwmon|thermal_zone|cooling_device|power_supply|rapl)_/,
    why: { es: "sensores: una máquina virtual no tiene", en: "sensors: a virtual machine has none" },
  },
  {
    metrics: /^node_(cpu_scaling|cpu_frequency|cpu_core_throttles|cpu_package_throttles)/,
    why: { es: "frecuencia del procesador: la decide el anfitrión", en: "the processor's frequency: the host decides it" },
  },
  {
    metrics: /^node_(edac_|memory_HardwareCorrupted)/,
    why: { es: "errores de los módulos de memoria: los ve el anfitrión", en: "faults of memory modules: the host sees them" },
  },
  {
    metrics: /^node_(systemd|processes|interrupts|tcp_connection_states|schedstat)_?/,
    why: {
      es: "colectores apagados, o sin datos dentro de un contenedor; cuestan series y memoria",
      en: "collectors that are off, or have no data inside of a container; they cost series and memory",
    },
  },
  {
    metrics: /^node_(nfs|nfsd|infiniband|bonding|mdadm|md|zfs|btrfs|xfs|ipvs)_/,
    why: { es: "discos y redes que una máquina pequeña no tiene", en: "disks and networks that a small machine does not have" },
  },
];
