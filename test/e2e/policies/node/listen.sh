# Reads lines `PID PORT...`, makes these ports of the pod's network namespace listen; and `outside ADDRESS PORT...`: an address beyond the
# node, in a network namespace of its own that leads nowhere else. Nothing leaves the node.
set -euo pipefail
state=/run/cloudnova-policies
mkdir -p "$state"
# systemd's own program: it accepts nothing, but the kernel completes the connection.
listen() { local run=$1; shift; setsid $run systemd-socket-activate "${@/#/--listen=}" sleep 3600 </dev/null >/dev/null 2>&1 & echo $! >>"$state/pids"; }
outside() {
  [ -e "$state/net" ] || {
    setsid unshare --net sleep 3600 </dev/null >/dev/null 2>&1 & local pid=$!
    echo "$pid" >>"$state/pids"
    until [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
    ln -s "/proc/$pid/ns/net" "$state/net"
    ip link add outside type veth peer name inside netns "$pid"
    ip link set outside up
    ip address add 192.0.2.1/30 dev outside
    nsenter --net="$state/net" bash -c 'ip link set lo up && ip link set inside up && ip address add 192.0.2.2/30 dev inside && ip route add default via 192.0.2.1'
  }
  nsenter --net="$state/net" ip address add "$1/32" dev lo
  ip route add "$1/32" via 192.0.2.2
}
while read -r where rest; do
  set -- $rest
  if [ "$where" = outside ]; then
    outside "$1"
    address=$1; shift
    listen "nsenter --net=$state/net" "${@/#/$address:}"
  else
    listen "nsenter --net=/proc/$where/ns/net" "${@/#/0.0.0.0:}"
  fi
done
