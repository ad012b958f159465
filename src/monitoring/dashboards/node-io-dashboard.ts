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
      ["Espacio ocupado", "Space in use"],
      "percent",
      ["De cada disco.", "Of each disk."],
      { [DISK]: `100 - ${byDisk(`100 * ${of("node_filesystem_avail_bytes")} / ${of("node_filesystem_size_bytes")}`)}` },
      { max: 100, thresholds: { yellow: 70, red: 85 } },
    ),
    lines(["Reservado para root", "Reserved for root"], "bytes", ["Libre que los demás no pueden usar.", "Free, but not for others."], {
      "{{mountpoint}}": mounts(`${of("node_filesystem_free_bytes")} - ${of("node_filesystem_avail_bytes")}`),
    }),
    lines(
      ["Inodos ocupados", "Inodes in use"],
      "percent",
      ["De cada disco.", "Of each disk."],
      { [DISK]: `100 - ${byDisk(`100 * ${of("node_filesystem_files_free")} / ${of("node_filesystem_files")}`)}` },
      { max: 100, thresholds: { yellow: 80, red: 90 } },
    ),
    lines(
      ["En 24 horas", "In 24 hours"],
      "bytes",
      ["Espacio libre si sigue como en las últimas 6 horas.", "Free space if it goes on as in the last 6 hours."],
      // A sample a minute tells the same in a third of the time; with every one, no panel's query over a day took longer.
      { [DISK]: byDisk(`predict_linear(${of("node_filesystem_avail_bytes")}[6h:1m], 24 * 3600)`) },
      { min: undefined },
    ),
    lines(
      ["Solo lectura o con error", "Read-only or in error"],
      "short",
      ["1: no admite escritura, o no responde.", "1: it cannot be written, or does not answer."],
      {
        "lectura / read-only {{mountpoint}}": mounts(of("node_filesystem_readonly")),
        "error {{mountpoint}}": mounts(of("node_filesystem_device_error")),
      },
    ),
    heading("Discos", "Disks"),
    lines(
      ["Lectura y escritura", "Reads and writes"],
      "Bps",
      ["Bytes de cada disco.", "Bytes of each disk."],
      readWrite(rate("node_disk_read_bytes_total"), rate("node_disk_written_bytes_total")),
    ),
    lines(
      ["Operaciones", "Operations"],
      "iops",
      ["Terminadas por segundo.", "Completed a second."],
      readWrite(rate("node_disk_reads_completed_total"), rate("node_disk_writes_completed_total")),
    ),
    lines(
      ["Duración de una operación", "Time of an operation"],
      "s",
      ["Media, con la espera.", "Mean, the wait included."],
      readWrite(
        mean("node_disk_read_time_seconds_total", "node_disk_reads_completed_total"),
        mean("node_disk_write_time_seconds_total", "node_disk_writes_completed_total"),
      ),
    ),
    lines(
      ["Tiempo ocupado", "Busy time"],
      "percent",
      ["Parte del tiempo con alguna operación en curso.", "Share of the time with some operation under way."],
      { [DISK]: `100 * ${rate("node_disk_io_time_seconds_total")}` },
      { thresholds: { yellow: 70, red: 90 } },
    ),
    lines(["Cola", "Queue"], "short", ["Operaciones que esperan, en media.", "Operations that wait, on average."], {
      [DISK]: rate("node_disk_io_time_weighted_seconds_total"),
    }),
    lines(["En curso", "Under way"], "short", ["Operaciones ahora.", "Operations now."], { [DISK]: of("node_disk_io_now") }),
    lines(
      ["Operaciones unidas", "Merged operations"],
      "iops",
      ["Que Linux junta por ser vecinas.", "That Linux joins because they are neighbours."],
      readWrite(rate("node_disk_reads_merged_total"), rate("node_disk_writes_merged_total")),
    ),
    lines(["Vaciados", "Flushes"], "iops", ["Órdenes de escribir de verdad, por segundo.", "Orders to write in earnest, a second."], {
      [DISK]: rate("node_disk_flush_requests_total"),
    }),
    lines(
      ["Bloques liberados", "Discarded blocks"],
      "iops",
      ["Que un SSD puede volver a usar, por segundo.", "That an SSD may use again, a second."],
      { [DISK]: rate("node_disk_discards_completed_total") },
    ),
    lines(["Bytes liberados", "Bytes discarded"], "Bps", ["De cada disco; un sector son 512.", "Of each disk; a sector is 512."], {
      [DISK]: `512 * ${rate("node_disk_discarded_sectors_total")}`,
      [`unidos / merged ${DISK}`]: `512 * ${rate("node_disk_discards_merged_total")}`,
    }),
    lines(["Tiempo en liberar y vaciar", "Time to discard and flush"], "percent", ["Parte del tiempo.", "Share of the time."], {
      [`liberar / discard ${DISK}`]: `100 * ${rate("node_disk_discard_time_seconds_total")}`,
      [`vaciar / flush ${DISK}`]: `100 * ${rate("node_disk_flush_requests_time_seconds_total")}`,
    }),
    lines(
      ["Presión: disco", "Pressure: disk"],
      "percent",
      ["Tiempo en que alguna tarea, o todas, esperaron.", "Time in which some task, or all, waited."],
      {
        "alguna / some": `100 * ${rate("node_pressure_io_waiting_seconds_total")}`,
        "todas / all": `100 * ${rate("node_pressure_io_stalled_seconds_total")}`,
      },
    ),
    heading("Red", "Network"),
    lines(["Tráfico", "Traffic"], "Bps", ["Bytes de cada tarjeta.", "Bytes of each card."], net("bytes")),
    lines(["Paquetes", "Packets"], "pps", ["De cada tarjeta.", "Of each card."], net("packets")),
    lines(["Errores", "Errors"], "pps", ["Paquetes dañados.", "Damaged packets."], net("errs"), { thresholds: { yellow: 1, red: 10 } }),
    lines(["Perdidos", "Dropped"], "pps", ["Paquetes que no cupieron.", "Packets that did not fit."], net("drop")),
    lines(["Multidifusión", "Multicast"], "pps", ["Paquetes recibidos.", "Packets received."], {
      [DISK]: rate("node_network_receive_multicast_total"),
    }),
    lines(["Colisiones y portadora", "Collisions and carrier"], "pps", ["Solo en redes con fallos.", "Only on networks with faults."], {
      [`colisiones / collisions ${DISK}`]: rate("node_network_transmit_colls_total"),
      [`portadora / carrier ${DISK}`]: rate("node_network_transmit_carrier_total"),
    }),
    lines(["Colas FIFO llenas", "FIFO overruns"], "pps", ["La tarjeta no dio abasto.", "The card could not keep up."], net("fifo")),
    lines(
      ["Comprimidos", "Compressed"],
      "pps",
      ["Paquetes de enlaces que comprimen.", "Packets of links that compress."],
      net("compressed"),
    ),
    lines(
      ["Tramas malas y sin dueño", "Bad frames and no handler"],
      "pps",
      ["Mal formadas, o de un protocolo que nadie atiende.", "Badly formed, or of a protocol that nobody handles."],
      {
        [`tramas / frames ${DISK}`]: rate("node_network_receive_frame_total"),
        [`sin dueño / no handler ${DISK}`]: rate("node_network_receive_nohandler_total"),
      },
    ),
    lines(
      ["Cambios de portadora", "Carrier changes"],
      "short",
      ["Veces que el cable se fue o volvió.", "Times that the cable went or came back."],
      {
        [DISK]: of("node_network_carrier_changes_total"),
      },
    ),
    lines(["Tarjetas activas", "Cards that are up"], "short", ["1: activa; 1: con señal.", "1: up; 1: with a signal."], {
      [DISK]: of("node_network_up"),
      [`señal / carrier ${DISK}`]: of("node_network_carrier"),
    }),
    lines(["Velocidad", "Speed"], "Bps", ["De la tarjeta, donde la dice.", "Of the card, where it says so."], {
      [DISK]: of("node_network_speed_bytes"),
    }),
    lines(["Cola de salida", "Queue of the way out"], "short", ["Paquetes que caben.", "Packets that fit."], {
      [DISK]: of("node_network_transmit_queue_length"),
    }),
    lines(["MTU", "MTU"], "bytes", ["Mayor paquete.", "Largest packet."], { [DISK]: of("node_network_mtu_bytes") }),
    lines(["Vecinos", "Neighbours"], "short", ["Entradas ARP por tarjeta.", "ARP entries by card."], { [DISK]: of("node_arp_entries") }),
    lines(
      ["Tabla de conexiones", "Connection table"],
      "percent",
      ["Ocupada; al 100 % se rechazan conexiones.", "In use; at 100 % connections are refused."],
      { [ONE]: `100 * ${of("node_nf_conntrack_entries")} / ${of("node_nf_conntrack_entries_limit")}` },
      { thresholds: { yellow: 60, red: 75 } },
    ),
    lines(
      ["Conexiones que la tabla pierde", "Connections that the table loses"],
      "short",
      [
        "Por segundo: rechazadas, sacadas antes de tiempo, no anotadas, sin sentido.",
        "A second: refused, put out early, not entered, senseless.",
      ],
      {
        "rechazadas / dropped": rate("node_nf_conntrack_stat_drop"),
        "sacadas / early drop": rate("node_nf_conntrack_stat_early_drop"),
        "no anotadas / insert failed": rate("node_nf_conntrack_stat_insert_failed"),
        "sin sentido / invalid": rate("node_nf_conntrack_stat_invalid"),
      },
    ),
    heading("Protocolos", "Protocols"),
    lines(
      ["Conexiones TCP", "TCP connections"],
      "short",
      ["Establecidas, y las que ya se cierran.", "Established, and those that are closing."],
      {
        "establecidas / established": of("node_netstat_Tcp_CurrEstab"),
        "cerrándose / time wait": of("node_sockstat_TCP_tw"),
        "huérfanas / orphan": of("node_sockstat_TCP_orphan"),
      },
    ),
    lines(
      ["Conexiones nuevas", "New connections"],
      "short",
      ["Por segundo, abiertas por nosotros y por otros.", "A second, opened by us and by others."],
      { "nuestras / active": tcp("ActiveOpens"), "de otros / passive": tcp("PassiveOpens") },
    ),
    lines(["Segmentos TCP", "TCP segments"], "short", ["Por segundo.", "A second."], {
      "entran / in": tcp("InSegs"),
      "salen / out": tcp("OutSegs"),
    }),
    lines(
      ["Repeticiones TCP", "TCP retransmissions"],
      "short",
      ["Por segundo: repetidos, dañados y cortes enviados.", "A second: repeated, damaged, and resets that were sent."],
      { "repetidos / retransmitted": tcp("RetransSegs"), "dañados / errors": tcp("InErrs"), "cortes / resets": tcp("OutRsts") },
    ),
    lines(
      ["Conexiones que no cupieron", "Connections that did not fit"],
      "short",
      ["Por segundo: la cola de espera estaba llena.", "A second: the waiting queue was full."],
      { "llena / overflows": rate("node_netstat_TcpExt_ListenOverflows"), "perdidas / drops": rate("node_netstat_TcpExt_ListenDrops") },
    ),
    lines(["SYN cookies", "SYN cookies"], "short", ["Por segundo; defensa contra inundaciones.", "A second; the defence against floods."], {
      "enviadas / sent": rate("node_netstat_TcpExt_SyncookiesSent"),
      "recibidas / received": rate("node_netstat_TcpExt_SyncookiesRecv"),
      "falsas / failed": rate("node_netstat_TcpExt_SyncookiesFailed"),
    }),
    lines(["Tiempos agotados TCP", "TCP time-outs"], "short", ["Por segundo, y SYN repetidos.", "A second, and repeated SYN."], {
      "agotados / timeouts": rate("node_netstat_TcpExt_TCPTimeouts"),
      SYN: rate("node_netstat_TcpExt_TCPSynRetrans"),
    }),
    lines(["UDP", "UDP"], "short", ["Datagramas por segundo.", "Datagrams a second."], {
      "entran / in": rate("node_netstat_Udp_InDatagrams"),
      "salen / out": rate("node_netstat_Udp_OutDatagrams"),
    }),
    lines(
      ["Errores UDP", "UDP errors"],
      "short",
      ["Por segundo: dañados, sin puerto, sin sitio.", "A second: damaged, no port, no room."],
      {
        "dañados / errors": rate("node_netstat_Udp_InErrors"),
        "sin puerto / no port": rate("node_netstat_Udp_NoPorts"),
        "sin sitio / no room": rate("node_netstat_Udp_RcvbufErrors"),
        "sin sitio al enviar / no room to send": rate("node_netstat_Udp_SndbufErrors"),
      },
    ),
    lines(["ICMP", "ICMP"], "short", ["Mensajes por segundo, y erróneos.", "Messages a second, and wrong ones."], {
      "entran / in": rate("node_netstat_Icmp_InMsgs"),
      "salen / out": rate("node_netstat_Icmp_OutMsgs"),
      "erróneos / errors": rate("node_netstat_Icmp_InErrors"),
    }),
    lines(["ICMPv6", "ICMPv6"], "short", ["Mensajes por segundo, y erróneos.", "Messages a second, and wrong ones."], {
      "entran / in": rate("node_netstat_Icmp6_InMsgs"),
      "salen / out": rate("node_netstat_Icmp6_OutMsgs"),
      "erróneos / errors": rate("node_netstat_Icmp6_InErrors"),
    }),
    lines(["UDP sobre IPv6", "UDP over IPv6"], "short", ["Datagramas por segundo.", "Datagrams a second."], {
      "entran / in": rate("node_netstat_Udp6_InDatagrams"),
      "salen / out": rate("node_netstat_Udp6_OutDatagrams"),
      "dañados / errors": rate("node_netstat_Udp6_InErrors"),
      "sin puerto / no port": rate("node_netstat_Udp6_NoPorts"),
      "sin sitio / no room": rate("node_netstat_Udp6_RcvbufErrors"),
    }),
    lines(
      ["Segmentos fuera de orden", "Segments out of order"],
      "short",
      ["Por segundo: guardados, y tirados.", "A second: kept, and thrown away."],
      {
        "guardados / queued": rate("node_netstat_TcpExt_TCPOFOQueue"),
        "tirados / dropped": rate("node_netstat_TcpExt_TCPRcvQDrop"),
      },
    ),
    lines(["Colas UDP", "UDP queues"], "bytes", ["Lo que espera a ser leído o enviado.", "What waits to be read or sent."], {
      "{{ip}} {{queue}}": of("node_udp_queues"),
    }),
    lines(["Sockets crudos y fragmentos", "Raw sockets and fragments"], "short", ["En uso.", "In use."], {
      "crudos / raw": of("node_sockstat_RAW_inuse"),
      "crudos v6 / raw v6": of("node_sockstat_RAW6_inuse"),
      "fragmentos / fragments": of("node_sockstat_FRAG_inuse"),
      "fragmentos v6 / fragments v6": of("node_sockstat_FRAG6_inuse"),
    }),
    lines(["Memoria de fragmentos", "Memory of fragments"], "bytes", ["Paquetes a medio llegar.", "Packets that have arrived in part."], {
      v4: of("node_sockstat_FRAG_memory"),
      v6: of("node_sockstat_FRAG6_memory"),
    }),
    lines(["Tráfico IP", "IP traffic"], "Bps", ["Bytes de IPv4 e IPv6.", "Bytes of IPv4 and IPv6."], {
      "v4 entra / v4 in": rate("node_netstat_IpExt_InOctets"),
      "v4 sale / v4 out": rate("node_netstat_IpExt_OutOctets"),
      "v6 entra / v6 in": rate("node_netstat_Ip6_InOctets"),
      "v6 sale / v6 out": rate("node_netstat_Ip6_OutOctets"),
    }),
    lines(["Sockets", "Sockets"], "short", ["En uso, por clase.", "In use, by kind."], {
      "todos / all": of("node_sockstat_sockets_used"),
      TCP: of("node_sockstat_TCP_inuse"),
      "TCP v6": of("node_sockstat_TCP6_inuse"),
      "TCP con memoria / TCP allocated": of("node_sockstat_TCP_alloc"),
      UDP: of("node_sockstat_UDP_inuse"),
      "UDP v6": of("node_sockstat_UDP6_inuse"),
    }),
    lines(["Memoria de sockets", "Memory of sockets"], "bytes", ["TCP y UDP.", "TCP and UDP."], {
      TCP: of("node_sockstat_TCP_mem_bytes"),
      UDP: of("node_sockstat_UDP_mem_bytes"),
    }),
  ],
};
