#!/bin/bash
# runc, for a machine whose root lacks capabilities. Docker 20.10 asks for every capability that the kernel knows when a container is
# privileged, and runc then ends with "unable to apply caps: operation not permitted". This takes out of the bundle's config.json
# (create, run) and of process.json (exec) what this machine does not have.
set -euo pipefail
have=$((16#$(sed -n 's/^CapBnd:\t//p' /proc/self/status)))
# In the order of their numbers (linux/capability.h).
names=(CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST
  NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE
  SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND
  AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE)
lacking=()
for i in "${!names[@]}"; do (((have >> i) & 1)) || lacking+=("CAP_${names[$i]}"); done
list=$(printf '%s\n' "${lacking[@]}" | jq -Rn '[inputs]')
without() { # FILE PATH-OF-CAPABILITIES
  [ -f "$1" ] || return 0
  jq --argjson no "$list" "$2 |= (if . then map_values(if type == \"array\" then . - \$no else . end) else . end)" "$1" >"$1.less"
  cat "$1.less" >"$1" && rm "$1.less"
}
arguments=("$@")
for ((i = 0; i < $#; i++)); do
  case ${arguments[$i]} in
  --bundle | -b) without "${arguments[$i + 1]}/config.json" .process.capabilities ;;
  --process | -p) without "${arguments[$i + 1]}" .capabilities ;;
  esac
done
exec runc "$@"
