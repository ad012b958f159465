#!/bin/bash
# PID 1 of the node: what an operating system does before and around the kubelet. Everything it changes lives in the
# container's own namespaces and is gone with them.
set -euo pipefail
. /opt/config/node.env # NODE ADDRESS SERVICES PORTS LAST_FD

# The kubelet hands mounts on to pods, which works only from shared mounts.
mount --make-rshared /

# The kubelet sets these for the whole machine when they differ; it finds its own values here and leaves the machine's alone.
for setting in vm/overcommit_memory=1 kernel/panic=10 kernel/panic_on_oops=1; do
  echo "${setting#*=}" > "/run/${setting##*/}"
  mount --bind "/run/${setting##*/}" "/proc/sys/${setting%=*}"
done

# The node's own programs go to /host, so that /kubepods beside it counts pods alone.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/host
  for pid in $(cat /sys/fs/cgroup/cgroup.procs); do echo "$pid" > /sys/fs/cgroup/host/cgroup.procs || true; done
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do echo "+$controller"; done | tr '\n' ' ' > /sys/fs/cgroup/cgroup.subtree_control
else
  for controller in /sys/fs/cgroup/*/; do
    [ -f "$controller/cgroup.procs" ] || continue
    mkdir -p "$controller/host"
    for file in cpuset.cpus cpuset.mems; do
      [ ! -f "$controller/$file" ] || cat "$controller/$file" > "$controller/host/$file"
    done
    echo $$ > "$controller/host/cgroup.procs"
  done
fi

# The node stands alone: pods and Services are reachable, everything else is refused at once instead of after a time-out.
ip link set lo up
ip link add eth0 type veth peer name void
ip address add "$ADDRESS/32" dev eth0
ip link set void up
ip link set eth0 up
ip route add "$SERVICES" dev eth0
ip route add unreachable default
sysctl -qw net.ipv4.ip_forward=1
printf '127.0.0.1 localhost\n%s %s\n' "$ADDRESS" "$NODE" > /etc/hosts
echo "nameserver 192.0.2.53" > /etc/resolv.conf # a documentation address: CoreDNS insists on a server to forward to

# Volumes are file systems of their own size, each in a file; see cluster/local-path.yaml.
for image in /var/lib/cloudnova-volumes/*.img; do
  [ -f "$image" ] || continue
  e2fsck -p "$image" > /dev/null || [ $? -le 1 ] || echo "volume $image has errors that e2fsck does not mend by itself" >&2
  mkdir -p "${image%.img}"
  mount -o loop "$image" "${image%.img}"
  losetup --direct-io=on "$(findmnt --noheadings --output SOURCE "${image%.img}")"
done

# As an init system does: what ends is started again.
keep() {
  local name=$1
  shift
  while [ ! -e /run/stopping ]; do
    "$@" >> "/var/log/$name.log" 2>&1 || true
    [ -e /run/stopping ] || echo "$(date -u +%FT%TZ) $name ended and is started again" >> /var/log/restarts.log
    sleep 1
  done
}

run_kubelet() (
  until [ -f /var/lib/kubelet/config.yaml ] && [ -f /var/lib/kubelet/kubeadm-flags.env ]; do sleep 0.1; done
  . /var/lib/kubelet/kubeadm-flags.env
  # shellcheck disable=SC2086 # several flags in one variable, as kubeadm writes them
  exec kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \
    --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml --config-dir=/opt/config/kubelet.d $KUBELET_KUBEADM_ARGS
)

keep forward forward serve "$PORTS" &
# The sockets from outside belong to `forward` alone.
for ((fd = 3; fd <= LAST_FD; fd++)); do eval "exec $fd>&-"; done
export GOGC=25 # as in cluster/kubeadm.ts; containerd hands it on to its shims, of which each pod has one
keep containerd containerd --config /opt/config/containerd.toml &
keep kubelet run_kubelet &
wait
