-- Run by mysqld at every start, so it says how things must be and changes nothing that already is.
-- One statement a line. ${NAME} becomes the password in the Secret's key NAME. The tables belong to the web app's migrations.
-- Backslash escapes, whatever sql_mode this server has: mysqld splits this file into statements by them in every mode.
SET sql_mode = '';
CREATE DATABASE IF NOT EXISTS app CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
ALTER USER 'root'@'localhost' IDENTIFIED BY '${root}';
-- The application: rows only.
CREATE USER IF NOT EXISTS 'webapp'@'%' IDENTIFIED BY '${webapp}';
ALTER USER 'webapp'@'%' IDENTIFIED BY '${webapp}' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.* TO 'webapp'@'%';
-- The migrations: the tables, in this database alone.
CREATE USER IF NOT EXISTS 'migrator'@'%' IDENTIFIED BY '${migrator}';
ALTER USER 'migrator'@'%' IDENTIFIED BY '${migrator}' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, TRIGGER ON app.* TO 'migrator'@'%';
-- The exporters: counters and the backups' results only, through the socket, and no more connections than a few scrapes at once need.
CREATE USER IF NOT EXISTS 'exporter'@'localhost' IDENTIFIED BY '${exporter}';
ALTER USER 'exporter'@'localhost' IDENTIFIED BY '${exporter}' WITH MAX_USER_CONNECTIONS 5;
GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'exporter'@'localhost';
