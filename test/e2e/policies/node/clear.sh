# Ends what listen.sh started.
state=/run/cloudnova-policies
[ -e "$state/pids" ] && xargs --no-run-if-empty kill <"$state/pids" 2>/dev/null
ip link delete outside 2>/dev/null
rm -rf "$state"
exit 0
