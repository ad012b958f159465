# Reads lines `ID PID PROTOCOL ADDRESS PORT`, tries each from the network namespace of that process, and prints `ID open`, `ID refused`,
# `ID dropped` or `ID failed: WORDS`. Over UDP it asks for the name cluster.local, and an answer means open.
set -uo pipefail
export seconds=2
attempt() {
  local words code id=$1 pid=$2 protocol=$3 address=$4 port=$5
  local tcp='exec 3<>"/dev/tcp/$0/$1"'
  local udp='exec 3<>"/dev/udp/$0/$1" && printf "\22\64\1\0\0\1\0\0\0\0\0\0\7cluster\5local\0\0\1\0\1" >&3 && head --bytes=1 <&3 >/dev/null'
  words=$(nsenter --net="/proc/$pid/ns/net" timeout "$seconds" bash -c "${!protocol:?}" "$address" "$port" 2>&1); code=$?
  case $code:$words in
  0:) echo "$id open" ;;
  124:*) echo "$id dropped" ;;
  *"Connection refused"* | *"No route to host"* | *"unreachable"*) echo "$id refused" ;;
  *) echo "$id failed: $code ${words//$'\n'/ }" ;;
  esac
}
export -f attempt
# The kernel sends one ICMP refusal a second to each address: with the others unsent, every attempt would wait for its time-out.
limit=$(sysctl --values net.ipv4.icmp_ratelimit)
trap 'sysctl --quiet --write net.ipv4.icmp_ratelimit="$limit"' EXIT
sysctl --quiet --write net.ipv4.icmp_ratelimit=0
xargs --max-procs=16 --max-lines=1 bash -c 'attempt "$@"' attempt
