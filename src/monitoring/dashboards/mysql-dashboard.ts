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
      ["1: responde; 0: no responde.", "1: it answers; 0: it does not."],
      { [ONE]: "mysql_up" },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(["En marcha desde hace", "Up for"], "s", ["Tiempo desde su arranque.", "Time since its start."], { [ONE]: status("uptime") }),
    number(["Consultas por segundo", "Queries a second"], "short", ["Todas, también las internas.", "All of them, internal ones too."], {
      [ONE]: rate("queries"),
    }),
    number(["Conexiones", "Connections"], "short", ["Abiertas ahora.", "Open now."], { [ONE]: status("threads_connected") }),
    number(
      ["Conexiones ocupadas", "Connections taken"],
      "percent",
      ["De las que acepta.", "Of those that it accepts."],
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
      ["Ahora, la vez que más hubo, y las que acepta.", "Now, the most there were, and those that it accepts."],
      {
        "abiertas / open": status("threads_connected"),
        "más / most": status("max_used_connections"),
        "acepta / accepted": variable("max_connections"),
      },
    ),
    lines(
      ["Hilos", "Threads"],
      "short",
      [
        "Los que ejecutan una consulta y los que esperan otra conexión.",
        "Those that run a query, and those that wait for another connection.",
      ],
      {
        "ejecutan / running": status("threads_running"),
        "esperan / cached": status("threads_cached"),
      },
    ),
    lines(
      ["Conexiones nuevas", "New connections"],
      "short",
      ["Por segundo; un pool las mantiene bajas.", "A second; a pool keeps them low."],
      { "nuevas / new": rate("connections"), "hilos creados / threads created": rate("threads_created") },
    ),
    lines(
      ["Conexiones cortadas", "Aborted connections"],
      "short",
      ["Por segundo: no llegaron a entrar, o se cortaron.", "A second: never got in, or were cut."],
      {
        "fallidas / connects": rate("aborted_connects"),
        "cortadas / clients": rate("aborted_clients"),
      },
    ),
    lines(["Conexiones rechazadas", "Refused connections"], "short", ["Por segundo y motivo.", "A second, by reason."], {
      "{{error}}": rate("connection_errors_total"),
    }),
    lines(["Tráfico", "Traffic"], "Bps", ["Bytes con los clientes.", "Bytes with the clients."], {
      "entrada / in": rate("bytes_received"),
      "salida / out": rate("bytes_sent"),
    }),
    heading("Consultas", "Queries"),
    lines(["Consultas de clientes", "Queries of clients"], "short", ["Por segundo.", "A second."], { [ONE]: rate("questions") }),
    lines(
      ["Consultas lentas", "Slow queries"],
      "short",
      ["Por segundo, de más de un segundo.", "A second, of more than a second."],
      { [ONE]: rate("slow_queries") },
      { thresholds: { yellow: 0.01, red: 0.1 } },
    ),
    lines(
      ["Recorridos sin índice", "Reads without an index"],
      "short",
      ["Tablas o uniones enteras por segundo.", "Whole tables or joins a second."],
      {
        "tablas / scans": rate("select_scan"),
        "uniones / full joins": rate("select_full_join"),
      },
    ),
    lines(["Accesos a filas", "Handler calls"], "short", ["Por segundo y clase.", "A second, by kind."], {
      "{{handler}}": rate("handlers_total"),
    }),
    lines(
      ["Tablas temporales", "Temporary tables"],
      "short",
      ["Por segundo: en memoria, y las que acaban en el disco.", "A second: in memory, and those that end on the disk."],
      {
        "memoria / memory": rate("created_tmp_tables"),
        "disco / disk": rate("created_tmp_disk_tables"),
      },
    ),
    lines(
      ["Ordenaciones", "Sorts"],
      "short",
      ["Filas ordenadas por segundo, y pasadas de mezcla.", "Rows sorted a second, and merge passes."],
      {
        "filas / rows": rate("sort_rows"),
        "pasadas / passes": rate("sort_merge_passes"),
      },
    ),
    heading("Bloqueos y tablas", "Locks and tables"),
    lines(
      ["Esperas a una fila", "Row lock waits"],
      "short",
      ["Por segundo.", "A second."],
      { [ONE]: rate("innodb_row_lock_waits") },
      { thresholds: { yellow: 0.2, red: 1 } },
    ),
    lines(
      ["Bloqueos de tabla", "Table locks"],
      "short",
      ["Por segundo: al momento, y tras esperar.", "A second: at once, and after a wait."],
      {
        "al momento / immediate": rate("table_locks_immediate"),
        "tras esperar / waited": rate("table_locks_waited"),
      },
    ),
    lines(["Tablas abiertas", "Open tables"], "short", ["Y cuántas caben en su caché.", "And how many fit into their cache."], {
      "abiertas / open": status("open_tables"),
      "caben / cache": variable("table_open_cache"),
    }),
    lines(["Archivos abiertos", "Open files"], "short", ["Y cuántos puede abrir.", "And how many it may open."], {
      "abiertos / open": status("innodb_num_open_files"),
      "máximo / most": variable("open_files_limit"),
    }),
    lines(
      ["Aciertos de la caché de tablas", "Table cache hits"],
      "percent",
      ["Parte que no tuvo que abrir la tabla.", "Share that did not have to open the table."],
      {
        [ONE]: `100 * ${rate("table_open_cache_hits")} / (${rate("table_open_cache_hits")} + ${rate("table_open_cache_misses")})`,
      },
      { max: 100 },
    ),
    lines(["Filas por operación", "Rows by operation"], "short", ["Por segundo, en InnoDB.", "A second, in InnoDB."], {
      "{{operation}}": rate("innodb_row_ops_total"),
    }),
    heading("InnoDB", "InnoDB"),
    lines(
      ["Páginas del buffer pool", "Pages of the buffer pool"],
      "short",
      ["Con datos, libres y de gestión.", "With data, free, and for housekeeping."],
      { "{{state}}": status("buffer_pool_pages") },
    ),
    lines(
      ["Fallos del buffer pool", "Buffer pool misses"],
      "percent",
      ["Parte de las páginas que se leyó del disco.", "Share of the pages that came from the disk."],
      {
        [ONE]: `100 * ${rate("innodb_buffer_pool_reads")} / clamp_min(${rate("innodb_buffer_pool_read_requests")}, 1e-9)`,
      },
      { thresholds: { yellow: 1, red: 5 } },
    ),
    lines(
      ["Páginas sin escribir", "Dirty pages"],
      "short",
      ["Cambiadas en memoria, aún no en el disco.", "Changed in memory, not yet on the disk."],
      { [ONE]: status("buffer_pool_dirty_pages") },
    ),
    lines(["Datos leídos y escritos", "Data read and written"], "Bps", ["Bytes con el disco.", "Bytes with the disk."], {
      "leídos / read": rate("innodb_data_read"),
      "escritos / written": rate("innodb_data_written"),
    }),
    lines(["fsync", "fsync"], "short", ["Por segundo: datos y registro.", "A second: data and log."], {
      "datos / data": rate("innodb_data_fsyncs"),
      "registro / log": rate("innodb_os_log_fsyncs"),
    }),
    lines(["Registro de rehacer", "Redo log"], "Bps", ["Bytes escritos.", "Bytes written."], { [ONE]: rate("innodb_os_log_written") }),
    lines(
      ["Registro por vaciar", "Redo log to be flushed"],
      "bytes",
      ["Lo que una recuperación repasaría, y cuánto cabe.", "What a recovery would replay, and how much fits."],
      {
        "pendiente / pending": `${status("innodb_redo_log_current_lsn")} - ${status("innodb_redo_log_checkpoint_lsn")}`,
        "cabe / capacity": variable("innodb_redo_log_capacity"),
      },
    ),
    lines(
      ["Esperas internas", "Internal waits"],
      "short",
      ["Por segundo: a una página libre, a sitio en el registro.", "A second: for a free page, for room in the log."],
      {
        "página / page": rate("innodb_buffer_pool_wait_free"),
        "registro / log": rate("innodb_log_waits"),
      },
    ),
  ],
};
