# Everything is a function: a script that arrives only in part does nothing.
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
readonly DATA=/var/lib/rancher STATE=/var/lib/cloudnova K3S=/usr/local/bin/k3s

say() { # MESSAGE [VALUE…]
  local format=$1
  shift
  # shellcheck disable=SC2059 # the messages are formats
  printf "cloudnova: $format\n" "$@"
}

fail() {
  say "$@" >&2
  exit 1
}

# Writes standard input to a file. WROTE is 1 when that changed the file.
put() { # FILE MODE
  local text
  text=$(cat && echo .)
  WROTE=0
  if [ -f "$1" ] && [ "$(cat "$1" && echo .)" = "$text" ]; then return; fi
  install -D -m "$2" /dev/null "$1.new"
  printf %s "${text%.}" >"$1.new"
  mv "$1.new" "$1"
  WROTE=1
}

check_system() {
  [ "$(id -u)" = 0 ] || fail "$M_ROOT"
  local release=""
  # shellcheck source=/dev/null
  [ ! -r /etc/os-release ] || release=$(. /etc/os-release && echo "${ID:-} ${ID_LIKE:-}")
  case " $release " in *" debian "* | *" ubuntu "*) ;; *) fail "$M_SYSTEM" "${release:-?}" ;; esac
  command -v systemctl >/dev/null || fail "$M_SYSTEMD"
  case $(uname -m) in
    x86_64) ARCH=amd64 SUFFIX="" ;;
    aarch64) ARCH=arm64 SUFFIX=-arm64 ;;
    *) fail "$M_PROCESSOR" "$(uname -m)" ;;
  esac
  # The kernel keeps a part of the memory: about 130 of 2,048 MiB on a t3.small.
  local memory
  memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  ((memory * 100 >= MEMORY * 85)) || fail "$M_MEMORY" "$memory" "$MEMORY"
}

# The name of the program that listens at a TCP port.
listener() { # PORT
  ss -Hltnp "sport = :$1" | sed -n 's/.*users:(("\([^"]*\)".*/\1/p; t; s/.*/?/p' | head -n 1
}

check_others() {
  local path port program ports=(80 443)
  if [ ! -e "$STATE/prepared" ]; then
    ports+=(6443 10250)
    for path in /etc/rancher/k3s /etc/systemd/system/k3s.service "$K3S" /etc/rancher/rke2 /var/snap/microk8s /etc/kubernetes/kubelet.conf; do
      [ ! -e "$path" ] || fail "$M_KUBERNETES" "$path"
    done
  fi
  # k3s leads these two ports to Traefik by rules of the kernel: no program of its own listens there.
  for port in "${ports[@]}"; do
    program=$(listener "$port")
    [ -z "$program" ] || fail "$M_PORT" "$port" "$program" "$program"
  done
}

# The size of the file system at a path, MiB.
size_of() { # PATH
  df --output=size -BM "$1" | tail -n 1 | tr -dc 0-9
}

check_disk() {
  local size
  size=$(size_of /)
  ((size >= ROOT_DISK)) || fail "$M_DISK" / "$size" "$ROOT_DISK"
  mkdir -p "$DATA"
  size=$(size_of "$DATA")
  # A file system has less room than its disk.
  ((size * 100 >= DISK * 90)) || fail "$M_DISK" "$DATA" "$size" "$DISK"
}

packages() {
  local missing=() name
  for name in ca-certificates curl e2fsprogs iproute2 unattended-upgrades "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing+=("$name")
  done
  [ "${#missing[@]}" -eq 0 ] || { apt-get -q update && apt-get -q install -y --no-install-recommends "${missing[@]}"; }
}

# The device of the data volume, by the first of its names that there is.
data_device() {
  local name path
  for _ in $(seq "$VOLUME_WAIT"); do
    for name in "${DATA_VOLUME[@]}"; do
      case $name in
        vol-*) path=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${name/-/} ;;
        *) path=$name ;;
      esac
      if [ -b "$path" ]; then
        readlink -f "$path"
        return
      fi
    done
    sleep 1
  done
  fail "$M_NO_VOLUME" "${DATA_VOLUME[*]}"
}

