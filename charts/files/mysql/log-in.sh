#!/bin/bash
# MySQL's startup probe where it serves applications: each account logs in once, through the socket. From then on the server knows the
# account's caching_sha2_password hash and takes its password in one step, so that a driver without TLS needs no RSA exchange (PyMySQL
# would need the package cryptography for that).
set -euo pipefail
shopt -s nullglob # none has a file where all require TLS
for file in /run/mysql/client.cnf /run/mysql/application-*.cnf; do
  mysql --defaults-file="$file" --batch --skip-column-names --execute "DO 0"
done
