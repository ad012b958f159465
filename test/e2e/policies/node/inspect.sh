# Prints what listens in the node and in each pod's network namespace, and the program that enforces NetworkPolicies:
#   engine NAME | address IP | node ADDRESS PORT | pod UID PID | listens UID PORT
set -euo pipefail
listening() { ss --no-header --listening --tcp --numeric | awk '{ print $4 }' | grep -v '^127\.\|^\[::1\]' || true; }
cat /proc/[0-9]*/comm 2>/dev/null | grep --line-regexp --extended-regexp 'kube-router|kindnetd|k3s-server' | sort --unique | sed 's/^/engine /' || true
ip -4 -oneline address show scope global | awk '$2 != "outside" { sub("/.*", "", $4); print "address", $4 }' | sort --unique
listening | sed -E 's/^\[?([^]]*)\]?:([0-9]+)$/node \1 \2/; s/%[^ ]*//' | sort --unique
for sandbox in $(crictl pods --state ready --quiet); do
  read -r uid pid network < <(crictl inspectp "$sandbox" | jq --raw-output \
    '(if type == "array" then .[0] else . end) | "\(.status.metadata.uid) \(.info.pid) \(.status.linux.namespaces.options.network)"')
  [ "$network" = NODE ] && continue
  echo "pod $uid $pid"
  # A file of the whole machine names the functions that nsenter runs.
  nsenter --net="/proc/$pid/ns/net" bash -c "$(declare -f listening); listening" | sed -E 's/.*:([0-9]+)$/\1/' | sort --unique | sed "s/^/listens $uid /"
done
