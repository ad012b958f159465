#!/bin/bash
# Before mysqld starts: makes the data folder once, refuses data of another series of MySQL, and writes the accounts with their
# passwords to memory.
set -euo pipefail
# Bytes, not characters: what a password may be made of is said in bytes below.
LC_ALL=C

data=/var/lib/mysql/data
run=/run/mysql
passwords=/etc/mysql-accounts

# UTF-8 (RFC 3629, section 4) without control characters (U+0000 to U+001F and U+007F to U+009F).
text=$'^([ -~]|\xc2[\xa0-\xbf]|[\xc3-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]'
text+=$'|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*$'

# The password itself is never printed.
refuse() {
  echo "Secret $SECRET, key $1: $2; the pod starts when the key holds a password of 1 to 255 bytes of UTF-8 text" >&2
  exit 1
}

# Sets $password. Line ends (CR, LF) at its end do not count, as everywhere in CloudNova; all else does.
read_password() {
  [ -f "$passwords/$1" ] || refuse "$1" "the key is absent"
  # Bash can hold no zero byte: read succeeds when it meets one.
  if IFS= read -r -d '' password < "$passwords/$1"; then refuse "$1" "there is a zero byte in it (a file in UTF-16 has them)"; fi
  while [[ $password == *[$'\r\n'] ]]; do password=${password%?}; done
  [ -n "$password" ] || refuse "$1" "it is empty"
  [ "${#password}" -le 255 ] || refuse "$1" "it has ${#password} bytes"
  [[ $password != $'\xef\xbb\xbf'* ]] || refuse "$1" "it begins with a byte order mark, which nobody types"
  [[ $password =~ $text ]] || refuse "$1" "there is a control character or a byte in it that is no UTF-8"
}

declare -A given
for name in root webapp migrator exporter; do
  read_password "$name"
  given[$name]=$password
done
# The account of the backups has a Secret of its own, which the bootstrap Job makes also where the user brings the other.
if [ -n "${BACKUP_SECRET-}" ]; then
  passwords=/etc/mysql-backup SECRET=$BACKUP_SECRET read_password password
  given[backup]=$password
fi

stop() {
  echo "$1" >&2
  exit 1
}

# mysqld upgrades data of an older series at its start, without a question and without a way back. So it starts on such data
# only when the environment names the new series ($UPGRADE_TO). Nothing is written before that.
check_version() {
  local bytes written server data_version server_version series
  # The version that wrote the data, where mysqld itself looks for it: bytes 8 to 11 of mysql.ibd (FIL_PAGE_SRV_VERSION in InnoDB's
  # fil0types.h), 90704 for 9.7.4. mysqld changes them when an upgrade is complete.
  bytes=$(od -An -t x1 -j 8 -N 4 "$data/mysql.ibd" 2> /dev/null || true)
  bytes=${bytes//[[:space:]]/}
  [[ $bytes =~ ^[0-9a-f]{8}$ ]] || stop "MySQL does not start: $data holds no mysql.ibd that tells which version wrote it; restore a dump into a new volume (docs/mysql-upgrade.md)"
  written=$((16#$bytes))
  [[ $(mysqld --version) =~ Ver\ ([0-9]+)\.([0-9]+)\.([0-9]+) ]] || stop "MySQL does not start: mysqld --version names no version"
  server=$((BASH_REMATCH[1] * 10000 + BASH_REMATCH[2] * 100 + BASH_REMATCH[3]))
  server_version=${BASH_REMATCH[0]#Ver }
  series=${server_version%.*}
  data_version=$((written / 10000)).$((written / 100 % 100)).$((written % 100))
  if ((written / 100 > server / 100)); then
    stop "MySQL $server_version does not start on the data of MySQL $data_version, which is newer: set images.mysql: mysql:$data_version in the environment, or restore a dump into a new volume (docs/mysql-upgrade.md)"
  elif ((written / 100 < server / 100)) && [ "${UPGRADE_TO-}" != "$series" ]; then
    stop "MySQL $server_version does not start on the data of MySQL $data_version, because only a dump leads back from an upgrade: make a dump and then set images.mysql in the environment to an image whose tag begins with $series, or set images.mysql: mysql:$data_version to stay (docs/mysql-upgrade.md)"
  fi
}

# An initialisation that was cut off leaves only data.new: never a half-made data folder, never one removed.
if [ ! -d "$data" ]; then
  echo "first start: making the data folder"
  rm -rf "$data.new"
  mysqld --no-defaults --initialize-insecure --datadir="$data.new" --log-error-verbosity=1
  mv "$data.new" "$data"
else
  check_version
fi

# A log with a gap would be replayed as if it had none: one that is no longer written is deleted, and a later one begins anew.
[ -n "${BINARY_LOG-}" ] || rm -f "$data"/binlog.[0-9]* "$data/binlog.index"

umask 027
# SQL and MySQL's own option files escape alike.
escaped() {
  local value=${given[$1]//\\/\\\\}
  printf '%s' "${value//\'/\\\'}"
}

# One password a statement: what looks like a placeholder inside a password stays.
while IFS= read -r line; do
  if [[ $line == --* ]]; then continue; fi
  for name in "${!given[@]}"; do
    if [[ $line == *"\${$name}"* ]]; then
      printf '%s' "${line%%"\${$name}"*}" "$(escaped "$name")" "${line#*"\${$name}"}"
      line=
      break
    fi
  done
  printf '%s\n' "$line"
done < /etc/mysql/accounts.sql > "$run/accounts.sql"

printf "[client]\nuser = root\npassword = '%s'\nsocket = %s/mysqld.sock\n" "$(escaped root)" "$run" > "$run/client.cnf"

# mysqld-exporter reads its file otherwise (its config/config.go, with gopkg.in/ini.v1 and go-sql-driver/mysql):
# - between double quotes only \" is an escape;
# - $NAME and ${NAME} are replaced from the environment, and no escape exists: the container has the variable DOLLAR;
# - then %(key)s is replaced by another key of the section, as that key is written. So each is written as a reference to
#   its namesake in the section without a name: user = %(user)s puts %(user)s back where a password has it;
# - what it makes of them is <user>:<password>@unix(<socket>)/, to which it adds settings after "?" or, when there is a "?"
#   anywhere, after "&". "tls = false" (this is a socket) puts one where it belongs, whatever the password has.
password=${given[exporter]//\"/\\\"}
dollar='${DOLLAR}'
password=${password//\$/"$dollar"}
cat > "$run/exporter.cnf" <<END
user = exporter
socket = $run/mysqld.sock
host = localhost
port = 3306
tls = false
[client]
user = %(user)s
socket = %(socket)s
host = %(host)s
port = %(port)s
tls = %(tls)s
password = "$password"
END
# The exporter of the backups' results takes the password as it is.
if [ -n "${BACKUP_SECRET-}" ]; then printf '%s' "${given[exporter]}" > "$run/exporter.password"; fi
# The exporters run as another user of the same group: they may read their own files only.
chmod 600 "$run/accounts.sql" "$run/client.cnf"
