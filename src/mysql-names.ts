/** The sample application's database (charts/files/mysql/accounts.sql). */
export const SAMPLE_DATABASE = "app";

/**
 * Names on the MySQL server that no application may take, in lower case: MySQL's own databases and accounts (MySQL Reference Manual,
 * "Reserved Accounts"), those of charts/files/mysql/accounts.sql, and the Secret's keys that stand for them.
 */
export const RESERVED = {
  databases: new Set(["mysql", "sys", "information_schema", "performance_schema", "cloudnova", SAMPLE_DATABASE]),
  users: new Set(["root", "mysql", "webapp", "migrator", "exporter", "cloudnova"]),
} as const;
