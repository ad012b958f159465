#!/bin/bash
# Before an application starts: waits until the MySQL server takes its account's password and, where SQL files fill the database at the
# first start, until they have.
set -euo pipefail

# An external server's certificate is verified. Ours has its authority in another namespace.
tls=()
if [ -n "${MYSQL_CA-}" ]; then tls=(--ssl-mode=VERIFY_IDENTITY "--ssl-ca=$MYSQL_CA"); fi
sql() { mysql --no-defaults --host="$MYSQL_HOST" --user="$MYSQL_USER" "${tls[@]}" --connect-timeout=5 --batch --skip-column-names --execute "$1" "$MYSQL_DATABASE"; }
MYSQL_PWD=$(< /run/secrets/database/password)
export MYSQL_PWD

told=
until answer=$(sql "$READY" 2>&1) && [ -n "$answer" ]; do
  answer=${answer:-its SQL files have not run to the end yet (the Job ${JOB:-} runs them)}
  if [ "$answer" != "$told" ]; then echo "waiting for the database $MYSQL_DATABASE: $answer"; fi
  told=$answer
  sleep 1
done
