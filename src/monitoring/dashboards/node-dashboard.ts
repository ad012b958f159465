import { cpuUse, diskUse, memoryUse } from "../expressions.ts";
import { type DashboardSpec, lines, number } from "./panel.ts";

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
    number(
      { es: "CPU", en: "CPU" },
      "percent",
      { es: "Promedio de 5 minutos.", en: "Average over 5 minutes." },
      { [ONE]: onlyNode(cpuUse("5m")) },
      LEVELS,
    ),
    number(
      { es: "Memoria", en: "Memory" },
      "percent",
      { es: "No disponible para nuevos procesos.", en: "Not available to new processes." },
      { [ONE]: onlyNode(memoryUse) },
      LEVELS,
    ),
    number({ es: "Disco raíz", en: "Root disk" }, "percent", { es: "En uso.", en: "In use." }, { [ONE]: onlyNode(diskUse) }, LEVELS),
    number({ es: "Núcleos", en: "Cores" }, "short", { es: "De la máquina.", en: "Of the machine." }, { [ONE]: cores }),
    number(
      { es: "Memoria total", en: "Total memory" },
      "bytes",
      { es: "De la máquina.", en: "Of the machine." },
      { [ONE]: memory("MemTotal") },
    ),
    number(
      { es: "Tiempo en ejecución", en: "Uptime" },
      "s",
      { es: "Desde el inicio de Linux.", en: "Since Linux started." },
      { [ONE]: `time() - ${of("node_boot_time_seconds")}` },
    ),
    { heading: { es: "CPU", en: "CPU" } },
    lines(
      { es: "CPU por modo", en: "CPU by mode" },
      "percent",
      {
        es: "Porcentaje del tiempo de todos los núcleos; el resto hasta 100 % es idle.",
        en: "Percentage of the time of all cores; the rest up to 100 % is idle.",
      },
      // Idle time would lie under all the others.
      { "{{mode}}": `100 * avg by(mode) (${rate("node_cpu_seconds_total", ',mode!="idle"')})` },
      { max: 100, stacked: true },
    ),
    lines(
      { es: "CPU por núcleo", en: "CPU by core" },
      "percent",
      { es: "Uso de cada núcleo.", en: "Usage of each core." },
      { "{{cpu}}": `100 - 100 * avg by(cpu) (${rate("node_cpu_seconds_total", ',mode="idle"')})` },
      { max: 100 },
    ),
    lines(
      { es: "Carga", en: "Load" },
      "short",
      { es: "Tareas en ejecución o en espera, y número de núcleos.", en: "Tasks that run or wait, and the number of cores." },
      {
        "1 m": of("node_load1"),
        "5 m": of("node_load5"),
        "15 m": of("node_load15"),
        "núcleos / cores": cores,
      },
    ),
    lines(
      { es: "CPU de máquinas virtuales", en: "Guest CPU" },
      "percent",
      { es: "Máquinas virtuales en esta máquina.", en: "Virtual machines on this machine." },
      { "{{mode}}": `100 * sum by(mode) (${rate("node_cpu_guest_seconds_total")})` },
    ),
    lines(
      { es: "Presión (PSI): CPU", en: "Pressure (PSI): CPU" },
      "percent",
      { es: "Tiempo en que alguna tarea esperó CPU.", en: "Time in which at least one task waited for CPU." },
      { "esperan / some": pressure("cpu", "waiting") },
    ),
    lines(
      { es: "Cambios de contexto", en: "Context switches" },
      "short",
      { es: "Por segundo, e interrupciones.", en: "Per second, and interrupts." },
      {
        "cambios / switches": rate("node_context_switches_total"),
        "interrupciones / interrupts": rate("node_intr_total"),
      },
    ),
    lines(
      { es: "Procesos", en: "Processes" },
      "short",
      { es: "En ejecución y en espera del disco.", en: "Running, and waiting for disk I/O." },
      {
        "corren / running": of("node_procs_running"),
        "esperan / blocked": of("node_procs_blocked"),
      },
    ),
    lines(
      { es: "Procesos nuevos", en: "New processes" },
      "short",
      { es: "Por segundo.", en: "Per second." },
      { [ONE]: rate("node_forks_total") },
    ),
    lines(
      { es: "Paquetes por CPU", en: "Packets by CPU" },
      "short",
      { es: "Procesados por segundo en cada núcleo.", en: "Processed per second on each core." },
      { "{{cpu}}": rate("node_softnet_processed_total") },
    ),
    lines(
      { es: "Paquetes sin procesar a tiempo", en: "Packets not processed in time" },
      "short",
      { es: "Por segundo: aplazados y descartados.", en: "Per second: deferred and dropped." },
      {
        "aplazados / squeezed {{cpu}}": rate("node_softnet_times_squeezed_total"),
        "perdidos / dropped {{cpu}}": rate("node_softnet_dropped_total"),
      },
    ),
    lines(
      { es: "Distribución de paquetes (RPS)", en: "Packet steering (RPS)" },
      "short",
      {
        es: "Por segundo: enviados a otro núcleo y limitados; además, la cola.",
        en: "Per second: steered to another core and limited; also the backlog.",
      },
      {
        "pasados / RPS {{cpu}}": rate("node_softnet_received_rps_total"),
        "frenados / flow limit {{cpu}}": rate("node_softnet_flow_limit_count_total"),
        "esperan / backlog {{cpu}}": of("node_softnet_backlog_len"),
      },
    ),
    { heading: { es: "Memoria", en: "Memory" } },
    lines(
      { es: "Memoria", en: "Memory" },
      "bytes",
      { es: "Total, libre y disponible.", en: "Total, free and available." },
      {
        total: memory("MemTotal"),
        "libre / free": memory("MemFree"),
        "disponible / available": memory("MemAvailable"),
      },
    ),
    lines(
      { es: "Caché", en: "Cache" },
      "bytes",
      { es: "De archivos y de bloques.", en: "Of files and of blocks." },
      {
        "archivos / cached": memory("Cached"),
        "bloques / buffers": memory("Buffers"),
      },
    ),
    lines(
      { es: "Activa e inactiva", en: "Active and inactive" },
      "bytes",
      { es: "Linux libera primero la inactiva.", en: "Linux reclaims the inactive memory first." },
      { "activa / active": memory("Active"), "inactiva / inactive": memory("Inactive") },
    ),
    lines(
      { es: "Anónima y de archivos", en: "Anonymous and file-backed" },
      "bytes",
      { es: "Activa e inactiva, por tipo.", en: "Active and inactive, by type." },
      {
        "activa anónima / active anon": memory("Active_anon"),
        "inactiva anónima / inactive anon": memory("Inactive_anon"),
        "activa archivos / active file": memory("Active_file"),
        "inactiva archivos / inactive file": memory("Inactive_file"),
      },
    ),
    lines(
      { es: "Memoria de procesos", en: "Process memory" },
      "bytes",
      { es: "Anónima, proyectada y compartida.", en: "Anonymous, mapped and shared." },
      {
        "anónima / anonymous": memory("AnonPages"),
        "proyectada / mapped": memory("Mapped"),
        "compartida / shared": memory("Shmem"),
      },
    ),
    lines(
      { es: "Memoria del kernel", en: "Kernel memory" },
      "bytes",
      {
        es: "Slab recuperable y no recuperable, pilas, tablas de páginas.",
        en: "Reclaimable and unreclaimable slab, stacks, page tables.",
      },
      {
        "slab recuperable / reclaimable slab": memory("SReclaimable"),
        "slab fijo / fixed slab": memory("SUnreclaim"),
        "pilas / stacks": memory("KernelStack"),
        "tablas / page tables": memory("PageTables"),
        "por CPU / per CPU": memory("Percpu"),
      },
    ),
    lines(
      { es: "Memoria comprometida", en: "Committed memory" },
      "bytes",
      { es: "Y su límite.", en: "And its limit." },
      {
        "prometida / committed": memory("Committed_AS"),
        "límite / limit": memory("CommitLimit"),
      },
    ),
    lines(
      { es: "Pendiente de escribir en disco", en: "Pending disk writes" },
      "bytes",
      { es: "Dirty y writeback.", en: "Dirty and writeback." },
      {
        "sucia / dirty": memory("Dirty"),
        "en camino / writeback": memory("Writeback"),
      },
    ),
    lines(
      { es: "Swap", en: "Swap" },
      "bytes",
      { es: "Total, libre y en caché; 0 sin swap.", en: "Total, free and cached; 0 without swap." },
      {
        total: memory("SwapTotal"),
        "libre / free": memory("SwapFree"),
        "caché / cached": memory("SwapCached"),
      },
    ),
    lines(
      { es: "Huge pages", en: "Huge pages" },
      "bytes",
      { es: "Transparentes, anónimas y compartidas.", en: "Transparent, anonymous and shared." },
      {
        "anónimas / anonymous": memory("AnonHugePages"),
        "compartidas / shared": memory("ShmemHugePages"),
      },
    ),
    lines(
      { es: "Huge pages reservadas", en: "Reserved huge pages" },
      "short",
      { es: "Número; 0 si no hay ninguna configurada.", en: "Number; 0 if none are configured." },
      {
        total: of("node_memory_HugePages_Total"),
        "libres / free": of("node_memory_HugePages_Free"),
        "reservadas / reserved": of("node_memory_HugePages_Rsvd"),
        "de más / surplus": of("node_memory_HugePages_Surp"),
      },
    ),
    lines(
      { es: "Escrituras temporales (writeback temp)", en: "Temporary writeback" },
      "bytes",
      { es: "FUSE, NFS y dispositivos antiguos (bounce).", en: "FUSE, NFS and old devices (bounce)." },
      {
        FUSE: memory("WritebackTmp"),
        NFS: memory("NFS_Unstable"),
        "rebote / bounce": memory("Bounce"),
      },
    ),
    lines(
      { es: "Bloqueada (mlock)", en: "Locked (mlock)" },
      "bytes",
      { es: "Linux no puede mover estas páginas.", en: "Linux may not move these pages." },
      {
        "bloqueada / mlocked": memory("Mlocked"),
        "fija / unevictable": memory("Unevictable"),
      },
    ),
    lines(
      { es: "vmalloc", en: "vmalloc" },
      "bytes",
      { es: "Memoria virtual que usa el kernel.", en: "Virtual memory used by the kernel." },
      { [ONE]: memory("VmallocUsed") },
    ),
    lines(
      { es: "Mapa directo", en: "Direct map" },
      "bytes",
      { es: "Por tamaño de página.", en: "By page size." },
      {
        "4k": memory("DirectMap4k"),
        "2M": memory("DirectMap2M"),
        "1G": memory("DirectMap1G"),
      },
    ),
    lines(
      { es: "Presión (PSI): memoria", en: "Pressure (PSI): memory" },
      "percent",
      {
        es: "Tiempo en que alguna tarea, o todas, esperaron memoria.",
        en: "Time in which at least one task, or all tasks, waited for memory.",
      },
      { "alguna / some": pressure("memory", "waiting"), "todas / all": pressure("memory", "stalled") },
    ),
    lines(
      { es: "Fallos de página", en: "Page faults" },
      "short",
      { es: "Por segundo; los mayores leen del disco.", en: "Per second; major faults read from the disk." },
      { "todos / all": rate("node_vmstat_pgfault"), "mayores / major": rate("node_vmstat_pgmajfault") },
    ),
    lines(
      { es: "Paginación de disco", en: "Disk paging" },
      "short",
      { es: "Por segundo, en unidades de 1 KiB.", en: "Per second, in units of 1 KiB." },
      {
        "entran / in": rate("node_vmstat_pgpgin"),
        "salen / out": rate("node_vmstat_pgpgout"),
      },
    ),
    lines(
      { es: "Páginas de swap", en: "Swap pages" },
      "short",
      { es: "Por segundo.", en: "Per second." },
      {
        "entran / in": rate("node_vmstat_pswpin"),
        "salen / out": rate("node_vmstat_pswpout"),
      },
    ),
    lines(
      { es: "OOM kills", en: "OOM kills" },
      "short",
      { es: "Desde el inicio de Linux.", en: "Since Linux started." },
      { [ONE]: of("node_vmstat_oom_kill") },
    ),
    { heading: { es: "Kernel y reloj", en: "Kernel and clock" } },
    lines(
      { es: "Desviación del reloj", en: "Clock offset" },
      "s",
      { es: "Y su error estimado.", en: "And its estimated error." },
      { "desvío / offset": of("node_timex_offset_seconds"), error: of("node_timex_estimated_error_seconds") },
      { min: undefined },
    ),
    lines(
      { es: "Reloj sincronizado", en: "Clock synchronised" },
      "short",
      { es: "1: sincronizado con un servidor NTP.", en: "1: synchronised with an NTP server." },
      { [ONE]: of("node_timex_sync_status") },
    ),
    lines(
      { es: "Ajuste del reloj", en: "Clock adjustment" },
      "short",
      { es: "Relación de frecuencia; 1 es exacto.", en: "Frequency ratio; 1 is exact." },
      { [ONE]: of("node_timex_frequency_adjustment_ratio") },
      { min: undefined },
    ),
    lines(
      { es: "Error máximo del reloj", en: "Maximum clock error" },
      "s",
      { es: "Error máximo que estima Linux.", en: "Maximum error estimated by Linux." },
      { [ONE]: of("node_timex_maxerror_seconds") },
    ),
    lines(
      { es: "Archivos abiertos", en: "Open files" },
      "short",
      { es: "En toda la máquina.", en: "On the whole machine." },
      { [ONE]: of("node_filefd_allocated") },
    ),
    lines(
      { es: "Entropía", en: "Entropy" },
      "short",
      { es: "Bits disponibles.", en: "Bits available." },
      {
        [ONE]: of("node_entropy_available_bits"),
        "caben / pool": of("node_entropy_pool_size_bits"),
      },
    ),
    { heading: { es: "node-exporter", en: "node-exporter" } },
    lines(
      { es: "Duración por colector", en: "Duration by collector" },
      "s",
      { es: "Duración de cada colector.", en: "Duration of each collector." },
      { "{{collector}}": of("node_scrape_collector_duration_seconds") },
    ),
    lines(
      { es: "Colectores con fallas", en: "Failing collectors" },
      "short",
      {
        es: "Número; algunos colectores no tienen datos en una máquina pequeña.",
        en: "Number; some collectors have no data on a small machine.",
      },
      { [ONE]: `count by(instance) (${of("node_scrape_collector_success")}) - sum by(instance) (${of("node_scrape_collector_success")})` },
    ),
    lines(
      { es: "Memoria de node-exporter", en: "node-exporter memory" },
      "bytes",
      { es: "Memoria residente.", en: "Resident memory." },
      { [ONE]: `process_resident_memory_bytes{job="node",${N}}` },
    ),
  ],
};
