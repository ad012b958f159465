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
  title: { es: "Nodo · CPU, memoria y kernel", en: "Node · CPU, memory and kernel" },
  variables: NODES,
  panels: [
    number(["CPU", "CPU"], "percent", ["Promedio de 5 minutos.", "Average over 5 minutes."], { [ONE]: onlyNode(cpuUse("5m")) }, LEVELS),
    number(
      ["Memoria", "Memory"],
      "percent",
      ["No disponible para nuevos procesos.", "Not available to new processes."],
      { [ONE]: onlyNode(memoryUse) },
      LEVELS,
    ),
    number(["Disco raíz", "Root disk"], "percent", ["En uso.", "In use."], { [ONE]: onlyNode(diskUse) }, LEVELS),
    number(["Núcleos", "Cores"], "short", ["De la máquina.", "Of the machine."], { [ONE]: cores }),
    number(["Memoria total", "Total memory"], "bytes", ["De la máquina.", "Of the machine."], { [ONE]: memory("MemTotal") }),
    number(["Tiempo en ejecución", "Uptime"], "s", ["Desde el inicio de Linux.", "Since Linux started."], {
      [ONE]: `time() - ${of("node_boot_time_seconds")}`,
    }),
    heading("CPU", "CPU"),
    lines(
      ["CPU por modo", "CPU by mode"],
      "percent",
      [
        "Porcentaje del tiempo de todos los núcleos; el resto hasta 100 % es idle.",
        "Percentage of the time of all cores; the rest up to 100 % is idle.",
      ],
      // Idle time would lie under all the others.
      { "{{mode}}": `100 * avg by(mode) (${rate("node_cpu_seconds_total", ',mode!="idle"')})` },
      { max: 100, stacked: true },
    ),
    lines(
      ["CPU por núcleo", "CPU by core"],
      "percent",
      ["Uso de cada núcleo.", "Usage of each core."],
      { "{{cpu}}": `100 - 100 * avg by(cpu) (${rate("node_cpu_seconds_total", ',mode="idle"')})` },
      { max: 100 },
    ),
    lines(
      ["Carga", "Load"],
      "short",
      ["Tareas en ejecución o en espera, y número de núcleos.", "Tasks that run or wait, and the number of cores."],
      {
        "1 m": of("node_load1"),
        "5 m": of("node_load5"),
        "15 m": of("node_load15"),
        "núcleos / cores": cores,
      },
    ),
    lines(
      ["CPU de máquinas virtuales", "Guest CPU"],
      "percent",
      ["Máquinas virtuales en esta máquina.", "Virtual machines on this machine."],
      {
        "{{mode}}": `100 * sum by(mode) (${rate("node_cpu_guest_seconds_total")})`,
      },
    ),
    lines(
      ["Presión (PSI): CPU", "Pressure (PSI): CPU"],
      "percent",
      ["Tiempo en que alguna tarea esperó CPU.", "Time in which at least one task waited for CPU."],
      { "esperan / some": pressure("cpu", "waiting") },
    ),
    lines(["Cambios de contexto", "Context switches"], "short", ["Por segundo, e interrupciones.", "Per second, and interrupts."], {
      "cambios / switches": rate("node_context_switches_total"),
      "interrupciones / interrupts": rate("node_intr_total"),
    }),
    lines(["Procesos", "Processes"], "short", ["En ejecución y en espera del disco.", "Running, and waiting for disk I/O."], {
      "corren / running": of("node_procs_running"),
      "esperan / blocked": of("node_procs_blocked"),
    }),
    lines(["Procesos nuevos", "New processes"], "short", ["Por segundo.", "Per second."], { [ONE]: rate("node_forks_total") }),
    lines(
      ["Paquetes por CPU", "Packets by CPU"],
      "short",
      ["Procesados por segundo en cada núcleo.", "Processed per second on each core."],
      {
        "{{cpu}}": rate("node_softnet_processed_total"),
      },
    ),
    lines(
      ["Paquetes sin procesar a tiempo", "Packets not processed in time"],
      "short",
      ["Por segundo: aplazados y descartados.", "Per second: deferred and dropped."],
      {
        "aplazados / squeezed {{cpu}}": rate("node_softnet_times_squeezed_total"),
        "perdidos / dropped {{cpu}}": rate("node_softnet_dropped_total"),
      },
    ),
    lines(
      ["Distribución de paquetes (RPS)", "Packet steering (RPS)"],
      "short",
      [
        "Por segundo: enviados a otro núcleo y limitados; además, la cola.",
        "Per second: steered to another core and limited; also the backlog.",
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
      ["Linux libera primero la inactiva.", "Linux reclaims the inactive memory first."],
      { "activa / active": memory("Active"), "inactiva / inactive": memory("Inactive") },
    ),
    lines(
      ["Anónima y de archivos", "Anonymous and file-backed"],
      "bytes",
      ["Activa e inactiva, por tipo.", "Active and inactive, by type."],
      {
        "activa anónima / active anon": memory("Active_anon"),
        "inactiva anónima / inactive anon": memory("Inactive_anon"),
        "activa archivos / active file": memory("Active_file"),
        "inactiva archivos / inactive file": memory("Inactive_file"),
      },
    ),
    lines(["Memoria de procesos", "Process memory"], "bytes", ["Anónima, proyectada y compartida.", "Anonymous, mapped and shared."], {
      "anónima / anonymous": memory("AnonPages"),
      "proyectada / mapped": memory("Mapped"),
      "compartida / shared": memory("Shmem"),
    }),
    lines(
      ["Memoria del kernel", "Kernel memory"],
      "bytes",
      ["Slab recuperable y no recuperable, pilas, tablas de páginas.", "Reclaimable and unreclaimable slab, stacks, page tables."],
      {
        "slab recuperable / reclaimable slab": memory("SReclaimable"),
        "slab fijo / fixed slab": memory("SUnreclaim"),
        "pilas / stacks": memory("KernelStack"),
        "tablas / page tables": memory("PageTables"),
        "por CPU / per CPU": memory("Percpu"),
      },
    ),
    lines(["Memoria comprometida", "Committed memory"], "bytes", ["Y su límite.", "And its limit."], {
      "prometida / committed": memory("Committed_AS"),
      "límite / limit": memory("CommitLimit"),
    }),
    lines(["Pendiente de escribir en disco", "Pending disk writes"], "bytes", ["Dirty y writeback.", "Dirty and writeback."], {
      "sucia / dirty": memory("Dirty"),
      "en camino / writeback": memory("Writeback"),
    }),
    lines(["Swap", "Swap"], "bytes", ["Total, libre y en caché; 0 sin swap.", "Total, free and cached; 0 without swap."], {
      total: memory("SwapTotal"),
      "libre / free": memory("SwapFree"),
      "caché / cached": memory("SwapCached"),
    }),
    lines(["Huge pages", "Huge pages"], "bytes", ["Transparentes, anónimas y compartidas.", "Transparent, anonymous and shared."], {
      "anónimas / anonymous": memory("AnonHugePages"),
      "compartidas / shared": memory("ShmemHugePages"),
    }),
    lines(
      ["Huge pages reservadas", "Reserved huge pages"],
      "short",
      ["Número; 0 si no hay ninguna configurada.", "Number; 0 if none are configured."],
      {
        total: of("node_memory_HugePages_Total"),
        "libres / free": of("node_memory_HugePages_Free"),
        "reservadas / reserved": of("node_memory_HugePages_Rsvd"),
        "de más / surplus": of("node_memory_HugePages_Surp"),
      },
    ),
    lines(
      ["Escrituras temporales (writeback temp)", "Temporary writeback"],
      "bytes",
      ["FUSE, NFS y dispositivos antiguos (bounce).", "FUSE, NFS and old devices (bounce)."],
      {
        FUSE: memory("WritebackTmp"),
        NFS: memory("NFS_Unstable"),
        "rebote / bounce": memory("Bounce"),
      },
    ),
    lines(["Bloqueada (mlock)", "Locked (mlock)"], "bytes", ["Linux no puede mover estas páginas.", "Linux may not move these pages."], {
      "bloqueada / mlocked": memory("Mlocked"),
      "fija / unevictable": memory("Unevictable"),
    }),
    lines(["vmalloc", "vmalloc"], "bytes", ["Memoria virtual que usa el kernel.", "Virtual memory used by the kernel."], {
      [ONE]: memory("VmallocUsed"),
    }),
    lines(["Mapa directo", "Direct map"], "bytes", ["Por tamaño de página.", "By page size."], {
      "4k": memory("DirectMap4k"),
      "2M": memory("DirectMap2M"),
      "1G": memory("DirectMap1G"),
    }),
    lines(
      ["Presión (PSI): memoria", "Pressure (PSI): memory"],
      "percent",
      ["Tiempo en que alguna tarea, o todas, esperaron memoria.", "Time in which at least one task, or all tasks, waited for memory."],
      { "alguna / some": pressure("memory", "waiting"), "todas / all": pressure("memory", "stalled") },
    ),
    lines(
      ["Fallos de página", "Page faults"],
      "short",
      ["Por segundo; los mayores leen del disco.", "Per second; major faults read from the disk."],
      { "todos / all": rate("node_vmstat_pgfault"), "mayores / major": rate("node_vmstat_pgmajfault") },
    ),
    lines(["Paginación de disco", "Disk paging"], "short", ["Por segundo, en unidades de 1 KiB.", "Per second, in units of 1 KiB."], {
      "entran / in": rate("node_vmstat_pgpgin"),
      "salen / out": rate("node_vmstat_pgpgout"),
    }),
    lines(["Páginas de swap", "Swap pages"], "short", ["Por segundo.", "Per second."], {
      "entran / in": rate("node_vmstat_pswpin"),
      "salen / out": rate("node_vmstat_pswpout"),
    }),
    lines(["OOM kills", "OOM kills"], "short", ["Desde el inicio de Linux.", "Since Linux started."], {
      [ONE]: of("node_vmstat_oom_kill"),
    }),
    heading("Kernel y reloj", "Kernel and clock"),
    lines(
      ["Desviación del reloj", "Clock offset"],
      "s",
      ["Y su error estimado.", "And its estimated error."],
      { "desvío / offset": of("node_timex_offset_seconds"), error: of("node_timex_estimated_error_seconds") },
      { min: undefined },
    ),
    lines(
      ["Reloj sincronizado", "Clock synchronised"],
      "short",
      ["1: sincronizado con un servidor NTP.", "1: synchronised with an NTP server."],
      {
        [ONE]: of("node_timex_sync_status"),
      },
    ),
    lines(
      ["Ajuste del reloj", "Clock adjustment"],
      "short",
      ["Relación de frecuencia; 1 es exacto.", "Frequency ratio; 1 is exact."],
      { [ONE]: of("node_timex_frequency_adjustment_ratio") },
      { min: undefined },
    ),
    lines(["Error máximo del reloj", "Maximum clock error"], "s", ["Error máximo que estima Linux.", "Maximum error estimated by Linux."], {
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
    lines(["Duración por colector", "Duration by collector"], "s", ["Duración de cada colector.", "Duration of each collector."], {
      "{{collector}}": of("node_scrape_collector_duration_seconds"),
    }),
    lines(
      ["Colectores con fallas", "Failing collectors"],
      "short",
      ["Número; algunos colectores no tienen datos en una máquina pequeña.", "Number; some collectors have no data on a small machine."],
      { [ONE]: `count by(instance) (${of("node_scrape_collector_success")}) - sum by(instance) (${of("node_scrape_collector_success")})` },
    ),
    lines(["Memoria de node-exporter", "node-exporter memory"], "bytes", ["Memoria residente.", "Resident memory."], {
      [ONE]: `process_resident_memory_bytes{job="node",${N}}`,
    }),
  ],
};
