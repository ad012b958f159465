/** The databases and the accounts of the sample application (charts/files/mysql/accounts.sql). */
const SAMPLE = { databases: ["app"], users: ["webapp", "migrator"] };

/**
 * Names on the MySQL server that no application may take, in lower case: MySQL's own databases and accounts (MySQL Reference Manual,
 * "Reserved Accounts"), those of charts/files/mysql/accounts.sql, and the database with the marks of what was initialised.
 *
 * @param sample whether the sample application runs
 */
export const reservedNames = (sample: boolean) => ({
  databases: new Set(["mysql", "sys", "information_schema", "performance_schema", "cloudnova", ...(sample ? SAMPLE.databases : [])]),
  users: new Set(["root", "mysql", "exporter", "cloudnova", ...(sample ? SAMPLE.users : [])]),
});
