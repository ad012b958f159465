import { BACKUP_USER, type BackupUnit, RESULTS } from "../../src/backups.ts";
import type { ApplicationDatabase } from "../../src/config/resolve-applications.ts";
import { WORKING_DATABASES } from "../../src/mysql-names.ts";
import accounts from "../files/mysql/accounts.sql";

/** The database that holds the marks of databases that were filled (files/mysql/initialise.sh): one table for each application. */
const MARKS = "cloudnova";

/** The table that marks how far the filling of an application's database came, as SQL writes it. */
export const marksOf = (application: string): string => `\`${MARKS}\`.\`${application}\``;

/** A database of the user's, with its account. */
export interface ServedDatabase extends ApplicationDatabase {
  /** The application: the key of its password. */
  readonly application: string;
}

/** In GRANT, `_` in a database's name stands for any character unless it is escaped (MySQL Reference Manual, "GRANT Statement"). */
const granted = (name: string): string => `\`${name.replaceAll("_", "\\_")}\``;

/** The columns of a table of results: times in UTC; `ok` is NULL while a run is under way. */
const RESULT_COLUMNS =
  "(id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, kind ENUM('backup', 'check', 'offsite', 'restore') NOT NULL, name VARCHAR(128) NOT NULL, started DATETIME NOT NULL, ended DATETIME, bytes BIGINT UNSIGNED, seconds DOUBLE, ok BOOLEAN, message VARCHAR(1000) NOT NULL DEFAULT '', KEY (kind, ended))";

/** A unit's table of results, and the rights of its account: on the table, and on the databases in which a restore works. */
function resultsSql({ name, databases, account: { user } }: BackupUnit, isLogged: boolean): string[] {
  const table = `\`${RESULTS}\`.\`${name}\``;
  return [
    ...databases.flatMap((database) =>
      WORKING_DATABASES.map((ending) => `GRANT ALL ON ${granted(`${database}${ending}`)}.* TO '${user}'@'%';`),
    ),
    `CREATE TABLE IF NOT EXISTS ${table} ${RESULT_COLUMNS};`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO '${user}'@'%';`,
    // A dump's place in the binary log; not what is in the log.
    ...(isLogged ? [`GRANT REPLICATION CLIENT ON *.* TO '${user}'@'%';`] : []),
  ];
}

/** What mysqld runs at each start for the backups of the environment's own namespace; without backups their account goes. */
function backupSql(units: readonly BackupUnit[], isLogged: boolean): string {
  const [own] = units;
  const statements = own
    ? [
        "-- The backups: what they dump, what a restore makes, and their results, which the exporter reads.",
        `CREATE USER IF NOT EXISTS '${BACKUP_USER}'@'%' IDENTIFIED BY '\${${BACKUP_USER}}';`,
        `ALTER USER '${BACKUP_USER}'@'%' IDENTIFIED BY '\${${BACKUP_USER}}' REQUIRE SSL;`,
        ...own.databases.map((database) => `GRANT ALL ON ${granted(database)}.* TO '${BACKUP_USER}'@'%';`),
        `CREATE DATABASE IF NOT EXISTS \`${RESULTS}\`;`,
        ...resultsSql(own, isLogged),
        `GRANT SELECT ON ${granted(RESULTS)}.* TO 'exporter'@'localhost';`,
      ]
    : [`DROP USER IF EXISTS '${BACKUP_USER}'@'%';`];
  return [...statements, ""].join("\n");
}

/** The account of an application without a database, for the results of its volumes' backups alone. */
const accountSql = ({ application, databases, account: { user } }: BackupUnit): string[] =>
  databases.length > 0
    ? []
    : [
        `CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '\${${application?.name}}';`,
        `ALTER USER '${user}'@'%' IDENTIFIED BY '\${${application?.name}}' REQUIRE SSL;`,
      ];

/** What mysqld runs at each start for the applications. Names are of letters, digits and `_` alone, an application's also of `-`. */
export function applicationsSql(databases: readonly ServedDatabase[], units: readonly BackupUnit[], isLogged = false): string {
  const statements = databases.flatMap(({ application, name, user, requireTls }) => [
    `CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;`,
    `CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '\${${application}}';`,
    `ALTER USER '${user}'@'%' IDENTIFIED BY '\${${application}}' REQUIRE ${requireTls ? "SSL" : "NONE"};`,
    `GRANT ALL ON ${granted(name)}.* TO '${user}'@'%';`,
    `CREATE TABLE IF NOT EXISTS ${marksOf(application)} (state ENUM('started', 'done') NOT NULL);`,
    `GRANT SELECT, INSERT, UPDATE ON ${marksOf(application)} TO '${user}'@'%';`,
  ]);
  const results = units.flatMap((unit) => [...accountSql(unit), ...resultsSql(unit, isLogged)]);
  return [`CREATE DATABASE IF NOT EXISTS \`${MARKS}\`;`, ...statements, ...results, ""].join("\n");
}

/** The applications that have an account, whose passwords are in one Secret. */
export const applicationNames = (databases: readonly ServedDatabase[], units: readonly BackupUnit[]): string[] => [
  ...new Set([...databases.map(({ application }) => application), ...units.flatMap(({ application }) => application?.name ?? [])]),
];

/** The lines of accounts.sql that belong to the sample application. */
const SAMPLE_LINES = /^-- The (application|migrations): .*\n|^CREATE DATABASE IF NOT EXISTS app .*\n|^.*'(webapp|migrator)'@.*\n/gm;

/** What mysqld runs at each start is not logged: it would count as a definition that changed, and end what can be replayed. */
const NOT_LOGGED = "SET sql_log_bin = 0;\n";

/**
 * What mysqld runs at each start for the environment itself.
 * @param sample whether the sample application runs @param isLogged whether MySQL writes a binary log
 */
export const accountsSql = (sample: boolean, units: readonly BackupUnit[], isLogged = false): string =>
  `${isLogged ? NOT_LOGGED : ""}${sample ? accounts : accounts.replaceAll(SAMPLE_LINES, "")}${backupSql(units, isLogged)}`;

/**
 * The same for an external server: its administrator keeps the password, and the exporters connect over the network, with TLS.
 * @param sample whether the sample application runs
 */
export const externalAccountsSql = (sample: boolean, units: readonly BackupUnit[]): string =>
  accountsSql(sample, units)
    .replace(/^ALTER USER 'root'.*\n/m, "")
    .replaceAll("'exporter'@'localhost'", "'exporter'@'%'")
    .replace(" WITH MAX_USER_CONNECTIONS", " REQUIRE SSL WITH MAX_USER_CONNECTIONS");
