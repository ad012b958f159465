#!/bin/bash
# Before a new cluster: has containerd forget the containers of an earlier one. Its images stay.
set -euo pipefail
containers=$(ctr --namespace k8s.io containers list --quiet)
[ -n "$containers" ] || exit 0
for id in $containers; do ctr --namespace k8s.io containers delete "$id"; done
# Its part for Kubernetes remembers them until it starts again, which init.sh sees to.
pkill --exact containerd
while pgrep --exact containerd > /dev/null; do sleep 0.1; done
