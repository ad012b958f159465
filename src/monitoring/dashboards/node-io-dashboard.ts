import { N, NODES } from "./node-dashboard.ts";
import { type DashboardSpec, heading, lines } from "./panel.ts";

const of = (metric: string, more = "") => `${metric}{${N}${more}}`;
const rate = (metric: string, more = "") => `rate(${of(metric, more)}[$__rate_interval])`;
const ONE = "{{instance}}";
/** Over all disks and cards: the same name on two nodes is two lines. */
const DISK = "{{instance}} {{device}}";
const both = (receive: string, transmit: string) => ({ [`entrada / in ${DISK}`]: receive, [`salida / out ${DISK}`]: transmit });
const net = (what: string) => both(rate(`node_network_receive_${what}_total`), rate(`node_network_transmit_${what}_total`));
const readWrite = (read: string, write: string) => ({ [`lee / read ${DISK}`]: read, [`escribe / write ${DISK}`]: write });
/** Of one operation, and 0 where there were none: a machine whose files are all in memory reads nothing for minutes, and 0/0 is no number. */
const mean = (time: string, count: string) => `${rate(time)} / clamp_min(${rate(count)}, 1e-9)`;
const tcp = (name: string) => rate(`node_netstat_Tcp_${name}`);
/**
 * Mount points with a volume's folder, `…/pvc-UUID_NAMESPACE_CLAIM` (local-path-provisioner's name for it), replaced by the claim: the
 * UUID is another one in every cluster, and fills a legend's line.
 */
const mounts = (expr: string) => `label_replace(${expr}, "mountpoint", "$1", "mountpoint", ".*/pvc-[0-9a-f-]{36}_[^_]+_([^/]+)")`;
const byDisk = (expr: string) => `min by(instance, device) (${expr})`;