# Mounts the data volume at /var/lib/rancher. It is formatted only when it is empty.
data_volume() {
  [ "${#DATA_VOLUME[@]}" -gt 0 ] || return 0
  local device type found=0 uuid
  device=$(data_device)
  type=$(blkid -p -s TYPE -o value "$device") || found=$?
  if [ "$found" = 2 ] && cmp -s -n 1048576 "$device" /dev/zero; then
    say "$M_FORMAT" "$device"
    mkfs.ext4 -q -L cloudnova "$device"
    type=ext4
  fi
  [ "$type" = ext4 ] || fail "$M_NOT_EMPTY" "$device" "${type:-?}"
  uuid=$(blkid -p -s UUID -o value "$device")
  if ! mountpoint -q "$DATA"; then
    [ ! -d "$DATA" ] || [ -z "$(ls -A "$DATA")" ] || fail "$M_DATA_THERE" "$DATA"
    mkdir -p "$DATA"
    mount -o noatime "$device" "$DATA"
  fi
  [ "$(findmnt -n -o UUID "$DATA")" = "$uuid" ] || fail "$M_OTHER_MOUNT" "$DATA"
  if ! grep -q "^UUID=$uuid $DATA " /etc/fstab; then
    # A machine without its volume still starts, so that ssh works; k3s waits for the volume.
    echo "UUID=$uuid $DATA ext4 noatime,nofail,x-systemd.device-timeout=60s 0 2" >>/etc/fstab
  fi
  resize2fs "$device" >/dev/null 2>&1 || say "$M_RESIZE" "$device"
  put /etc/systemd/system/k3s.service.d/cloudnova.conf 0644 <<END
[Unit]
RequiresMountsFor=$DATA
END
  # k3s refuses a node of a known name with another password, so the password moves with the volume.
  mkdir -p "$DATA/node" /etc/rancher
  chmod 0700 "$DATA/node"
  if [ -d /etc/rancher/node ] && [ ! -L /etc/rancher/node ]; then
    cp -an /etc/rancher/node/. "$DATA/node/"
    rm -r /etc/rancher/node
  fi
  ln -sfn "$DATA/node" /etc/rancher/node
}

# 1 GiB that the system's own programs may use; pods may not (the kubelet's default).
swap() {
  [ -z "$(swapon --noheadings --show=NAME)" ] || return 0
  if [ ! -e /swapfile ]; then
    install -m 0600 /dev/null /swapfile.new
    fallocate -l 1G /swapfile.new
    mkswap /swapfile.new >/dev/null
    mv /swapfile.new /swapfile
  fi
  swapon /swapfile
  grep -q '^/swapfile ' /etc/fstab || echo '/swapfile none swap sw 0 0' >>/etc/fstab
}

settings() {
  put /etc/sysctl.d/90-cloudnova.conf 0644 <<'END'
# The page cache goes before memory that is in use.
vm.swappiness = 10
# The kubelet, containerd and Traefik watch many files: Linux' default is 128 instances for each user.
fs.inotify.max_user_instances = 1024
fs.inotify.max_user_watches = 524288
END
  [ "$WROTE" = 0 ] || sysctl -q --system
  put /etc/systemd/journald.conf.d/90-cloudnova.conf 0644 <<'END'
[Journal]
SystemMaxUse=200M
END
  [ "$WROTE" = 0 ] || systemctl restart systemd-journald
  put /etc/apt/apt.conf.d/20auto-upgrades 0644 <<'END'
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
END
  # A new kernel works only after a restart; the machine is back after a minute or two. The backup runs at another time.
  put /etc/apt/apt.conf.d/52cloudnova 0644 <<'END'
Unattended-Upgrade::Automatic-Reboot "true";
Unattended-Upgrade::Automatic-Reboot-Time "04:30";
Unattended-Upgrade::Remove-Unused-Kernel-Packages "true";
END
}

# Downloads to a file that is there only when it is whole.
download() { # URL FILE
  curl -fsSL --retry 3 --connect-timeout 20 -o "$2.partial" "$1" || fail "$M_DOWNLOAD" "$1"
  mv "$2.partial" "$2"
}

