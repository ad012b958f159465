import { type DashboardSpec, lines, number } from "./panel.ts";

const status = (name: string) => `mysql_global_status_${name}`;
const variable = (name: string) => `mysql_global_variables_${name}`;
const rate = (name: string) => `rate(${status(name)}[$__rate_interval])`;
const ONE = "{{instance}}";

/** MySQL: what the mysqld mixin's overview shows, and InnoDB's inside. */
export const mysql: DashboardSpec = {
  uid: "cloudnova-mysql",
  title: { es: "MySQL", en: "MySQL" },
  panels: [
    number(
      { es: "Estado", en: "State" },
      "short",
      { es: "1: responde; 0: no responde.", en: "1: it responds; 0: it does not." },
      { [ONE]: "mysql_up" },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(
      { es: "Tiempo en ejecución", en: "Uptime" },
      "s",
      { es: "Tiempo desde su inicio.", en: "Time since its start." },
      { [ONE]: status("uptime") },
    ),
    number(
      { es: "Consultas por segundo", en: "Queries per second" },
      "short",
      { es: "Todas, incluidas las internas.", en: "All queries, including internal ones." },
      { [ONE]: rate("queries") },
    ),
    number(
      { es: "Conexiones", en: "Connections" },
      "short",
      { es: "Abiertas ahora.", en: "Open now." },
      { [ONE]: status("threads_connected") },
    ),
    number(
      { es: "Conexiones en uso", en: "Connections in use" },
      "percent",
      { es: "Porcentaje de max_connections.", en: "Percentage of max_connections." },
      { [ONE]: `100 * ${status("threads_connected")} / ${variable("max_connections")}` },
      { thresholds: { yellow: 60, red: 80 } },
    ),
    number(
      { es: "Buffer pool", en: "Buffer pool" },
      "bytes",
      { es: "Memoria de InnoDB para páginas.", en: "InnoDB's memory for pages." },
      { [ONE]: variable("innodb_buffer_pool_size") },
    ),
    { heading: { es: "Conexiones", en: "Connections" } },
    lines(
      { es: "Conexiones abiertas", en: "Open connections" },
      "short",
      { es: "Actuales, máximo alcanzado y max_connections.", en: "Current, highest so far, and max_connections." },
      {
        "abiertas / open": status("threads_connected"),
        "más / most": status("max_used_connections"),
        "acepta / accepted": variable("max_connections"),
      },
    ),
    lines(
      { es: "Hilos", en: "Threads" },
      "short",
      { es: "Los que ejecutan una consulta y los que están en caché.", en: "Running a query, and cached for reuse." },
      {
        "ejecutan / running": status("threads_running"),
        "esperan / cached": status("threads_cached"),
      },
    ),
    lines(
      { es: "Conexiones nuevas", en: "New connections" },
      "short",
      { es: "Por segundo; un pool de conexiones mantiene bajo este valor.", en: "Per second; a connection pool keeps this value low." },
      { "nuevas / new": rate("connections"), "hilos creados / threads created": rate("threads_created") },
    ),
    lines(
      { es: "Conexiones interrumpidas", en: "Aborted connections" },
      "short",
      { es: "Por segundo: intentos fallidos y conexiones interrumpidas.", en: "Per second: failed attempts and aborted connections." },
      {
        "fallidas / connects": rate("aborted_connects"),
        "cortadas / clients": rate("aborted_clients"),
      },
    ),
    lines(
      { es: "Conexiones rechazadas", en: "Rejected connections" },
      "short",
      { es: "Por segundo y motivo.", en: "Per second, by reason." },
      { "{{error}}": rate("connection_errors_total") },
    ),
    lines(
      { es: "Tráfico", en: "Traffic" },
      "Bps",
      { es: "Bytes recibidos y enviados a los clientes.", en: "Bytes received from and sent to clients." },
      {
        "entrada / in": rate("bytes_received"),
        "salida / out": rate("bytes_sent"),
      },
    ),
    { heading: { es: "Consultas", en: "Queries" } },
    lines(
      { es: "Consultas de clientes", en: "Client queries" },
      "short",
      { es: "Por segundo.", en: "Per second." },
      { [ONE]: rate("questions") },
    ),
    lines(
      { es: "Consultas lentas", en: "Slow queries" },
      "short",
      { es: "Por segundo; tardan más de un segundo.", en: "Per second; they take more than one second." },
      { [ONE]: rate("slow_queries") },
      { thresholds: { yellow: 0.01, red: 0.1 } },
    ),
    lines(
      { es: "Lecturas sin índice", en: "Reads without an index" },
      "short",
      { es: "Recorridos completos de tablas o joins por segundo.", en: "Full table scans or full joins per second." },
      {
        "tablas / scans": rate("select_scan"),
        "uniones / full joins": rate("select_full_join"),
      },
    ),
    lines(
      { es: "Llamadas al handler", en: "Handler calls" },
      "short",
      { es: "Por segundo y tipo.", en: "Per second, by type." },
      { "{{handler}}": rate("handlers_total") },
    ),
    lines(
      { es: "Tablas temporales", en: "Temporary tables" },
      "short",
      { es: "Por segundo: en memoria y en disco.", en: "Per second: in memory and on disk." },
      {
        "memoria / memory": rate("created_tmp_tables"),
        "disco / disk": rate("created_tmp_disk_tables"),
      },
    ),
    lines(
      { es: "Ordenamientos", en: "Sorts" },
      "short",
      { es: "Filas ordenadas y pasadas de mezcla por segundo.", en: "Rows sorted and merge passes per second." },
      {
        "filas / rows": rate("sort_rows"),
        "pasadas / passes": rate("sort_merge_passes"),
      },
    ),
    { heading: { es: "Bloqueos y tablas", en: "Locks and tables" } },
    lines(
      { es: "Esperas por bloqueos de filas", en: "Row lock waits" },
      "short",
      { es: "Por segundo.", en: "Per second." },
      { [ONE]: rate("innodb_row_lock_waits") },
      { thresholds: { yellow: 0.2, red: 1 } },
    ),
    lines(
      { es: "Bloqueos de tabla", en: "Table locks" },
      "short",
      { es: "Por segundo: inmediatos y después de una espera.", en: "Per second: immediate and after a wait." },
      {
        "al momento / immediate": rate("table_locks_immediate"),
        "tras esperar / waited": rate("table_locks_waited"),
      },
    ),
    lines(
      { es: "Tablas abiertas", en: "Open tables" },
      "short",
      { es: "Y tamaño de la caché de tablas.", en: "And the size of the table cache." },
      {
        "abiertas / open": status("open_tables"),
        "caben / cache": variable("table_open_cache"),
      },
    ),
    lines(
      { es: "Archivos abiertos", en: "Open files" },
      "short",
      { es: "Y máximo permitido.", en: "And the maximum allowed." },
      {
        "abiertos / open": status("innodb_num_open_files"),
        "máximo / most": variable("open_files_limit"),
      },
    ),
    lines(
      { es: "Aciertos de la caché de tablas", en: "Table cache hits" },
      "percent",
      { es: "Porcentaje de accesos que encontraron la tabla abierta.", en: "Percentage of accesses that found the table open." },
      { [ONE]: `100 * ${rate("table_open_cache_hits")} / (${rate("table_open_cache_hits")} + ${rate("table_open_cache_misses")})` },
      { max: 100 },
    ),
    lines(
      { es: "Filas por operación", en: "Rows by operation" },
      "short",
      { es: "Por segundo, en InnoDB.", en: "Per second, in InnoDB." },
      { "{{operation}}": rate("innodb_row_ops_total") },
    ),
    { heading: { es: "InnoDB", en: "InnoDB" } },
    lines(
      { es: "Páginas del buffer pool", en: "Buffer pool pages" },
      "short",
      { es: "Con datos, libres y de administración.", en: "Data, free and miscellaneous." },
      { "{{state}}": status("buffer_pool_pages") },
    ),
    lines(
      { es: "Fallos del buffer pool", en: "Buffer pool misses" },
      "percent",
      { es: "Porcentaje de páginas leídas del disco.", en: "Percentage of pages read from disk." },
      { [ONE]: `100 * ${rate("innodb_buffer_pool_reads")} / clamp_min(${rate("innodb_buffer_pool_read_requests")}, 1e-9)` },
      { thresholds: { yellow: 1, red: 5 } },
    ),
    lines(
      { es: "Páginas sucias (dirty)", en: "Dirty pages" },
      "short",
      { es: "Modificadas en memoria y aún no escritas en disco.", en: "Modified in memory and not yet written to disk." },
      { [ONE]: status("buffer_pool_dirty_pages") },
    ),
    lines(
      { es: "Datos leídos y escritos", en: "Data read and written" },
      "Bps",
      { es: "Bytes por segundo.", en: "Bytes per second." },
      {
        "leídos / read": rate("innodb_data_read"),
        "escritos / written": rate("innodb_data_written"),
      },
    ),
    lines(
      { es: "fsync", en: "fsync" },
      "short",
      { es: "Por segundo: datos y redo log.", en: "Per second: data and redo log." },
      {
        "datos / data": rate("innodb_data_fsyncs"),
        "registro / log": rate("innodb_os_log_fsyncs"),
      },
    ),
    lines(
      { es: "Redo log", en: "Redo log" },
      "Bps",
      { es: "Bytes escritos.", en: "Bytes written." },
      { [ONE]: rate("innodb_os_log_written") },
    ),
    lines(
      { es: "Checkpoint age del redo log", en: "Redo log checkpoint age" },
      "bytes",
      { es: "Datos que una recuperación aplicaría, y capacidad.", en: "Data that a recovery would replay, and the capacity." },
      {
        "pendiente / pending": `${status("innodb_redo_log_current_lsn")} - ${status("innodb_redo_log_checkpoint_lsn")}`,
        "cabe / capacity": variable("innodb_redo_log_capacity"),
      },
    ),
    lines(
      { es: "Esperas internas", en: "Internal waits" },
      "short",
      { es: "Por segundo: por páginas libres y por espacio en el log.", en: "Per second: for free pages and for log space." },
      {
        "página / page": rate("innodb_buffer_pool_wait_free"),
        "registro / log": rate("innodb_log_waits"),
      },
    ),
  ],
};
