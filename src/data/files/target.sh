# Runs in MySQL's container (bash -c), for `cloudnova import data`: loads a dump into a database beside the application's and swaps the two.
# $1: what to do  $2: the application's database  $3: the database beside it
set -euo pipefail
name=$2 beside=$3 replaced="$3-old"
client=(mysql --defaults-file=/run/mysql/client.cnf --batch --raw --skip-column-names)
sql() { "${client[@]}" --execute "$1"; }
quoted="CONCAT('\`', REPLACE(table_name, '\`', '\`\`'), '\`')"
tables() { sql "SELECT $1 FROM information_schema.tables WHERE table_schema = '$2' AND table_type = 'BASE TABLE' ORDER BY table_name"; }
# What is not a table: the names are what a message shows.
others() {
  sql "SELECT CONCAT('VIEW ', table_name) FROM information_schema.views WHERE table_schema = '$1'
    UNION ALL SELECT CONCAT('TRIGGER ', trigger_name) FROM information_schema.triggers WHERE trigger_schema = '$1'
    UNION ALL SELECT CONCAT(routine_type, ' ', routine_name) FROM information_schema.routines WHERE routine_schema = '$1'
    UNION ALL SELECT CONCAT('EVENT ', event_name) FROM information_schema.events WHERE event_schema = '$1'"
}
# Moves all tables of database $1 to $2 and, after them, those of $3 to $1, in one statement: no state between is ever seen.
moved() {
  local moves
  moves=$(tables "CONCAT('\`$1\`.', $quoted, ' TO \`$2\`.', $quoted)" "$1")
  if [ -n "${3-}" ]; then moves+=$'\n'$(tables "CONCAT('\`$3\`.', $quoted, ' TO \`$1\`.', $quoted)" "$3"); fi
  moves=${moves#$'\n'}
  # Without a limit, a transaction that the application keeps open would hold it for a year.
  if [ -n "$moves" ]; then sql "SET SESSION lock_wait_timeout = 30; RENAME TABLE ${moves//$'\n'/, }"; fi
}
empty() { sql "DROP DATABASE IF EXISTS \`$1\`; CREATE DATABASE \`$1\` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"; }
clean() {
  # An import that was cut off may still be connected, and would hold what is dropped. `|| true`: one that ends meanwhile makes KILL fail.
  sql "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE user = 'cloudnova_import'" 2> /dev/null | "${client[@]}" --force 2> /dev/null || true
  sql "DROP DATABASE IF EXISTS \`$beside\`; DROP DATABASE IF EXISTS \`$replaced\`; DROP USER IF EXISTS cloudnova_import@localhost"
}

case $1 in
  # $4: the table of marks of files/mysql/initialise.sh
  facts)
    sql "SELECT JSON_OBJECT('state', state) FROM $4"
    sql "SELECT JSON_OBJECT('database', COUNT(*)) FROM information_schema.schemata WHERE schema_name = '$name'"
    sql "SELECT JSON_OBJECT('connections', COUNT(*)) FROM information_schema.processlist WHERE user = 'cloudnova_import'" 2> /dev/null
    ;&
  # Of one database, the tables with their rows, and what is not a table.
  tables)
    { tables "CONCAT('SELECT JSON_OBJECT(''table'', ', QUOTE(table_name), ', ''rows'', COUNT(*)) FROM \`$name\`.', $quoted, ';')" "$name"; } | "${client[@]}"
    others "$name" | while IFS= read -r other; do sql "SELECT JSON_OBJECT('other', '${other//\'/\'\'}')"; done
    ;;
  # Reads the dump. Its account has rights on the database beside alone: whatever the dump names, the application's is safe.
  load)
    clean
    empty "$beside"
    MYSQL_PWD=$(sql "CREATE USER cloudnova_import@localhost IDENTIFIED BY RANDOM PASSWORD" | cut -f 3)
    export MYSQL_PWD
    sql "GRANT ALL ON \`${beside//_/\\_}\`.* TO cloudnova_import@localhost"
    # As mysqldump's own dumps set it; what others leave out. One transaction a table: a row each would wait for the disk.
    exec mysql --no-defaults --socket=/run/mysql/mysqld.sock --user=cloudnova_import --binary-mode --default-character-set=utf8mb4 --max-allowed-packet=64M \
      --init-command="SET SESSION autocommit = 0, foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'" "$beside"
    ;;
  # $4: the table of marks  $5: the application's account
  swap)
    objects=
    if [ -n "$(others "$beside")" ]; then
      dump=(mysqldump --defaults-file=/run/mysql/client.cnf --no-data --skip-lock-tables --skip-add-locks --no-tablespaces --set-gtid-purged=OFF --skip-comments)
      mapfile -t views <<< "$(sql "SELECT table_name FROM information_schema.views WHERE table_schema = '$beside'")"
      objects=$("${dump[@]}" --no-create-info --triggers --routines --events "$beside")
      if [ -n "${views[0]}" ]; then objects+=$'\n'$("${dump[@]}" --skip-triggers "$beside" "${views[@]}"); fi
      # They are the application's from now on.
      objects=${objects//\`cloudnova_import\`@\`localhost\`/\`$5\`@\`%\`}
      objects=${objects//\`$beside\`/\`$name\`}
      # A table with triggers cannot be moved to another database.
      sql "SELECT CONCAT('DROP TRIGGER \`$beside\`.\`', REPLACE(trigger_name, '\`', '\`\`'), '\`;') FROM information_schema.triggers WHERE trigger_schema = '$beside'" | "${client[@]}"
    fi
    empty "$replaced"
    moved "$name" "$replaced" "$beside"
    if [ -n "$objects" ] && ! printf '%s\n' "$objects" | mysql --defaults-file=/run/mysql/client.cnf "$name"; then
      empty "$name"
      moved "$replaced" "$name"
      exit 1
    fi
    # What fills the database at the first start has nothing left to do.
    sql "DELETE FROM $4; INSERT INTO $4 (state) VALUES ('done')"
    clean
    ;;
  clean) clean ;;
esac
