#!/bin/bash
# Makes databases and accounts on an external MySQL server, as the administrator whose account the user's Secret holds. It says how things
# must be and changes nothing that already is, so it may run again.
set -euo pipefail
LC_ALL=C

MYSQL_PWD=$(< /run/secrets/administrator/password)
export MYSQL_PWD
client=(mysql --no-defaults --host="$MYSQL_HOST" --port="$MYSQL_TCP_PORT" --user="$(< /run/secrets/administrator/username)"
  --ssl-mode=VERIFY_IDENTITY --ssl-ca=/etc/mysql-ca/ca.crt --default-character-set=utf8mb4 --connect-timeout=5)

# One statement a line. ${NAME} becomes the password in the first of the folders that has a file NAME.
fill() {
  local file=$1 line name folder password
  shift
  while IFS= read -r line; do
    if [[ $line == --* ]]; then continue; fi
    if [[ $line =~ \$\{([a-z0-9-]+)\} ]]; then
      name=${BASH_REMATCH[1]}
      for folder in "$@"; do if [ -f "$folder/$name" ]; then break; fi; done
      password=$(< "$folder/$name")
      if ! [[ $password =~ ^[A-Za-z0-9_-]{1,255}$ ]]; then
        echo "the password of $name (docs/secrets.md) has characters other than letters, digits, - and _: for an external server give one that has none" >&2
        exit 1
      fi
      line=${line//"\${$name}"/"$password"}
    fi
    printf '%s\n' "$line"
  done < "$file"
}

statements=$(
  fill /sql/accounts.sql /run/secrets/accounts /run/secrets/backup
  fill /sql/applications.sql /run/secrets/applications
)
told=
until answer=$("${client[@]}" --execute "DO 0" 2>&1); do
  if [ "$answer" != "$told" ]; then echo "waiting for MySQL at $MYSQL_HOST:$MYSQL_TCP_PORT: $answer"; fi
  told=$answer
  sleep 1
done
"${client[@]}" <<< "$statements"
echo "databases and accounts are as they must be"
