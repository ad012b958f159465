import { alert, NUMBER, PERCENT, type RuleGroup, type RuleSettings } from "./rule.ts";

const status = (name: string) => `mysql_global_status_${name}`;

/** Each limit once, for the rule and its texts. Those that name no source are the MySQL mixin's or those of MySQL's manual. */
const LIMITS = {
  /** Of max_connections, in %. */
  connections: 80,
  slowQueries: 10,
  /** Of the pages that are read, in %. */
  bufferPoolMisses: 5,
  /** Reads a second below which a cold cache is no trouble. */
  busyReads: 100,
  abortedConnections: 30,
  /** A second. */
  rowLockWaits: 1,
  /** Of the locks, in %. */
  tableLockWaits: 10,
} as const;

/** How far back the rule looks, or how long its condition holds, once for the rule and its texts. */
const SPANS = { down: "1m", restarts: "30m", refused: "5m", slowQueries: "10m", aborted: "15m" } as const;

/** The database, from mysqld-exporter. */
export function mysqlRules(settings: RuleSettings): RuleGroup {
  return {
    name: "mysql",
    rules: [
      alert("MysqlDown", settings, {
        // The exporter sits beside mysqld and answers while mysqld does not.
        expr: "mysql_up == 0",
        for: SPANS.down,
        severity: "critical",
        summary: { es: "MySQL no responde ({{ $labels.instance }})", en: "MySQL does not respond ({{ $labels.instance }})" },
        description: {
          es: `El exporter no logra conectarse a mysqld desde hace ${SPANS.down} (mysql_up ${NUMBER}).`,
          en: `The exporter has not been able to connect to mysqld for ${SPANS.down} (mysql_up ${NUMBER}).`,
        },
      }),
      alert("MysqlWritesRefused", settings, {
        expr: "mysql_global_variables_read_only == 1",
        severity: "critical",
        summary: { es: "MySQL rechaza los cambios", en: "MySQL refuses writes" },
        description: {
          es: `read_only es ${NUMBER} (1: solo lectura). El disco está casi lleno, o un administrador lo activó. Las lecturas siguen funcionando.`,
          en: `read_only is ${NUMBER} (1: read-only). The disk is nearly full, or an administrator has set it. Reads still work.`,
        },
      }),
      alert("MysqlRestarting", settings, {
        expr: `resets(${status("uptime")}[${SPANS.restarts}]) > 1`,
        severity: "critical",
        summary: { es: "MySQL se reinicia repetidamente", en: "MySQL restarts repeatedly" },
        description: { es: `${NUMBER} reinicios en ${SPANS.restarts}.`, en: `${NUMBER} restarts in ${SPANS.restarts}.` },
      }),
      alert("MysqlTooManyConnections", settings, {
        expr: `100 * ${status("threads_connected")} / mysql_global_variables_max_connections > ${LIMITS.connections}`,
        for: "5m",
        severity: "warning",
        summary: { es: "MySQL se queda sin conexiones", en: "MySQL is running out of connections" },
        description: {
          es: `El ${PERCENT} de max_connections está en uso (límite: ${LIMITS.connections} %).`,
          en: `${PERCENT} of max_connections is in use (limit: ${LIMITS.connections} %).`,
        },
      }),
      alert("MysqlConnectionsRefused", settings, {
        expr: `increase(${status("connection_errors_total")}{error="max_connections"}[${SPANS.refused}]) > 0`,
        severity: "critical",
        summary: { es: "MySQL rechaza conexiones", en: "MySQL rejects connections" },
        description: {
          es: `${NUMBER} conexiones rechazadas en ${SPANS.refused} porque se alcanzó max_connections.`,
          en: `${NUMBER} connections were rejected in ${SPANS.refused} because max_connections was reached.`,
        },
      }),
      alert("MysqlSlowQueries", settings, {
        // MySQL counts them with the slow log off as well. The application ends its own queries after 0.9 s.
        expr: `increase(${status("slow_queries")}[${SPANS.slowQueries}]) > ${LIMITS.slowQueries}`,
        severity: "warning",
        summary: { es: "MySQL tiene consultas lentas", en: "MySQL has slow queries" },
        description: {
          es: `${NUMBER} consultas de más de un segundo en ${SPANS.slowQueries} (límite: ${LIMITS.slowQueries}).`,
          en: `${NUMBER} queries took more than one second in ${SPANS.slowQueries} (limit: ${LIMITS.slowQueries}).`,
        },
      }),
      alert("MysqlBufferPoolMisses", settings, {
        expr: `100 * rate(${status("innodb_buffer_pool_reads")}[5m]) / rate(${status("innodb_buffer_pool_read_requests")}[5m]) > ${LIMITS.bufferPoolMisses} and rate(${status("innodb_buffer_pool_reads")}[5m]) > ${LIMITS.busyReads}`,
        for: "15m",
        severity: "warning",
        summary: { es: "Los datos de MySQL no caben en el buffer pool", en: "MySQL's data does not fit into its buffer pool" },
        description: {
          es: `El ${PERCENT} de las páginas se lee del disco (límite: ${LIMITS.bufferPoolMisses} %).`,
          en: `${PERCENT} of the pages are read from the disk (limit: ${LIMITS.bufferPoolMisses} %).`,
        },
      }),
      alert("MysqlAbortedConnections", settings, {
        expr: `increase(${status("aborted_connects")}[${SPANS.aborted}]) + increase(${status("aborted_clients")}[${SPANS.aborted}]) > ${LIMITS.abortedConnections}`,
        severity: "warning",
        summary: { es: "Se interrumpen conexiones con MySQL", en: "Connections to MySQL are aborted" },
        description: {
          es: `${NUMBER} conexiones fallaron o se interrumpieron en ${SPANS.aborted} (límite: ${LIMITS.abortedConnections}).`,
          en: `${NUMBER} connections failed or were aborted in ${SPANS.aborted} (limit: ${LIMITS.abortedConnections}).`,
        },
      }),
      alert("MysqlRowLockWaits", settings, {
        expr: `rate(${status("innodb_row_lock_waits")}[5m]) > ${LIMITS.rowLockWaits}`,
        for: "5m",
        severity: "warning",
        summary: { es: "Las transacciones de MySQL esperan bloqueos de filas", en: "MySQL transactions wait for row locks" },
        description: {
          es: `{{ $value | printf "%.1f" }} esperas por segundo por bloqueos de filas (límite: ${LIMITS.rowLockWaits}).`,
          en: `{{ $value | printf "%.1f" }} waits per second for row locks (limit: ${LIMITS.rowLockWaits}).`,
        },
      }),
      alert("MysqlTableLockWaits", settings, {
        expr: `100 * rate(${status("table_locks_waited")}[5m]) / (rate(${status("table_locks_waited")}[5m]) + rate(${status("table_locks_immediate")}[5m])) > ${LIMITS.tableLockWaits}`,
        for: "5m",
        severity: "warning",
        summary: { es: "Las consultas de MySQL esperan bloqueos de tablas", en: "MySQL queries wait for table locks" },
        description: {
          es: `El ${PERCENT} de los bloqueos de tabla tiene que esperar (límite: ${LIMITS.tableLockWaits} %).`,
          en: `${PERCENT} of the table locks have to wait (limit: ${LIMITS.tableLockWaits} %).`,
        },
      }),
    ],
  };
}
