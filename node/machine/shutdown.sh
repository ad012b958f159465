#!/bin/bash
# Ends the node's pods as a machine's shutdown does: each is told to end and has 15 s for it (mysqld writes its pages out).
# What is left after that, and the node's own programs, end with the container.
set -euo pipefail
touch /run/stopping # init.sh starts nothing again
pkill --exact kubelet || true
if [ -d /sys/fs/cgroup/memory ]; then pods=/sys/fs/cgroup/memory/kubepods; else pods=/sys/fs/cgroup/kubepods; fi
[ -d "$pods" ] || exit 0
processes() { find "$pods" -name cgroup.procs -exec cat {} + 2> /dev/null; }
# The API server waits a minute for its open requests, and there is nothing that it has to write out.
waited_for() {
  for pid in $(processes); do
    name=$(cat "/proc/$pid/comm" 2> /dev/null) || continue
    [ "$name" = kube-apiserver ] || echo "$name"
  done
}
processes | xargs --no-run-if-empty kill -TERM 2> /dev/null || true
for _ in $(seq 75); do
  [ -n "$(waited_for)" ] || break
  sleep 0.2
done
waited_for | while read -r name; do echo "$name did not end in 15 s" >&2; done
sync
