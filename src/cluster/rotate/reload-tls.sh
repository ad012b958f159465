# Runs in MySQL's container (bash -c), for `cloudnova rotate certificate`: new connections see the certificate that is in the Secret now.
# $1: the SHA-256 of its tls.crt. Ends with 3 while the kubelet has not brought it.
set -euo pipefail
sum=$(sha256sum < /etc/mysql-tls/tls.crt)
[ "${sum%% *}" = "$1" ] || exit 3
mysql --defaults-file=/run/mysql/client.cnf --execute "ALTER INSTANCE RELOAD TLS"
