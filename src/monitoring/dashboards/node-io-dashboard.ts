import { N, NODES } from "./node-dashboard.ts";
import { type DashboardSpec, lines } from "./panel.ts";

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
    { heading: { es: "Sistemas de archivos", en: "File systems" } },
    lines(
      { es: "Espacio libre", en: "Free space" },
      "bytes",
      { es: "De cada sistema de archivos.", en: "Of each file system." },
      { "{{mountpoint}}": mounts(of("node_filesystem_avail_bytes")) },
    ),
    lines(
      { es: "Espacio en uso", en: "Space in use" },
      "percent",
      { es: "De cada disco.", en: "Of each disk." },
      { [DISK]: `100 - ${byDisk(`100 * ${of("node_filesystem_avail_bytes")} / ${of("node_filesystem_size_bytes")}`)}` },
      { max: 100, thresholds: { yellow: 70, red: 85 } },
    ),
    lines(
      { es: "Reservado para root", en: "Reserved for root" },
      "bytes",
      { es: "Espacio libre que los demás usuarios no pueden usar.", en: "Free space that other users cannot use." },
      { "{{mountpoint}}": mounts(`${of("node_filesystem_free_bytes")} - ${of("node_filesystem_avail_bytes")}`) },
    ),
    lines(
      { es: "Inodos en uso", en: "Inodes in use" },
      "percent",
      { es: "De cada disco.", en: "Of each disk." },
      { [DISK]: `100 - ${byDisk(`100 * ${of("node_filesystem_files_free")} / ${of("node_filesystem_files")}`)}` },
      { max: 100, thresholds: { yellow: 80, red: 90 } },
    ),
    lines(
      { es: "Pronóstico a 24 horas", en: "Forecast for 24 hours" },
      "bytes",
      { es: "Espacio libre según la tendencia de las últimas 6 horas.", en: "Free space according to the trend of the last 6 hours." },
      // A sample a minute shows the same in a third of the time; with every one, no panel's query over a day took longer.
      { [DISK]: byDisk(`predict_linear(${of("node_filesystem_avail_bytes")}[6h:1m], 24 * 3600)`) },
      { min: undefined },
    ),
    lines(
      { es: "Solo lectura o con error", en: "Read-only or in error" },
      "short",
      { es: "1: solo lectura, o con error.", en: "1: read-only, or in error." },
      {
        "lectura / read-only {{mountpoint}}": mounts(of("node_filesystem_readonly")),
        "error {{mountpoint}}": mounts(of("node_filesystem_device_error")),
      },
    ),
    { heading: { es: "Discos", en: "Disks" } },
    lines(
      { es: "Lectura y escritura", en: "Reads and writes" },
      "Bps",
      { es: "Bytes por segundo de cada disco.", en: "Bytes per second of each disk." },
      readWrite(rate("node_disk_read_bytes_total"), rate("node_disk_written_bytes_total")),
    ),
    lines(
      { es: "Operaciones", en: "Operations" },
      "iops",
      { es: "Terminadas por segundo.", en: "Completed per second." },
      readWrite(rate("node_disk_reads_completed_total"), rate("node_disk_writes_completed_total")),
    ),
    lines(
      { es: "Duración de una operación", en: "Operation duration" },
      "s",
      { es: "Promedio, incluida la espera.", en: "Average, including the wait." },
      readWrite(
        mean("node_disk_read_time_seconds_total", "node_disk_reads_completed_total"),
        mean("node_disk_write_time_seconds_total", "node_disk_writes_completed_total"),
      ),
    ),
    lines(
      { es: "Tiempo ocupado", en: "Busy time" },
      "percent",
      { es: "Porcentaje del tiempo con alguna operación en curso.", en: "Percentage of the time with at least one operation in progress." },
      { [DISK]: `100 * ${rate("node_disk_io_time_seconds_total")}` },
      { thresholds: { yellow: 70, red: 90 } },
    ),
    lines(
      { es: "Cola", en: "Queue" },
      "short",
      { es: "Promedio de operaciones en espera.", en: "Average number of waiting operations." },
      { [DISK]: rate("node_disk_io_time_weighted_seconds_total") },
    ),
    lines(
      { es: "En curso", en: "In progress" },
      "short",
      { es: "Número de operaciones actuales.", en: "Number of current operations." },
      { [DISK]: of("node_disk_io_now") },
    ),
    lines(
      { es: "Operaciones combinadas", en: "Merged operations" },
      "iops",
      { es: "Operaciones contiguas que Linux combina.", en: "Adjacent operations that Linux merges." },
      readWrite(rate("node_disk_reads_merged_total"), rate("node_disk_writes_merged_total")),
    ),
    lines(
      { es: "Flushes", en: "Flushes" },
      "iops",
      { es: "Comandos de flush por segundo.", en: "Flush commands per second." },
      { [DISK]: rate("node_disk_flush_requests_total") },
    ),
    lines(
      { es: "Bloques liberados (discard)", en: "Discarded blocks" },
      "iops",
      { es: "Bloques que un SSD puede reutilizar, por segundo.", en: "Blocks that an SSD may reuse, per second." },
      { [DISK]: rate("node_disk_discards_completed_total") },
    ),
    lines(
      { es: "Bytes liberados (discard)", en: "Bytes discarded" },
      "Bps",
      { es: "De cada disco; un sector tiene 512 bytes.", en: "Of each disk; one sector has 512 bytes." },
      {
        [DISK]: `512 * ${rate("node_disk_discarded_sectors_total")}`,
        [`unidos / merged ${DISK}`]: `512 * ${rate("node_disk_discards_merged_total")}`,
      },
    ),
    lines(
      { es: "Tiempo de discard y flush", en: "Discard and flush time" },
      "percent",
      { es: "Porcentaje del tiempo.", en: "Percentage of the time." },
      {
        [`liberar / discard ${DISK}`]: `100 * ${rate("node_disk_discard_time_seconds_total")}`,
        [`vaciar / flush ${DISK}`]: `100 * ${rate("node_disk_flush_requests_time_seconds_total")}`,
      },
    ),
    lines(
      { es: "Presión (PSI): disco", en: "Pressure (PSI): disk" },
      "percent",
      { es: "Tiempo en que alguna tarea, o todas, esperaron E/S.", en: "Time in which at least one task, or all tasks, waited for I/O." },
      {
        "alguna / some": `100 * ${rate("node_pressure_io_waiting_seconds_total")}`,
        "todas / all": `100 * ${rate("node_pressure_io_stalled_seconds_total")}`,
      },
    ),
    { heading: { es: "Red", en: "Network" } },
    lines(
      { es: "Tráfico", en: "Traffic" },
      "Bps",
      { es: "Bytes por segundo de cada interfaz.", en: "Bytes per second of each interface." },
      net("bytes"),
    ),
    lines({ es: "Paquetes", en: "Packets" }, "pps", { es: "De cada interfaz.", en: "Of each interface." }, net("packets")),
    lines({ es: "Errores", en: "Errors" }, "pps", { es: "Paquetes con errores.", en: "Packets with errors." }, net("errs"), {
      thresholds: { yellow: 1, red: 10 },
    }),
    lines(
      { es: "Descartados", en: "Dropped" },
      "pps",
      { es: "Paquetes descartados por falta de espacio.", en: "Packets dropped for lack of buffer space." },
      net("drop"),
    ),
    lines(
      { es: "Multicast", en: "Multicast" },
      "pps",
      { es: "Paquetes recibidos.", en: "Packets received." },
      { [DISK]: rate("node_network_receive_multicast_total") },
    ),
    lines(
      { es: "Colisiones y portadora", en: "Collisions and carrier" },
      "pps",
      { es: "Solo en redes con fallas.", en: "Only on faulty networks." },
      {
        [`colisiones / collisions ${DISK}`]: rate("node_network_transmit_colls_total"),
        [`portadora / carrier ${DISK}`]: rate("node_network_transmit_carrier_total"),
      },
    ),
    lines(
      { es: "Colas FIFO llenas", en: "FIFO overruns" },
      "pps",
      { es: "Desbordamientos del búfer de la interfaz.", en: "Buffer overruns of the interface." },
      net("fifo"),
    ),
    lines(
      { es: "Comprimidos", en: "Compressed" },
      "pps",
      { es: "Paquetes de enlaces comprimidos.", en: "Packets of compressed links." },
      net("compressed"),
    ),
    lines(
      { es: "Tramas dañadas y sin protocolo", en: "Bad frames and unknown protocols" },
      "pps",
      { es: "Mal formadas, o de un protocolo desconocido.", en: "Malformed, or of an unknown protocol." },
      {
        [`tramas / frames ${DISK}`]: rate("node_network_receive_frame_total"),
        [`sin dueño / no handler ${DISK}`]: rate("node_network_receive_nohandler_total"),
      },
    ),
    lines(
      { es: "Cambios de portadora", en: "Carrier changes" },
      "short",
      { es: "Número de veces que el enlace cambió de estado.", en: "Number of link state changes." },
      { [DISK]: of("node_network_carrier_changes_total") },
    ),
    lines(
      { es: "Interfaces activas", en: "Active interfaces" },
      "short",
      { es: "1: activa; 1: con portadora.", en: "1: up; 1: with carrier." },
      {
        [DISK]: of("node_network_up"),
        [`señal / carrier ${DISK}`]: of("node_network_carrier"),
      },
    ),
    lines(
      { es: "Velocidad", en: "Speed" },
      "Bps",
      { es: "De la interfaz, si la informa.", en: "Of the interface, if it reports it." },
      { [DISK]: of("node_network_speed_bytes") },
    ),
    lines(
      { es: "Cola de transmisión", en: "Transmit queue" },
      "short",
      { es: "Capacidad en paquetes.", en: "Capacity in packets." },
      { [DISK]: of("node_network_transmit_queue_length") },
    ),
    lines(
      { es: "MTU", en: "MTU" },
      "bytes",
      { es: "Tamaño máximo de paquete.", en: "Maximum packet size." },
      { [DISK]: of("node_network_mtu_bytes") },
    ),
    lines(
      { es: "Vecinos (ARP)", en: "Neighbours (ARP)" },
      "short",
      { es: "Entradas ARP por interfaz.", en: "ARP entries by interface." },
      { [DISK]: of("node_arp_entries") },
    ),
    lines(
      { es: "Tabla conntrack", en: "Conntrack table" },
      "percent",
      { es: "En uso; al 100 % se descartan conexiones.", en: "In use; at 100 % connections are dropped." },
      { [ONE]: `100 * ${of("node_nf_conntrack_entries")} / ${of("node_nf_conntrack_entries_limit")}` },
      { thresholds: { yellow: 60, red: 75 } },
    ),
    lines(
      { es: "Conexiones perdidas de conntrack", en: "Connections lost by conntrack" },
      "short",
      {
        es: "Por segundo: descartadas, retiradas antes de tiempo, no registradas, no válidas.",
        en: "Per second: dropped, evicted early, insert failed, invalid.",
      },
      {
        "rechazadas / dropped": rate("node_nf_conntrack_stat_drop"),
        "sacadas / early drop": rate("node_nf_conntrack_stat_early_drop"),
        "no anotadas / insert failed": rate("node_nf_conntrack_stat_insert_failed"),
        "sin sentido / invalid": rate("node_nf_conntrack_stat_invalid"),
      },
    ),
    { heading: { es: "Protocolos", en: "Protocols" } },
    lines(
      { es: "Conexiones TCP", en: "TCP connections" },
      "short",
      { es: "Establecidas y en TIME-WAIT.", en: "Established and in TIME-WAIT." },
      {
        "establecidas / established": of("node_netstat_Tcp_CurrEstab"),
        "cerrándose / time wait": of("node_sockstat_TCP_tw"),
        "huérfanas / orphan": of("node_sockstat_TCP_orphan"),
      },
    ),
    lines(
      { es: "Conexiones nuevas", en: "New connections" },
      "short",
      { es: "Por segundo: activas (salientes) y pasivas (entrantes).", en: "Per second: active (outgoing) and passive (incoming)." },
      { "nuestras / active": tcp("ActiveOpens"), "de otros / passive": tcp("PassiveOpens") },
    ),
    lines(
      { es: "Segmentos TCP", en: "TCP segments" },
      "short",
      { es: "Por segundo.", en: "Per second." },
      {
        "entran / in": tcp("InSegs"),
        "salen / out": tcp("OutSegs"),
      },
    ),
    lines(
      { es: "Retransmisiones TCP", en: "TCP retransmissions" },
      "short",
      { es: "Por segundo: retransmitidos, con errores y RST enviados.", en: "Per second: retransmitted, with errors, and RST sent." },
      { "repetidos / retransmitted": tcp("RetransSegs"), "dañados / errors": tcp("InErrs"), "cortes / resets": tcp("OutRsts") },
    ),
    lines(
      { es: "Desbordamientos de la cola de conexiones", en: "Listen queue overflows" },
      "short",
      { es: "Por segundo: la cola de conexiones estaba llena.", en: "Per second: the listen queue was full." },
      { "llena / overflows": rate("node_netstat_TcpExt_ListenOverflows"), "perdidas / drops": rate("node_netstat_TcpExt_ListenDrops") },
    ),
    lines(
      { es: "SYN cookies", en: "SYN cookies" },
      "short",
      { es: "Por segundo; defensa contra SYN floods.", en: "Per second; the defence against SYN floods." },
      {
        "enviadas / sent": rate("node_netstat_TcpExt_SyncookiesSent"),
        "recibidas / received": rate("node_netstat_TcpExt_SyncookiesRecv"),
        "falsas / failed": rate("node_netstat_TcpExt_SyncookiesFailed"),
      },
    ),
    lines(
      { es: "Timeouts TCP", en: "TCP timeouts" },
      "short",
      { es: "Por segundo, y SYN retransmitidos.", en: "Per second, and retransmitted SYN." },
      {
        "agotados / timeouts": rate("node_netstat_TcpExt_TCPTimeouts"),
        SYN: rate("node_netstat_TcpExt_TCPSynRetrans"),
      },
    ),
    lines(
      { es: "UDP", en: "UDP" },
      "short",
      { es: "Datagramas por segundo.", en: "Datagrams per second." },
      {
        "entran / in": rate("node_netstat_Udp_InDatagrams"),
        "salen / out": rate("node_netstat_Udp_OutDatagrams"),
      },
    ),
    lines(
      { es: "Errores UDP", en: "UDP errors" },
      "short",
      { es: "Por segundo: con errores, sin puerto, sin espacio en el búfer.", en: "Per second: with errors, no port, no buffer space." },
      {
        "dañados / errors": rate("node_netstat_Udp_InErrors"),
        "sin puerto / no port": rate("node_netstat_Udp_NoPorts"),
        "sin sitio / no room": rate("node_netstat_Udp_RcvbufErrors"),
        "sin sitio al enviar / no room to send": rate("node_netstat_Udp_SndbufErrors"),
      },
    ),
    lines(
      { es: "ICMP", en: "ICMP" },
      "short",
      { es: "Mensajes por segundo, y mensajes con errores.", en: "Messages per second, and messages with errors." },
      {
        "entran / in": rate("node_netstat_Icmp_InMsgs"),
        "salen / out": rate("node_netstat_Icmp_OutMsgs"),
        "erróneos / errors": rate("node_netstat_Icmp_InErrors"),
      },
    ),
    lines(
      { es: "ICMPv6", en: "ICMPv6" },
      "short",
      { es: "Mensajes por segundo, y mensajes con errores.", en: "Messages per second, and messages with errors." },
      {
        "entran / in": rate("node_netstat_Icmp6_InMsgs"),
        "salen / out": rate("node_netstat_Icmp6_OutMsgs"),
        "erróneos / errors": rate("node_netstat_Icmp6_InErrors"),
      },
    ),
    lines(
      { es: "UDP sobre IPv6", en: "UDP over IPv6" },
      "short",
      { es: "Datagramas por segundo.", en: "Datagrams per second." },
      {
        "entran / in": rate("node_netstat_Udp6_InDatagrams"),
        "salen / out": rate("node_netstat_Udp6_OutDatagrams"),
        "dañados / errors": rate("node_netstat_Udp6_InErrors"),
        "sin puerto / no port": rate("node_netstat_Udp6_NoPorts"),
        "sin sitio / no room": rate("node_netstat_Udp6_RcvbufErrors"),
      },
    ),
    lines(
      { es: "Segmentos fuera de orden", en: "Segments out of order" },
      "short",
      { es: "Por segundo: guardados y descartados.", en: "Per second: kept and dropped." },
      {
        "guardados / queued": rate("node_netstat_TcpExt_TCPOFOQueue"),
        "tirados / dropped": rate("node_netstat_TcpExt_TCPRcvQDrop"),
      },
    ),
    lines(
      { es: "Colas UDP", en: "UDP queues" },
      "bytes",
      { es: "Bytes en espera de lectura o de envío.", en: "Bytes waiting to be read or sent." },
      { "{{ip}} {{queue}}": of("node_udp_queues") },
    ),
    lines(
      { es: "Raw sockets y fragmentos", en: "Raw sockets and fragments" },
      "short",
      { es: "En uso.", en: "In use." },
      {
        "crudos / raw": of("node_sockstat_RAW_inuse"),
        "crudos v6 / raw v6": of("node_sockstat_RAW6_inuse"),
        "fragmentos / fragments": of("node_sockstat_FRAG_inuse"),
        "fragmentos v6 / fragments v6": of("node_sockstat_FRAG6_inuse"),
      },
    ),
    lines(
      { es: "Memoria de fragmentos", en: "Fragment memory" },
      "bytes",
      { es: "Paquetes recibidos parcialmente.", en: "Partially received packets." },
      {
        v4: of("node_sockstat_FRAG_memory"),
        v6: of("node_sockstat_FRAG6_memory"),
      },
    ),
    lines(
      { es: "Tráfico IP", en: "IP traffic" },
      "Bps",
      { es: "Bytes de IPv4 e IPv6.", en: "Bytes of IPv4 and IPv6." },
      {
        "v4 entra / v4 in": rate("node_netstat_IpExt_InOctets"),
        "v4 sale / v4 out": rate("node_netstat_IpExt_OutOctets"),
        "v6 entra / v6 in": rate("node_netstat_Ip6_InOctets"),
        "v6 sale / v6 out": rate("node_netstat_Ip6_OutOctets"),
      },
    ),
    lines(
      { es: "Sockets", en: "Sockets" },
      "short",
      { es: "En uso, por tipo.", en: "In use, by type." },
      {
        "todos / all": of("node_sockstat_sockets_used"),
        TCP: of("node_sockstat_TCP_inuse"),
        "TCP v6": of("node_sockstat_TCP6_inuse"),
        "TCP con memoria / TCP allocated": of("node_sockstat_TCP_alloc"),
        UDP: of("node_sockstat_UDP_inuse"),
        "UDP v6": of("node_sockstat_UDP6_inuse"),
      },
    ),
    lines(
      { es: "Memoria de sockets", en: "Socket memory" },
      "bytes",
      { es: "TCP y UDP.", en: "TCP and UDP." },
      {
        TCP: of("node_sockstat_TCP_mem_bytes"),
        UDP: of("node_sockstat_UDP_mem_bytes"),
      },
    ),
  ],
};