/** The machine: disks, file systems and network. What of 1860's it leaves out, and why: left-out.ts. */
export const nodeIo: DashboardSpec = {
  uid: "cloudnova-node-io",
  title: { es: "Nodo · Disco y red", en: "Node · Disk and network" },
  variables: NODES,
  panels: [
    heading("Sistemas de archivos", "File systems"),
    lines(["Espacio libre", "Free space"], "bytes", ["De cada sistema de archivos.", "Of each file system."], {
      "{{mountpoint}}": mounts(of("node_filesystem_avail_bytes")),
    }),
    lines(
      ["Espacio en uso", "Space in use"],
      "percent",
      ["De cada disco.", "Of each disk."],
      { [DISK]: `100 - ${byDisk(`100 * ${of("node_filesystem_avail_bytes")} / ${of("node_filesystem_size_bytes")}`)}` },
      { max: 100, thresholds: { yellow: 70, red: 85 } },
    ),
    lines(
      ["Reservado para root", "Reserved for root"],
      "bytes",
      ["Espacio libre que los demás usuarios no pueden usar.", "Free space that other users cannot use."],
      {
        "{{mountpoint}}": mounts(`${of("node_filesystem_free_bytes")} - ${of("node_filesystem_avail_bytes")}`),
      },
    ),
    lines(
      ["Inodos en uso", "Inodes in use"],
      "percent",
      ["De cada disco.", "Of each disk."],
      { [DISK]: `100 - ${byDisk(`100 * ${of("node_filesystem_files_free")} / ${of("node_filesystem_files")}`)}` },
      { max: 100, thresholds: { yellow: 80, red: 90 } },
    ),
    lines(
      ["Pronóstico a 24 horas", "Forecast for 24 hours"],
      "bytes",
      ["Espacio libre según la tendencia de las últimas 6 horas.", "Free space according to the trend of the last 6 hours."],
      // A sample a minute tells the same in a third of the time; with every one, no panel's query over a day took longer.
      { [DISK]: byDisk(`predict_linear(${of("node_filesystem_avail_bytes")}[6h:1m], 24 * 3600)`) },
      { min: undefined },
    ),
    lines(["Solo lectura o con error", "Read-only or in error"], "short", ["1: solo lectura, o con error.", "1: read-only, or in error."], {
      "lectura / read-only {{mountpoint}}": mounts(of("node_filesystem_readonly")),
      "error {{mountpoint}}": mounts(of("node_filesystem_device_error")),
    }),
    heading("Discos", "Disks"),
    lines(
      ["Lectura y escritura", "Reads and writes"],
      "Bps",
      ["Bytes por segundo de cada disco.", "Bytes per second of each disk."],
      readWrite(rate("node_disk_read_bytes_total"), rate("node_disk_written_bytes_total")),
    ),
    lines(
      ["Operaciones", "Operations"],
      "iops",
      ["Terminadas por segundo.", "Completed per second."],
      readWrite(rate("node_disk_reads_completed_total"), rate("node_disk_writes_completed_total")),
    ),
    lines(
      ["Duración de una operación", "Operation duration"],
      "s",
      ["Promedio, incluida la espera.", "Average, including the wait."],
      readWrite(
        mean("node_disk_read_time_seconds_total", "node_disk_reads_completed_total"),
        mean("node_disk_write_time_seconds_total", "node_disk_writes_completed_total"),
      ),
    ),
    lines(
      ["Tiempo ocupado", "Busy time"],
      "percent",
      ["Porcentaje del tiempo con alguna operación en curso.", "Percentage of the time with at least one operation in progress."],
      { [DISK]: `100 * ${rate("node_disk_io_time_seconds_total")}` },
      { thresholds: { yellow: 70, red: 90 } },
    ),
    lines(["Cola", "Queue"], "short", ["Promedio de operaciones en espera.", "Average number of waiting operations."], {
      [DISK]: rate("node_disk_io_time_weighted_seconds_total"),
    }),
    lines(["En curso", "In progress"], "short", ["Número de operaciones actuales.", "Number of current operations."], {
      [DISK]: of("node_disk_io_now"),
    }),
    lines(
      ["Operaciones combinadas", "Merged operations"],
      "iops",
      ["Operaciones contiguas que Linux combina.", "Adjacent operations that Linux merges."],
      readWrite(rate("node_disk_reads_merged_total"), rate("node_disk_writes_merged_total")),
    ),
    lines(["Flushes", "Flushes"], "iops", ["Comandos de flush por segundo.", "Flush commands per second."], {
      [DISK]: rate("node_disk_flush_requests_total"),
    }),
    lines(
      ["Bloques liberados (discard)", "Discarded blocks"],
      "iops",
      ["Bloques que un SSD puede reutilizar, por segundo.", "Blocks that an SSD may reuse, per second."],
      { [DISK]: rate("node_disk_discards_completed_total") },
    ),
    lines(
      ["Bytes liberados (discard)", "Bytes discarded"],
      "Bps",
      ["De cada disco; un sector tiene 512 bytes.", "Of each disk; one sector has 512 bytes."],
      {
        [DISK]: `512 * ${rate("node_disk_discarded_sectors_total")}`,
        [`unidos / merged ${DISK}`]: `512 * ${rate("node_disk_discards_merged_total")}`,
      },
    ),
    lines(["Tiempo de discard y flush", "Discard and flush time"], "percent", ["Porcentaje del tiempo.", "Percentage of the time."], {
      [`liberar / discard ${DISK}`]: `100 * ${rate("node_disk_discard_time_seconds_total")}`,
      [`vaciar / flush ${DISK}`]: `100 * ${rate("node_disk_flush_requests_time_seconds_total")}`,
    }),
    lines(
      ["Presión (PSI): disco", "Pressure (PSI): disk"],
      "percent",
      ["Tiempo en que alguna tarea, o todas, esperaron E/S.", "Time in which at least one task, or all tasks, waited for I/O."],
      {
        "alguna / some": `100 * ${rate("node_pressure_io_waiting_seconds_total")}`,
        "todas / all": `100 * ${rate("node_pressure_io_stalled_seconds_total")}`,
      },
    ),
    heading("Red", "Network"),
    lines(["Tráfico", "Traffic"], "Bps", ["Bytes por segundo de cada interfaz.", "Bytes per second of each interface."], net("bytes")),
    lines(["Paquetes", "Packets"], "pps", ["De cada interfaz.", "Of each interface."], net("packets")),
    lines(["Errores", "Errors"], "pps", ["Paquetes con errores.", "Packets with errors."], net("errs"), {
      thresholds: { yellow: 1, red: 10 },
    }),
    lines(
      ["Descartados", "Dropped"],
      "pps",
      ["Paquetes descartados por falta de espacio.", "Packets dropped for lack of buffer space."],
      net("drop"),
    ),
    lines(["Multicast", "Multicast"], "pps", ["Paquetes recibidos.", "Packets received."], {
      [DISK]: rate("node_network_receive_multicast_total"),
    }),
    lines(["Colisiones y portadora", "Collisions and carrier"], "pps", ["Solo en redes con fallas.", "Only on faulty networks."], {
      [`colisiones / collisions ${DISK}`]: rate("node_network_transmit_colls_total"),
      [`portadora / carrier ${DISK}`]: rate("node_network_transmit_carrier_total"),
    }),
    lines(
      ["Colas FIFO llenas", "FIFO overruns"],
      "pps",
      ["Desbordamientos del búfer de la interfaz.", "Buffer overruns of the interface."],
      net("fifo"),
    ),
    lines(["Comprimidos", "Compressed"], "pps", ["Paquetes de enlaces comprimidos.", "Packets of compressed links."], net("compressed")),
    lines(
      ["Tramas dañadas y sin protocolo", "Bad frames and unknown protocols"],
      "pps",
      ["Mal formadas, o de un protocolo desconocido.", "Malformed, or of an unknown protocol."],
      {
        [`tramas / frames ${DISK}`]: rate("node_network_receive_frame_total"),
        [`sin dueño / no handler ${DISK}`]: rate("node_network_receive_nohandler_total"),
      },
    ),
    lines(
      ["Cambios de portadora", "Carrier changes"],
      "short",
      ["Número de veces que el enlace cambió de estado.", "Number of link state changes."],
      {
        [DISK]: of("node_network_carrier_changes_total"),
      },
    ),
    lines(["Interfaces activas", "Active interfaces"], "short", ["1: activa; 1: con portadora.", "1: up; 1: with carrier."], {
      [DISK]: of("node_network_up"),
      [`señal / carrier ${DISK}`]: of("node_network_carrier"),
    }),
    lines(["Velocidad", "Speed"], "Bps", ["De la interfaz, si la informa.", "Of the interface, if it reports it."], {
      [DISK]: of("node_network_speed_bytes"),
    }),
    lines(["Cola de transmisión", "Transmit queue"], "short", ["Capacidad en paquetes.", "Capacity in packets."], {
      [DISK]: of("node_network_transmit_queue_length"),
    }),
    lines(["MTU", "MTU"], "bytes", ["Tamaño máximo de paquete.", "Maximum packet size."], { [DISK]: of("node_network_mtu_bytes") }),
    lines(["Vecinos (ARP)", "Neighbours (ARP)"], "short", ["Entradas ARP por interfaz.", "ARP entries by interface."], {
      [DISK]: of("node_arp_entries"),
    }),
    lines(
      ["Tabla conntrack", "Conntrack table"],
      "percent",
      ["En uso; al 100 % se descartan conexiones.", "In use; at 100 % connections are dropped."],
      { [ONE]: `100 * ${of("node_nf_conntrack_entries")} / ${of("node_nf_conntrack_entries_limit")}` },
      { thresholds: { yellow: 60, red: 75 } },
    ),
    lines(
      ["Conexiones perdidas de conntrack", "Connections lost by conntrack"],
      "short",
      [
        "Por segundo: descartadas, retiradas antes de tiempo, no registradas, no válidas.",
        "Per second: dropped, evicted early, insert failed, invalid.",
      ],
      {
        "rechazadas / dropped": rate("node_nf_conntrack_stat_drop"),
        "sacadas / early drop": rate("node_nf_conntrack_stat_early_drop"),
        "no anotadas / insert failed": rate("node_nf_conntrack_stat_insert_failed"),
        "sin sentido / invalid": rate("node_nf_conntrack_stat_invalid"),
      },
    ),
    heading("Protocolos", "Protocols"),
    lines(["Conexiones TCP", "TCP connections"], "short", ["Establecidas y en TIME-WAIT.", "Established and in TIME-WAIT."], {
      "establecidas / established": of("node_netstat_Tcp_CurrEstab"),
      "cerrándose / time wait": of("node_sockstat_TCP_tw"),
      "huérfanas / orphan": of("node_sockstat_TCP_orphan"),
    }),
    lines(
      ["Conexiones nuevas", "New connections"],
      "short",
      ["Por segundo: activas (salientes) y pasivas (entrantes).", "Per second: active (outgoing) and passive (incoming)."],
      { "nuestras / active": tcp("ActiveOpens"), "de otros / passive": tcp("PassiveOpens") },
    ),
    lines(["Segmentos TCP", "TCP segments"], "short", ["Por segundo.", "Per second."], {
      "entran / in": tcp("InSegs"),
      "salen / out": tcp("OutSegs"),
    }),
    lines(
      ["Retransmisiones TCP", "TCP retransmissions"],
      "short",
      ["Por segundo: retransmitidos, con errores y RST enviados.", "Per second: retransmitted, with errors, and RST sent."],
      { "repetidos / retransmitted": tcp("RetransSegs"), "dañados / errors": tcp("InErrs"), "cortes / resets": tcp("OutRsts") },
    ),
    lines(
      ["Desbordamientos de la cola de conexiones", "Listen queue overflows"],
      "short",
      ["Por segundo: la cola de conexiones estaba llena.", "Per second: the listen queue was full."],
      { "llena / overflows": rate("node_netstat_TcpExt_ListenOverflows"), "perdidas / drops": rate("node_netstat_TcpExt_ListenDrops") },
    ),
    lines(
      ["SYN cookies", "SYN cookies"],
      "short",
      ["Por segundo; defensa contra SYN floods.", "Per second; the defence against SYN floods."],
      {
        "enviadas / sent": rate("node_netstat_TcpExt_SyncookiesSent"),
        "recibidas / received": rate("node_netstat_TcpExt_SyncookiesRecv"),
        "falsas / failed": rate("node_netstat_TcpExt_SyncookiesFailed"),
      },
    ),
    lines(["Timeouts TCP", "TCP timeouts"], "short", ["Por segundo, y SYN retransmitidos.", "Per second, and retransmitted SYN."], {
      "agotados / timeouts": rate("node_netstat_TcpExt_TCPTimeouts"),
      SYN: rate("node_netstat_TcpExt_TCPSynRetrans"),
    }),
    lines(["UDP", "UDP"], "short", ["Datagramas por segundo.", "Datagrams per second."], {
      "entran / in": rate("node_netstat_Udp_InDatagrams"),
      "salen / out": rate("node_netstat_Udp_OutDatagrams"),
    }),
    lines(
      ["Errores UDP", "UDP errors"],
      "short",
      ["Por segundo: con errores, sin puerto, sin espacio en el búfer.", "Per second: with errors, no port, no buffer space."],
      {
        "dañados / errors": rate("node_netstat_Udp_InErrors"),
        "sin puerto / no port": rate("node_netstat_Udp_NoPorts"),
        "sin sitio / no room": rate("node_netstat_Udp_RcvbufErrors"),
        "sin sitio al enviar / no room to send": rate("node_netstat_Udp_SndbufErrors"),
      },
    ),
    lines(["ICMP", "ICMP"], "short", ["Mensajes por segundo, y mensajes con errores.", "Messages per second, and messages with errors."], {
      "entran / in": rate("node_netstat_Icmp_InMsgs"),
      "salen / out": rate("node_netstat_Icmp_OutMsgs"),
      "erróneos / errors": rate("node_netstat_Icmp_InErrors"),
    }),
    lines(
      ["ICMPv6", "ICMPv6"],
      "short",
      ["Mensajes por segundo, y mensajes con errores.", "Messages per second, and messages with errors."],
      {
        "entran / in": rate("node_netstat_Icmp6_InMsgs"),
        "salen / out": rate("node_netstat_Icmp6_OutMsgs"),
        "erróneos / errors": rate("node_netstat_Icmp6_InErrors"),
      },
    ),
    lines(["UDP sobre IPv6", "UDP over IPv6"], "short", ["Datagramas por segundo.", "Datagrams per second."], {
      "entran / in": rate("node_netstat_Udp6_InDatagrams"),
      "salen / out": rate("node_netstat_Udp6_OutDatagrams"),
      "dañados / errors": rate("node_netstat_Udp6_InErrors"),
      "sin puerto / no port": rate("node_netstat_Udp6_NoPorts"),
      "sin sitio / no room": rate("node_netstat_Udp6_RcvbufErrors"),
    }),
    lines(
      ["Segmentos fuera de orden", "Segments out of order"],
      "short",
      ["Por segundo: guardados y descartados.", "Per second: kept and dropped."],
      {
        "guardados / queued": rate("node_netstat_TcpExt_TCPOFOQueue"),
        "tirados / dropped": rate("node_netstat_TcpExt_TCPRcvQDrop"),
      },
    ),
    lines(["Colas UDP", "UDP queues"], "bytes", ["Bytes en espera de lectura o de envío.", "Bytes waiting to be read or sent."], {
      "{{ip}} {{queue}}": of("node_udp_queues"),
    }),
    lines(["Raw sockets y fragmentos", "Raw sockets and fragments"], "short", ["En uso.", "In use."], {
      "crudos / raw": of("node_sockstat_RAW_inuse"),
      "crudos v6 / raw v6": of("node_sockstat_RAW6_inuse"),
      "fragmentos / fragments": of("node_sockstat_FRAG_inuse"),
      "fragmentos v6 / fragments v6": of("node_sockstat_FRAG6_inuse"),
    }),
    lines(["Memoria de fragmentos", "Fragment memory"], "bytes", ["Paquetes recibidos parcialmente.", "Partially received packets."], {
      v4: of("node_sockstat_FRAG_memory"),
      v6: of("node_sockstat_FRAG6_memory"),
    }),
    lines(["Tráfico IP", "IP traffic"], "Bps", ["Bytes de IPv4 e IPv6.", "Bytes of IPv4 and IPv6."], {
      "v4 entra / v4 in": rate("node_netstat_IpExt_InOctets"),
      "v4 sale / v4 out": rate("node_netstat_IpExt_OutOctets"),
      "v6 entra / v6 in": rate("node_netstat_Ip6_InOctets"),
      "v6 sale / v6 out": rate("node_netstat_Ip6_OutOctets"),
    }),
    lines(["Sockets", "Sockets"], "short", ["En uso, por tipo.", "In use, by type."], {
      "todos / all": of("node_sockstat_sockets_used"),
      TCP: of("node_sockstat_TCP_inuse"),
      "TCP v6": of("node_sockstat_TCP6_inuse"),
      "TCP con memoria / TCP allocated": of("node_sockstat_TCP_alloc"),
      UDP: of("node_sockstat_UDP_inuse"),
      "UDP v6": of("node_sockstat_UDP6_inuse"),
    }),
    lines(["Memoria de sockets", "Socket memory"], "bytes", ["TCP y UDP.", "TCP and UDP."], {
      TCP: of("node_sockstat_TCP_mem_bytes"),
      UDP: of("node_sockstat_UDP_mem_bytes"),
    }),
  ],
};
