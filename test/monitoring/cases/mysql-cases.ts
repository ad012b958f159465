import { type AlertCases, growing, steady } from "./case.ts";

const DB = 'instance="mysql-0",job="mysql"';
const status = (name: string, values: string) => ({ [`mysql_global_status_${name}{${DB}}`]: values });
const connected = (threads: number) => ({
  ...status("threads_connected", steady(threads)),
  [`mysql_global_variables_max_connections{${DB}}`]: steady(100),
});
const pages = (read: number, asked: number) => ({
  ...status("innodb_buffer_pool_reads", growing(read)),
  ...status("innodb_buffer_pool_read_requests", growing(asked)),
});
const refused = (values: string) => ({ [`mysql_global_status_connection_errors_total{${DB},error="max_connections"}`]: values });
const tables = (waited: number) => ({ ...status("table_locks_waited", growing(waited)), ...status("table_locks_immediate", growing(100)) });

export const MYSQL: AlertCases = {
  MysqlDown: { fires: { [`mysql_up{${DB}}`]: "1x3 0x20" }, holds: { [`mysql_up{${DB}}`]: "1x9 0 1x20" }, at: "10m" },
  MysqlWritesRefused: {
    fires: { [`mysql_global_variables_read_only{${DB}}`]: "0x5 1x20" },
    holds: { [`mysql_global_variables_read_only{${DB}}`]: "1x5 0x20" },
    at: "10m",
  },
  // Two restarts in half an hour, against one.
  MysqlRestarting: { fires: status("uptime", "60+60x5 10+60x5 10+60x20"), holds: status("uptime", "60+60x5 10+60x30"), at: "20m" },
  MysqlTooManyConnections: { fires: connected(81), holds: connected(79), at: "10m" },
  MysqlConnectionsRefused: { fires: refused("0x10 1x10"), holds: refused("0x2 4x30"), at: "12m" },
  MysqlSlowQueries: { fires: status("slow_queries", growing(1.2)), holds: status("slow_queries", growing(0.9)), at: "15m" },
  // The same share at a tenth of the pace is a cold cache.
  MysqlBufferPoolMisses: { fires: pages(7200, 100_000), holds: pages(720, 10_000), at: "30m" },
  MysqlAbortedConnections: {
    fires: { ...status("aborted_connects", growing(1.1)), ...status("aborted_clients", growing(1.1)) },
    holds: { ...status("aborted_connects", growing(0.9)), ...status("aborted_clients", growing(0.9)) },
    at: "20m",
  },
  MysqlRowLockWaits: {
    fires: status("innodb_row_lock_waits", growing(66)),
    holds: status("innodb_row_lock_waits", growing(54)),
    at: "15m",
  },
  // 12 of 112 are 10.7 %, 10 of 110 are 9.1 %.
  MysqlTableLockWaits: { fires: tables(12), holds: tables(10), at: "15m" },
};
