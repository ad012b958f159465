import { cpuUse, diskUse, memoryUse } from "../expressions.ts";
import { type DashboardSpec, heading, lines, number } from "./panel.ts";

/** The choice at the top, and the matcher that follows from it. */
export const NODES = [{ name: "node", title: { es: "Nodo", en: "Node" }, metric: "node_uname_info", label: "instance" }] as const;
export const N = 'instance=~"$node"';
const of = (metric: string, more = "") => `${metric}{${N}${more}}`;
const rate = (metric: string, more = "") => `rate(${of(metric, more)}[$__rate_interval])`;
const memory = (field: string) => of(`node_memory_${field}_bytes`);
const ONE = "{{instance}}";
const pressure = (what: string, how: string) => `100 * ${rate(`node_pressure_${what}_${how}_seconds_total`)}`;
const cores = `count by(instance) (${of("node_cpu_seconds_total", ',mode="idle"')})`;
const onlyNode = (expr: string) => expr.replaceAll(/(node_\w+)(\{)?/g, (_, name, brace) => (brace ? `${name}{${N},` : `${name}{${N}}`));
const LEVELS = { thresholds: { yellow: 70, red: 85 }, max: 100 };

/**
 * The machine: processor, memory and kernel, with the reach of the community dashboard 1860. What it leaves out, and why, is in
 * left-out.ts.
 */
export const node: DashboardSpec = {
  uid: "cloudnova-node",
  title: { es: "Nodo · CPU, memoria y núcleo", en: "Node · CPU, memory and kernel" },
  variables: NODES,
  panels: [
    number(["CPU", "CPU"], "percent", ["Uso de 5 minutos.", "Use over 5 minutes."], { [ONE]: onlyNode(cpuUse("5m")) }, LEVELS),
    number(["Memoria", "Memory"], "percent", ["Que no está disponible.", "That is not available."], { [ONE]: onlyNode(memoryUse) }, LEVELS),
    number(["Disco raíz", "Root disk"], "percent", ["Ocupado.", "In use."], { [ONE]: onlyNode(diskUse) }, LEVELS),
    number(["Núcleos", "Cores"], "short", ["De la máquina.", "Of the machine."], { [ONE]: cores }),
    number(["Memoria total", "Total memory"], "bytes", ["De la máquina.", "Of the machine."], { [ONE]: memory("MemTotal") }),
    number(["En marcha desde hace", "Up for"], "s", ["Desde el arranque de Linux.", "Since Linux started."], {
      [ONE]: `time() - ${of("node_boot_time_seconds")}`,
    }),
    heading("CPU", "CPU"),
    lines(
      ["CPU por modo", "CPU by mode"],
      "percent",
      [
        "Parte del tiempo de todos los núcleos; lo que falta hasta 100 % es reposo.",
        "Share of the time of all cores; the rest up to 100 % is idle.",
      ],
      // Idle time would lie under all the others.
      { "{{mode}}": `100 * avg by(mode) (${rate("node_cpu_seconds_total", ',mode!="idle"')})` },
      { max: 100, stacked: true },
    ),
    lines(
      ["CPU por núcleo", "CPU by core"],
      "percent",
      ["Uso de cada uno.", "Use of each."],
      { "{{cpu}}": `100 - 100 * avg by(cpu) (${rate("node_cpu_seconds_total", ',mode="idle"')})` },
      { max: 100 },
    ),
    lines(["Carga", "Load"], "short", ["Tareas que corren o esperan, y los núcleos.", "Tasks that run or wait, and the cores."], {
      "1 m": of("node_load1"),
      "5 m": of("node_load5"),
      "15 m": of("node_load15"),
      "núcleos / cores": cores,
    }),
    lines(["CPU de invitados", "Guests' CPU"], "percent", ["Máquinas virtuales dentro de esta.", "Virtual machines inside of this one."], {
      "{{mode}}": `100 * sum by(mode) (${rate("node_cpu_guest_seconds_total")})`,
    }),
    lines(
      ["Presión: CPU", "Pressure: CPU"],
      "percent",
      ["Tiempo en que alguna tarea esperó CPU.", "Time in which some task waited for CPU."],
      { "esperan / some": pressure("cpu", "waiting") },
    ),
    lines(["Cambios de contexto", "Context switches"], "short", ["Por segundo, e interrupciones.", "A second, and interrupts."], {
      "cambios / switches": rate("node_context_switches_total"),
      "interrupciones / interrupts": rate("node_intr_total"),
    }),
    lines(["Procesos", "Processes"], "short", ["Que corren y que esperan al disco.", "That run, and that wait for the disk."], {
      "corren / running": of("node_procs_running"),
      "esperan / blocked": of("node_procs_blocked"),
    }),
    lines(["Procesos nuevos", "New processes"], "short", ["Por segundo.", "A second."], { [ONE]: rate("node_forks_total") }),
    lines(["Paquetes por CPU", "Packets by CPU"], "short", ["Tratados por segundo en cada núcleo.", "Handled a second on each core."], {
      "{{cpu}}": rate("node_softnet_processed_total"),
    }),
    lines(
      ["Paquetes que no dio tiempo a tratar", "Packets that time did not suffice for"],
      "short",
      ["Por segundo: aplazados y perdidos.", "A second: put off and dropped."],
      {
        "aplazados / squeezed {{cpu}}": rate("node_softnet_times_squeezed_total"),
        "perdidos / dropped {{cpu}}": rate("node_softnet_dropped_total"),
      },
    ),
    lines(
      ["Reparto de paquetes", "Sharing of packets"],
      "short",
      [
        "Por segundo: pasados a otro núcleo, frenados; y los que esperan.",
        "A second: handed to another core, held back; and those that wait.",
      ],
      {
        "pasados / RPS {{cpu}}": rate("node_softnet_received_rps_total"),
        "frenados / flow limit {{cpu}}": rate("node_softnet_flow_limit_count_total"),
        "esperan / backlog {{cpu}}": of("node_softnet_backlog_len"),
      },
    ),
    heading("Memoria", "Memory"),
    lines(["Memoria", "Memory"], "bytes", ["Total, libre y disponible.", "Total, free and available."], {
      total: memory("MemTotal"),
      "libre / free": memory("MemFree"),
      "disponible / available": memory("MemAvailable"),
    }),
    lines(["Caché", "Cache"], "bytes", ["De archivos y de bloques.", "Of files and of blocks."], {
      "archivos / cached": memory("Cached"),
      "bloques / buffers": memory("Buffers"),
    }),
    lines(
      ["Activa e inactiva", "Active and inactive"],
      "bytes",
      ["La inactiva se recupera primero.", "The inactive one is taken back first."],
      { "activa / active": memory("Active"), "inactiva / inactive": memory("Inactive") },
    ),
    lines(
      ["Anónima y de archivos", "Anonymous and of files"],
      "bytes",
      ["Activa e inactiva, por clase.", "Active and inactive, by kind."],
      {
        "activa anónima / active anon": memory("Active_anon"),
        "inactiva anónima / inactive anon": memory("Inactive_anon"),
        "activa archivos / active file": memory("Active_file"),
        "inactiva archivos / inactive file": memory("Inactive_file"),
      },
    ),
    lines(["Memoria de programas", "Programs' memory"], "bytes", ["Anónima, proyectada y compartida.", "Anonymous, mapped and shared."], {
      "anónima / anonymous": memory("AnonPages"),
      "proyectada / mapped": memory("Mapped"),
      "compartida / shared": memory("Shmem"),
    }),
    lines(
      ["Memoria del núcleo", "Kernel memory"],
      "bytes",
      ["Slab recuperable y no, pilas, tablas de páginas.", "Slab that can be reclaimed and not, stacks, page tables."],
      {
        "slab recuperable / reclaimable slab": memory("SReclaimable"),
        "slab fijo / fixed slab": memory("SUnreclaim"),
        "pilas / stacks": memory("KernelStack"),
        "tablas / page tables": memory("PageTables"),
        "por CPU / per CPU": memory("Percpu"),
      },
    ),
    lines(["Memoria prometida", "Committed memory"], "bytes", ["Y su límite.", "And its limit."], {
      "prometida / committed": memory("Committed_AS"),
      "límite / limit": memory("CommitLimit"),
    }),
    lines(["Por escribir al disco", "To be written to the disk"], "bytes", ["Sucia y en camino.", "Dirty and on its way."], {
      "sucia / dirty": memory("Dirty"),
      "en camino / writeback": memory("Writeback"),
    }),
    lines(["Intercambio", "Swap"], "bytes", ["Total, libre y en caché; 0 si no hay.", "Total, free and cached; 0 where there is none."], {
      total: memory("SwapTotal"),
      "libre / free": memory("SwapFree"),
      "caché / cached": memory("SwapCached"),
    }),
    lines(
      ["Páginas grandes", "Huge pages"],
      "bytes",
      ["Transparentes, anónimas y compartidas.", "Transparent ones, anonymous and shared."],
      { "anónimas / anonymous": memory("AnonHugePages"), "compartidas / shared": memory("ShmemHugePages") },
    ),
    lines(
      ["Páginas grandes reservadas", "Huge pages set aside"],
      "short",
      ["Cuántas; 0 si nadie las pidió.", "How many; 0 where nobody asked for them."],
      {
        total: of("node_memory_HugePages_Total"),
        "libres / free": of("node_memory_HugePages_Free"),
        "reservadas / reserved": of("node_memory_HugePages_Rsvd"),
        "de más / surplus": of("node_memory_HugePages_Surp"),
      },
    ),
    lines(["Escritura por rodeos", "Writing by detours"], "bytes", ["FUSE, NFS y dispositivos antiguos.", "FUSE, NFS and old devices."], {
      FUSE: memory("WritebackTmp"),
      NFS: memory("NFS_Unstable"),
      "rebote / bounce": memory("Bounce"),
    }),
    lines(["Bloqueada", "Locked"], "bytes", ["Que Linux no puede mover.", "That Linux may not move."], {
      "bloqueada / mlocked": memory("Mlocked"),
      "fija / unevictable": memory("Unevictable"),
    }),
    lines(["vmalloc", "vmalloc"], "bytes", ["Memoria virtual que usa el núcleo.", "Virtual memory that the kernel uses."], {
      [ONE]: memory("VmallocUsed"),
    }),
    lines(["Mapa directo", "Direct map"], "bytes", ["Por tamaño de página.", "By size of page."], {
      "4k": memory("DirectMap4k"),
      "2M": memory("DirectMap2M"),
      "1G": memory("DirectMap1G"),
    }),
    lines(
      ["Presión: memoria", "Pressure: memory"],
      "percent",
      ["Tiempo en que alguna tarea, o todas, esperaron memoria.", "Time in which some task, or all, waited for memory."],
      { "alguna / some": pressure("memory", "waiting"), "todas / all": pressure("memory", "stalled") },
    ),
    lines(
      ["Fallos de página", "Page faults"],
      "short",
      ["Por segundo; los mayores leen del disco.", "A second; the major ones read from the disk."],
      { "todos / all": rate("node_vmstat_pgfault"), "mayores / major": rate("node_vmstat_pgmajfault") },
    ),
    lines(["Páginas con el disco", "Pages with the disk"], "short", ["Por segundo, de 1 KiB.", "A second, of 1 KiB."], {
      "entran / in": rate("node_vmstat_pgpgin"),
      "salen / out": rate("node_vmstat_pgpgout"),
    }),
    lines(["Páginas de intercambio", "Swapped pages"], "short", ["Por segundo.", "A second."], {
      "entran / in": rate("node_vmstat_pswpin"),
      "salen / out": rate("node_vmstat_pswpout"),
    }),
    lines(["Muertes por memoria", "Out-of-memory kills"], "short", ["Desde que Linux arrancó.", "Since Linux started."], {
      [ONE]: of("node_vmstat_oom_kill"),
    }),
    heading("Núcleo y reloj", "Kernel and clock"),
    lines(
      ["Desvío del reloj", "Clock offset"],
      "s",
      ["Y su error estimado.", "And its estimated error."],
      { "desvío / offset": of("node_timex_offset_seconds"), error: of("node_timex_estimated_error_seconds") },
      { min: undefined },
    ),
    lines(["Reloj sincronizado", "Clock synchronised"], "short", ["1: sigue a un servidor de hora.", "1: it follows a time server."], {
      [ONE]: of("node_timex_sync_status"),
    }),
    lines(
      ["Ajuste del reloj", "Clock adjustment"],
      "short",
      ["Razón de frecuencia; 1 es justo.", "Ratio of frequency; 1 is just right."],
      { [ONE]: of("node_timex_frequency_adjustment_ratio") },
      { min: undefined },
    ),
    lines(["Error máximo del reloj", "Largest clock error"], "s", ["El que Linux da por posible.", "The one that Linux holds possible."], {
      [ONE]: of("node_timex_maxerror_seconds"),
    }),
    lines(["Archivos abiertos", "Open files"], "short", ["En toda la máquina.", "On the whole machine."], {
      [ONE]: of("node_filefd_allocated"),
    }),
    lines(["Entropía", "Entropy"], "short", ["Bits disponibles.", "Bits available."], {
      [ONE]: of("node_entropy_available_bits"),
      "caben / pool": of("node_entropy_pool_size_bits"),
    }),
    heading("node-exporter", "node-exporter"),
    lines(["Duración por colector", "Time by collector"], "s", ["Lo que tarda cada uno.", "What each takes."], {
      "{{collector}}": of("node_scrape_collector_duration_seconds"),
    }),
    lines(
      ["Colectores que fallan", "Collectors that fail"],
      "short",
      ["Cuántos; algunos no tienen nada que contar en una máquina pequeña.", "How many; some have nothing to tell on a small machine."],
      { [ONE]: `count by(instance) (${of("node_scrape_collector_success")}) - sum by(instance) (${of("node_scrape_collector_success")})` },
    ),
    lines(["Memoria del exportador", "Memory of the exporter"], "bytes", ["Residente.", "Resident."], {
      [ONE]: `process_resident_memory_bytes{job="node",${N}}`,
    }),
  ],
};
