import { alert, NUMBER, PERCENT, type RuleGroup, type RuleSettings } from "./rule.ts";

const status = (name: string) => `mysql_global_status_${name}`;

/** The database, from mysqld-exporter. Thresholds that name no source are those of the MySQL mixin or of MySQL's manual. */
export function mysqlRules(settings: RuleSettings): RuleGroup {
  return {
    name: "mysql",
    rules: [
      alert("MysqlDown", settings, {
        // The exporter sits beside mysqld and answers while mysqld does not.
        expr: "mysql_up == 0",
        for: "1m",
        severity: "critical",
        summary: { es: "MySQL no responde ({{ $labels.instance }})", en: "MySQL does not respond ({{ $labels.instance }})" },
        description: {
          es: `El exporter no logra conectarse a mysqld desde hace 1m (mysql_up ${NUMBER}).`,
          en: `The exporter has not been able to connect to mysqld for 1m (mysql_up ${NUMBER}).`,
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
        expr: `resets(${status("uptime")}[30m]) > 1`,
        severity: "critical",
        summary: { es: "MySQL se reinicia repetidamente", en: "MySQL restarts repeatedly" },
        description: { es: `${NUMBER} reinicios en 30m.`, en: `${NUMBER} restarts in 30m.` },
      }),
      alert("MysqlTooManyConnections", settings, {
        expr: `100 * ${status("threads_connected")} / mysql_global_variables_max_connections > 80`,
        for: "5m",
        severity: "warning",
        summary: { es: "MySQL se queda sin conexiones", en: "MySQL is running out of connections" },
        description: {
          es: `El ${PERCENT} de max_connections está en uso (límite: 80 %).`,
          en: `${PERCENT} of max_connections is in use (limit: 80 %).`,
        },
      }),
      alert("MysqlConnectionsRefused", settings, {
        expr: `increase(${status("connection_errors_total")}{error="max_connections"}[5m]) > 0`,
        severity: "critical",
        summary: { es: "MySQL rechaza conexiones", en: "MySQL rejects connections" },
        description: {
          es: `${NUMBER} conexiones rechazadas en 5m porque se alcanzó max_connections.`,
          en: `${NUMBER} connections were rejected in 5m because max_connections was reached.`,
        },
      }),
      alert("MysqlSlowQueries", settings, {
        // MySQL counts them with the slow log off as well. The application ends its own queries after 0.9 s.
        expr: `increase(${status("slow_queries")}[10m]) > 10`,
        severity: "warning",
        summary: { es: "MySQL tiene consultas lentas", en: "MySQL has slow queries" },
        description: {
          es: `${NUMBER} consultas de más de un segundo en 10m (límite: 10).`,
          en: `${NUMBER} queries took more than one second in 10m (limit: 10).`,
        },
      }),
      alert("MysqlBufferPoolMisses", settings, {
        // Below 100 reads a second a cold cache is no trouble.
        expr: `100 * rate(${status("innodb_buffer_pool_reads")}[5m]) / rate(${status("innodb_buffer_pool_read_requests")}[5m]) > 5 and rate(${status("innodb_buffer_pool_reads")}[5m]) > 100`,
        for: "15m",
        severity: "warning",
        summary: { es: "Los datos de MySQL no caben en el buffer pool", en: "MySQL's data does not fit into its buffer pool" },
        description: {
          es: `El ${PERCENT} de las páginas se lee del disco (límite: 5 %).`,
          en: `${PERCENT} of the pages are read from the disk (limit: 5 %).`,
        },
      }),
      alert("MysqlAbortedConnections", settings, {
        expr: `increase(${status("aborted_connects")}[15m]) + increase(${status("aborted_clients")}[15m]) > 30`,
        severity: "warning",
        summary: { es: "Se interrumpen conexiones con MySQL", en: "Connections to MySQL are aborted" },
        description: {
          es: `${NUMBER} conexiones fallaron o se interrumpieron en 15m (límite: 30).`,
          en: `${NUMBER} connections failed or were aborted in 15m (limit: 30).`,
        },
      }),
      alert("MysqlRowLockWaits", settings, {
        expr: `rate(${status("innodb_row_lock_waits")}[5m]) > 1`,
        for: "5m",
        severity: "warning",
        summary: { es: "Las transacciones de MySQL esperan bloqueos de filas", en: "MySQL transactions wait for row locks" },
        description: {
          es: '{{ $value | printf "%.1f" }} esperas por segundo por bloqueos de filas (límite: 1).',
          en: '{{ $value | printf "%.1f" }} waits per second for row locks (limit: 1).',
        },
      }),
      alert("MysqlTableLockWaits", settings, {
        expr: `100 * rate(${status("table_locks_waited")}[5m]) / (rate(${status("table_locks_waited")}[5m]) + rate(${status("table_locks_immediate")}[5m])) > 10`,
        for: "5m",
        severity: "warning",
        summary: { es: "Las consultas de MySQL esperan bloqueos de tablas", en: "MySQL queries wait for table locks" },
        description: {
          es: `El ${PERCENT} de los bloqueos de tabla tiene que esperar (límite: 10 %).`,
          en: `${PERCENT} of the table locks have to wait (limit: 10 %).`,
        },
      }),
    ],
  };
}
