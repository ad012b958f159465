import { type DashboardSpec, heading, lines, number } from "./panel.ts";

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
      ["Estado", "State"],
      "short",
      ["1: responde; 0: no responde.", "1: it responds; 0: it does not."],
      { [ONE]: "mysql_up" },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(["Tiempo en ejecución", "Uptime"], "s", ["Tiempo desde su inicio.", "Time since its start."], { [ONE]: status("uptime") }),
    number(
      ["Consultas por segundo", "Queries per second"],
      "short",
      ["Todas, incluidas las internas.", "All queries, including internal ones."],
      {
        [ONE]: rate("queries"),
      },
    ),
    number(["Conexiones", "Connections"], "short", ["Abiertas ahora.", "Open now."], { [ONE]: status("threads_connected") }),
    number(
      ["Conexiones en uso", "Connections in use"],
      "percent",
      ["Porcentaje de max_connections.", "Percentage of max_connections."],
      {
        [ONE]: `100 * ${status("threads_connected")} / ${variable("max_connections")}`,
      },
      { thresholds: { yellow: 60, red: 80 } },
    ),
    number(["Buffer pool", "Buffer pool"], "bytes", ["Memoria de InnoDB para páginas.", "InnoDB's memory for pages."], {
      [ONE]: variable("innodb_buffer_pool_size"),
    }),
    heading("Conexiones", "Connections"),
    lines(
      ["Conexiones abiertas", "Open connections"],
      "short",
      ["Actuales, máximo alcanzado y max_connections.", "Current, highest so far, and max_connections."],
      {
        "abiertas / open": status("threads_connected"),
        "más / most": status("max_used_connections"),
        "acepta / accepted": variable("max_connections"),
      },
    ),
    lines(
      ["Hilos", "Threads"],
      "short",
      ["Los que ejecutan una consulta y los que están en caché.", "Running a query, and cached for reuse."],
      {
        "ejecutan / running": status("threads_running"),
        "esperan / cached": status("threads_cached"),
      },
    ),
    lines(
      ["Conexiones nuevas", "New connections"],
      "short",
      ["Por segundo; un pool de conexiones mantiene bajo este valor.", "Per second; a connection pool keeps this value low."],
      { "nuevas / new": rate("connections"), "hilos creados / threads created": rate("threads_created") },
    ),
    lines(
      ["Conexiones interrumpidas", "Aborted connections"],
      "short",
      ["Por segundo: intentos fallidos y conexiones interrumpidas.", "Per second: failed attempts and aborted connections."],
      {
        "fallidas / connects": rate("aborted_connects"),
        "cortadas / clients": rate("aborted_clients"),
      },
    ),
    lines(["Conexiones rechazadas", "Rejected connections"], "short", ["Por segundo y motivo.", "Per second, by reason."], {
      "{{error}}": rate("connection_errors_total"),
    }),
    lines(["Tráfico", "Traffic"], "Bps", ["Bytes recibidos y enviados a los clientes.", "Bytes received from and sent to clients."], {
      "entrada / in": rate("bytes_received"),
      "salida / out": rate("bytes_sent"),
    }),
    heading("Consultas", "Queries"),
    lines(["Consultas de clientes", "Client queries"], "short", ["Por segundo.", "Per second."], { [ONE]: rate("questions") }),
    lines(
      ["Consultas lentas", "Slow queries"],
      "short",
      ["Por segundo; tardan más de un segundo.", "Per second; they take more than one second."],
      { [ONE]: rate("slow_queries") },
      { thresholds: { yellow: 0.01, red: 0.1 } },
    ),
    lines(
      ["Lecturas sin índice", "Reads without an index"],
      "short",
      ["Recorridos completos de tablas o joins por segundo.", "Full table scans or full joins per second."],
      {
        "tablas / scans": rate("select_scan"),
        "uniones / full joins": rate("select_full_join"),
      },
    ),
    lines(["Llamadas al handler", "Handler calls"], "short", ["Por segundo y tipo.", "Per second, by type."], {
      "{{handler}}": rate("handlers_total"),
    }),
    lines(
      ["Tablas temporales", "Temporary tables"],
      "short",
      ["Por segundo: en memoria y en disco.", "Per second: in memory and on disk."],
      {
        "memoria / memory": rate("created_tmp_tables"),
        "disco / disk": rate("created_tmp_disk_tables"),
      },
    ),
    lines(
      ["Ordenamientos", "Sorts"],
      "short",
      ["Filas ordenadas y pasadas de mezcla por segundo.", "Rows sorted and merge passes per second."],
      {
        "filas / rows": rate("sort_rows"),
        "pasadas / passes": rate("sort_merge_passes"),
      },
    ),
    heading("Bloqueos y tablas", "Locks and tables"),
    lines(
      ["Esperas por bloqueos de filas", "Row lock waits"],
      "short",
      ["Por segundo.", "Per second."],
      { [ONE]: rate("innodb_row_lock_waits") },
      { thresholds: { yellow: 0.2, red: 1 } },
    ),
    lines(
      ["Bloqueos de tabla", "Table locks"],
      "short",
      ["Por segundo: inmediatos y después de una espera.", "Per second: immediate and after a wait."],
      {
        "al momento / immediate": rate("table_locks_immediate"),
        "tras esperar / waited": rate("table_locks_waited"),
      },
    ),
    lines(["Tablas abiertas", "Open tables"], "short", ["Y tamaño de la caché de tablas.", "And the size of the table cache."], {
      "abiertas / open": status("open_tables"),
      "caben / cache": variable("table_open_cache"),
    }),
    lines(["Archivos abiertos", "Open files"], "short", ["Y máximo permitido.", "And the maximum allowed."], {
      "abiertos / open": status("innodb_num_open_files"),
      "máximo / most": variable("open_files_limit"),
    }),
    lines(
      ["Aciertos de la caché de tablas", "Table cache hits"],
      "percent",
      ["Porcentaje de accesos que encontraron la tabla abierta.", "Percentage of accesses that found the table open."],
      {
        [ONE]: `100 * ${rate("table_open_cache_hits")} / (${rate("table_open_cache_hits")} + ${rate("table_open_cache_misses")})`,
      },
      { max: 100 },
    ),
    lines(["Filas por operación", "Rows by operation"], "short", ["Por segundo, en InnoDB.", "Per second, in InnoDB."], {
      "{{operation}}": rate("innodb_row_ops_total"),
    }),
    heading("InnoDB", "InnoDB"),
    lines(
      ["Páginas del buffer pool", "Buffer pool pages"],
      "short",
      ["Con datos, libres y de administración.", "Data, free and miscellaneous."],
      { "{{state}}": status("buffer_pool_pages") },
    ),
    lines(
      ["Fallos del buffer pool", "Buffer pool misses"],
      "percent",
      ["Porcentaje de páginas leídas del disco.", "Percentage of pages read from disk."],
      {
        [ONE]: `100 * ${rate("innodb_buffer_pool_reads")} / clamp_min(${rate("innodb_buffer_pool_read_requests")}, 1e-9)`,
      },
      { thresholds: { yellow: 1, red: 5 } },
    ),
    lines(
      ["Páginas sucias (dirty)", "Dirty pages"],
      "short",
      ["Modificadas en memoria y aún no escritas en disco.", "Modified in memory and not yet written to disk."],
      { [ONE]: status("buffer_pool_dirty_pages") },
    ),
    lines(["Datos leídos y escritos", "Data read and written"], "Bps", ["Bytes por segundo.", "Bytes per second."], {
      "leídos / read": rate("innodb_data_read"),
      "escritos / written": rate("innodb_data_written"),
    }),
    lines(["fsync", "fsync"], "short", ["Por segundo: datos y redo log.", "Per second: data and redo log."], {
      "datos / data": rate("innodb_data_fsyncs"),
      "registro / log": rate("innodb_os_log_fsyncs"),
    }),
    lines(["Redo log", "Redo log"], "Bps", ["Bytes escritos.", "Bytes written."], { [ONE]: rate("innodb_os_log_written") }),
    lines(
      ["Checkpoint age del redo log", "Redo log checkpoint age"],
      "bytes",
      ["Datos que una recuperación aplicaría, y capacidad.", "Data that a recovery would replay, and the capacity."],
      {
        "pendiente / pending": `${status("innodb_redo_log_current_lsn")} - ${status("innodb_redo_log_checkpoint_lsn")}`,
        "cabe / capacity": variable("innodb_redo_log_capacity"),
      },
    ),
    lines(
      ["Esperas internas", "Internal waits"],
      "short",
      ["Por segundo: por páginas libres y por espacio en el log.", "Per second: for free pages and for log space."],
      {
        "página / page": rate("innodb_buffer_pool_wait_free"),
        "registro / log": rate("innodb_log_waits"),
      },
    ),
  ],
};