# The program of the release, checked against the list of sums that the release publishes beside it.
k3s_program() {
  local folder sum
  folder=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder's name as it is now
  trap "rm -rf '$folder'" EXIT
  download "$RELEASE/sha256sum-$ARCH.txt" "$folder/sums"
  sum=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]*k3s$SUFFIX\$/\1/p" "$folder/sums")
  [ -n "$sum" ] || fail "$M_NO_SUM" "$RELEASE/sha256sum-$ARCH.txt"
  if ! echo "$sum  $K3S" | sha256sum -c --status 2>/dev/null; then
    say "$M_K3S" "$K3S_VERSION" "$RELEASE"
    download "$RELEASE/k3s$SUFFIX" "$folder/k3s"
    echo "$sum  $folder/k3s" | sha256sum -c --status || fail "$M_WRONG_SUM" "$RELEASE/k3s$SUFFIX" "$sum"
    install -m 0755 "$folder/k3s" "$K3S.new"
    mv "$K3S.new" "$K3S"
    CHANGED=1
  fi
  if [ "$CHANGED" = 1 ] || [ ! -e /etc/systemd/system/k3s.service ]; then
    download "$INSTALLER" "$folder/install.sh"
    head -c 2 "$folder/install.sh" | grep -q '#!' || fail "$M_NO_SCRIPT" "$INSTALLER"
    INSTALL_K3S_SKIP_DOWNLOAD=true INSTALL_K3S_SKIP_START=true sh "$folder/install.sh"
    CHANGED=1
  fi
}

k3s() {
  mkdir -p "$STATE"
  touch "$STATE/prepared"
  # Volumes are bound to the node's name, so a server keeps the one that it has. `|| true`: a new server has no file yet.
  local name
  name=$(sed -n 's/^node-name: //p' /etc/rancher/k3s/config.yaml 2>/dev/null || true)
  put /etc/rancher/k3s/config.yaml 0600 <<<"node-name: ${name:-$NODE_NAME}
$K3S_CONFIG"
  CHANGED=$WROTE
  k3s_program
  systemctl daemon-reload
  systemctl enable -q k3s
  if [ "$CHANGED" = 1 ]; then systemctl restart k3s; else systemctl start k3s; fi
  for _ in $(seq 90); do
    if "$K3S" kubectl get --raw /readyz >/dev/null 2>&1; then
      say "$M_READY" "$K3S_VERSION"
      return
    fi
    sleep 2
  done
  fail "$M_NOT_READY"
}

# Copies the encrypted backups to the bucket, with the rights of the machine's role.
offsite() {
  [ -n "$OFFSITE" ] || return 0
  put /usr/local/sbin/cloudnova-offsite 0755 <<END
#!/bin/bash
# Copies each unit's backups to $OFFSITE/UNIT/: a backup before its sum, so that a sum says that the backup is there.
set -euo pipefail
shopt -s nullglob
export RCLONE_CONFIG=/dev/null RCLONE_S3_PROVIDER=AWS RCLONE_S3_ENV_AUTH=true RCLONE_S3_REGION=$OFFSITE_REGION RCLONE_S3_NO_CHECK_BUCKET=true
failed=0
for folder in $DATA/k3s/storage/pvc-*_backups; do
  for unit in \$(cd "\$folder" && printf '%s\n' *.cnb | sed -n 's/-[0-9]\{8\}T[0-9]\{6\}Z\.cnb\$//p' | sort -u); do
    for ending in cnb cnb.sha256; do
      rclone copy --immutable --include "/\$unit-????????T??????Z.\$ending" "\$folder" ":s3:$OFFSITE/\$unit" || failed=1
    done
  done
done
exit \$failed
END
  put /etc/systemd/system/cloudnova-offsite.service 0644 <<END
[Unit]
Description=Copy the encrypted backups to $OFFSITE
Wants=network-online.target
After=network-online.target
RequiresMountsFor=$DATA

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/cloudnova-offsite
Nice=10
MemoryMax=256M
END
  # Every hour: a backup can also be made by hand. What is in the bucket is not copied again.
  put /etc/systemd/system/cloudnova-offsite.timer 0644 <<'END'
[Unit]
Description=Copy the encrypted backups every hour

[Timer]
OnCalendar=hourly
RandomizedDelaySec=10min
Persistent=true

[Install]
WantedBy=timers.target
END
  systemctl daemon-reload
  systemctl enable -q cloudnova-offsite.timer
  systemctl start cloudnova-offsite.timer
}

main() {
  check_system
  command -v ss >/dev/null || packages
  check_others
  packages ${OFFSITE:+rclone}
  data_volume
  check_disk
  swap
  settings
  offsite
  k3s
  say "$M_DONE"
}

main </dev/null
