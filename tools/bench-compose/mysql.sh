#!/bin/bash
# What the entry point of Docker Hub's mysql image does with these variables: the data folder and an account at the first start, then
# mysqld with its own defaults and the few settings of that image's my.cnf.
set -euo pipefail
data=/var/lib/mysql
[ -d "$data/mysql" ] || mysqld --no-defaults --user=root --initialize-insecure --datadir="$data"
cat >/tmp/init.sql <<SQL
CREATE DATABASE IF NOT EXISTS $MYSQL_DATABASE;
CREATE USER IF NOT EXISTS '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASSWORD';
GRANT ALL ON $MYSQL_DATABASE.* TO '$MYSQL_USER'@'%';
SQL
exec mysqld --no-defaults --user=root --datadir="$data" --init-file=/tmp/init.sql --socket=/tmp/mysqld.sock --pid-file=/tmp/mysqld.pid \
  --secure-file-priv=NULL --host-cache-size=0 --skip-name-resolve
