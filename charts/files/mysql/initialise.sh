#!/bin/bash
# Fills an application's empty database with its SQL files, once. The row in the table of marks says how far it came:
#   none     nothing was done: an empty database is filled, one with tables is left as it is
#   started  an earlier try failed halfway: the database is emptied, and filled from the beginning
#   done     nothing is left to do
set -euo pipefail

MYSQL_PWD=$(< /run/secrets/database/password)
export MYSQL_PWD
# An external server's certificate is verified. Ours has its authority in another namespace.
tls=()
if [ -n "${MYSQL_CA-}" ]; then tls=(--ssl-mode=VERIFY_IDENTITY "--ssl-ca=$MYSQL_CA"); fi
client=(mysql --no-defaults --host="$MYSQL_HOST" --user="$MYSQL_USER" "${tls[@]}" --default-character-set=utf8mb4 --connect-timeout=5)
sql() { "${client[@]}" --batch --skip-column-names --execute "$1"; }

told=
until answer=$(sql "DO 0" 2>&1); do
  if [ "$answer" != "$told" ]; then echo "waiting for MySQL: $answer"; fi
  told=$answer
  sleep 1
done

state=$(sql "SELECT state FROM $MARKS")
case $state in
  done)
    echo "the SQL files have run before; nothing is done"
    exit
    ;;
  started)
    echo "an earlier try failed: emptying the database $MYSQL_DATABASE"
    sql "DROP DATABASE IF EXISTS \`$MYSQL_DATABASE\`; CREATE DATABASE \`$MYSQL_DATABASE\` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"
    ;;
  *)
    tables=$(sql "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '$MYSQL_DATABASE'")
    if [ "$tables" != 0 ]; then
      echo "the database $MYSQL_DATABASE has $tables tables already: it is left as it is, and the SQL files do not run"
      sql "INSERT INTO $MARKS (state) VALUES ('done')"
      exit
    fi
    sql "INSERT INTO $MARKS (state) VALUES ('started')"
    ;;
esac

for file in /sql/*; do
  name=${file##*/}
  echo "running ${name#*-}"
  if ! "${client[@]}" --comments "$MYSQL_DATABASE" < "$file"; then
    echo "${name#*-} failed at the line above: correct it, and apply again; the next try empties the database first" >&2
    exit 1
  fi
done
sql "UPDATE $MARKS SET state = 'done'"
echo "all SQL files have run"
