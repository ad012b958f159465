#!/bin/bash
# After prepare.sh and before mysqld starts: adds the databases and accounts of the user's applications to what mysqld runs at its start.
set -euo pipefail
LC_ALL=C

run=/run/mysql
passwords=/etc/mysql-applications

umask 077
# One statement a line. ${NAME} becomes the password in the Secret's key NAME. The bootstrap Job makes these passwords: of letters,
# digits, - and _ alone, so nothing is escaped.
while IFS= read -r line; do
  if [[ $line == --* ]]; then continue; fi
  if [[ $line =~ \$\{([a-z0-9-]+)\} ]]; then
    name=${BASH_REMATCH[1]}
    password=$(< "$passwords/$name")
    if ! [[ $password =~ ^[A-Za-z0-9_-]{16,255}$ ]]; then
      echo "Secret $SECRET, key $name: the password is not one that CloudNova made; delete the key and run the bootstrap Job again" >&2
      exit 1
    fi
    line=${line//"\${$name}"/"$password"}
  fi
  printf '%s\n' "$line"
done < /etc/mysql/applications.sql >> "$run/accounts.sql"

# One option file for each account, for the startup probe.
while IFS=' ' read -r name user; do
  printf '[client]\nuser = %s\npassword = %s\nsocket = %s/mysqld.sock\n' "$user" "$(< "$passwords/$name")" "$run" > "$run/application-$name.cnf"
done < /etc/mysql/applications.txt
