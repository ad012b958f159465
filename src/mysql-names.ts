/** The databases and the accounts of the sample application (charts/files/mysql/accounts.sql). */
const SAMPLE = { databases: ["app"], users: ["webapp", "migrator"] };

/**
 * Names on the MySQL server that no application may take, in lower case: MySQL's own databases and accounts (MySQL Reference Manual,
 * "Reserved Accounts"), those of charts/files/mysql/accounts.sql, the database with the marks of what was initialised, that with the
 * results of the backups, and the account of an import (src/data/files/target.sh).
 *
 * @param sample whether the sample application runs
 */
export const reservedNames = (sample: boolean) => ({
  databases: new Set([
    "mysql",
    "sys",
    "information_schema",
    "performance_schema",
    "cloudnova",
    "cloudnova_backups",
    ...(sample ? SAMPLE.databases : []),
  ]),
  users: new Set(["root", "mysql", "exporter", "backup", "cloudnova", "cloudnova_import", ...(sample ? SAMPLE.users : [])]),
});

/** What a restore and its check add to a database's name, for the databases in which they work. */
export const WORKING_DATABASES = ["__check", "__restore", "__before"] as const;

/** The ending of the one in which a backup is restored before it replaces what is there. */
export const RESTORED = WORKING_DATABASES[1];

/** A name that such a database may have. */
export const WORKING_DATABASE = new RegExp(`(${WORKING_DATABASES.join("|")})$`, "i");

/** The longest name of a database that is backed up: MySQL takes 64 characters ("Identifier Length Limits"), and a restore adds its own. */
export const MOST_DATABASE_NAME = 64 - Math.max(...WORKING_DATABASES.map(({ length }) => length));
