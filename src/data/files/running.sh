# Runs in the container of a MySQL or MariaDB (sh -c), for `cloudnova import data`: reads it, and changes nothing.
# $1: what to do  $2: the database
set -eu
# The value of MYSQL_$1 or MARIADB_$1, or what the file holds that it names with _FILE.
value() {
  for variable in "MYSQL_$1" "MARIADB_$1"; do
    eval "found=\${$variable-} file=\${${variable}_FILE-}"
    if [ -z "$found" ] && [ -r "$file" ]; then found=$(cat "$file"); fi
    if [ -n "$found" ]; then break; fi
  done
  printf %s "$found"
}
client=mysql dump=mysqldump
# MariaDB 11 has no other names.
if command -v mariadb-dump > /dev/null; then client=mariadb dump=mariadb-dump; fi

# root reads procedures and events of all accounts; the container's variables may be older than its data.
try() { answer=$(MYSQL_PWD=$2 "$client" --user="$1" --connect-timeout=5 --execute "DO 0" 2>&1); }
user=root password=$(value ROOT_PASSWORD)
if ! try "$user" "$password"; then
  first=$answer
  user=$(value USER) password=$(value PASSWORD)
  if [ -z "$user" ] || ! try "$user" "$password"; then
    printf '%s\n' "$first" "$answer" >&2
    exit 3
  fi
fi
export MYSQL_PWD="$password"
sql() { "$client" --user="$user" --batch --raw --skip-column-names --default-character-set=utf8mb4; }

case $1 in
  databases) echo "SHOW DATABASES" | sql ;;
  rows)
    echo "SELECT CONCAT('SELECT ', QUOTE(table_name), ', COUNT(*) FROM \`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\`;')
      FROM information_schema.tables WHERE table_schema = '$2' AND table_type = 'BASE TABLE' ORDER BY table_name" | sql | sql
    ;;
  # Options that one of the servers does not know are loose: it warns, and goes on.
  dump)
    exec "$dump" --user="$user" --single-transaction --quick --skip-lock-tables --routines --triggers --events --hex-blob --no-tablespaces \
      --default-character-set=utf8mb4 --loose-set-gtid-purged=OFF --loose-column-statistics=0 "$2"
    ;;
esac
