#!/bin/bash
# Before mysqld starts: makes the data folder once, and writes the accounts with their passwords to memory.
set -euo pipefail

data=/var/lib/mysql/data
run=/run/mysql
passwords=/etc/mysql-accounts

# An initialisation that was cut off leaves only data.new: never a half-made data folder, never one removed.
if [ ! -d "$data" ]; then
  echo "first start: making the data folder"
  rm -rf "$data.new"
  mysqld --no-defaults --initialize-insecure --datadir="$data.new" --log-error-verbosity=1
  mv "$data.new" "$data"
fi

umask 027
# A password of the user's own may hold a quote or a backslash; SQL and option files escape them alike.
escaped() {
  local password
  password=$(<"$passwords/$1")
  password=${password//\\/\\\\}
  printf '%s' "${password//\'/\\\'}"
}

options() {
  printf "[client]\nuser = %s\npassword = '%s'\nsocket = %s/mysqld.sock\n" "$1" "$(escaped "$1")" "$run"
}

sql=$(grep -v '^--' /etc/mysql/accounts.sql)
for name in root webapp migrator exporter; do
  sql=${sql//"\${$name}"/"$(escaped "$name")"}
done
printf '%s\n' "$sql" > "$run/accounts.sql"
options root > "$run/client.cnf"
options exporter > "$run/exporter.cnf"
# The exporter runs as another user of the same group: it may read its own file only.
chmod 600 "$run/accounts.sql" "$run/client.cnf"
