#!/bin/bash
# MySQL's readiness probe: mysqld answers. And the guard of its disk: without room InnoDB aborts mysqld, and a kubelet whose node is
# nearly full evicts pods and deletes images. So writes are refused before that, and accepted again when there is room. Reads go on.
# $1: percent of the disk; with less room the kubelet evicts pods (0: it never does).
set -euo pipefail

client=--defaults-file=/run/mysql/client.cnf
# It succeeds even when mysqld has no connection left for root.
mysqladmin "$client" ping > /dev/null
# From here on the server is ready, whatever happens to the guard. Its errors go to the container's log.
trap 'exit 0' EXIT
if (true 2>> /proc/1/fd/2) 2> /dev/null; then exec 2>> /proc/1/fd/2; fi

# Room above the kubelet's threshold, in bytes: six times what InnoDB takes at once (innodb_autoextend_increment, 64 MiB), and 10 s of
# others that write 40 MiB/s. Not a percentage: 2 % of a laptop's disk of 1 TB are 20 GB, which are no reason to refuse writes.
margin=$((400 << 20))
# Room above that limit from which on writes are accepted again, so that the first writes are not refused at once.
ample=$((128 << 20))
# Written by the guard: it never ends a read_only that an administrator has set.
mark=/run/mysql/writes-refused

sql() { mysql "$client" --batch --skip-column-names --execute "$1"; }
say() { echo "disk guard: $1: $((free >> 20)) of $((size >> 20)) MiB are free, limit $((limit >> 20)) MiB" >&2; }

variables=$(sql "SELECT @@GLOBAL.read_only, @@GLOBAL.super_read_only, @@GLOBAL.log_bin")
read -r read_only super_read_only logs <<< "$variables"
# What an ordinary user may still write, as the kubelet counts it.
room=$(stat --file-system --format="%a %b %S" /var/lib/mysql)
read -r free size block <<< "$room"
free=$((free * block)) size=$((size * block))
limit=$((size * $1 / 100 + margin))

if ((free < limit)); then
  if [ "$read_only" = 0 ]; then
    # The binary log gives its room first: only restores to a point in time need it.
    if [ "$logs" = 1 ] && sql "FLUSH BINARY LOGS; PURGE BINARY LOGS BEFORE NOW()"; then say "the binary log was deleted"; fi
    touch "$mark"
    # It waits for statements that write. Meanwhile others wait for it: not longer than this; the next probe tries again.
    if ! sql "SET lock_wait_timeout = 1; SET GLOBAL read_only = ON"; then
      say "writes could not be refused yet"
      exit
    fi
    say "writes are refused"
  fi
  # The backups' account is refused, too, and cannot drop the copy with which it checks a backup. That copy may be what fills the disk.
  if [ -e "$mark" ]; then
    copies=$(sql "SELECT schema_name FROM information_schema.schemata WHERE RIGHT(schema_name, 7) = '__check'")
    for copy in $copies; do
      sql "SET lock_wait_timeout = 1; DROP DATABASE \`$copy\`"
      say "dropped $copy, the copy with which a backup was being checked"
    done
  fi
elif [ -e "$mark" ] && ((free > limit + ample)); then
  # The guard sets no super_read_only: an administrator did, since.
  if [ "$super_read_only" = 0 ]; then sql "SET GLOBAL read_only = OFF"; fi
  rm "$mark"
  say "writes are accepted again"
fi
