#!/bin/bash
# Ends the node's pods as a machine's shutdown does: each is told to end and has 15 s for it (mysqld writes its pages out).
# What is left after that, and the node's own programs, end with the container.
# `shutdown.sh forget` also has containerd forget the pods, so that a new cluster finds its images and nothing else.
set -euo pipefail
touch /run/stopping # init.sh starts nothing again
pkill --exact kubelet || true
if [ -d /sys/fs/cgroup/memory ]; then pods=/sys/fs/cgroup/memory/kubepods; else pods=/sys/fs/cgroup/kubepods; fi
[ -d "$pods" ] || exit 0
processes() { find "$pods" -name cgroup.procs -exec cat {} + 2> /dev/null; }
processes | xargs --no-run-if-empty kill -TERM 2> /dev/null || true
for _ in $(seq 75); do
  [ -n "$(processes)" ] || break
  sleep 0.2
done
if [ "${1:-}" = forget ]; then
  tell() { ctr --namespace k8s.io "$@"; }
  tell tasks list --quiet | xargs --no-run-if-empty --max-args=1 ctr --namespace k8s.io tasks delete --force > /dev/null
  tell containers list --quiet | xargs --no-run-if-empty ctr --namespace k8s.io containers delete
fi
sync
