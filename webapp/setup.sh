# Sourced by test.sh and bench.sh: prepares what they need, once, outside the checkout.
#
# Sets CACHE, VENV, MYSQL_ROOT and TRAEFIK. Works as root on Debian 12 and its like, where apt-get, pip and Debian's archive can be
# reached. The virtualenv is cached by the content of the lock file, the MySQL root file system by its name.

CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/cloudnova"
WEBAPP="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
PYTHON="${PYTHON:-python3}"
# The archive of Debian sid moves; the server says its version at each run, and nothing depends on one patch level.
MYSQL_PACKAGE=mysql-server-core

fail() { echo "$*" >&2; exit 1; }

# need_packages NAME…: install the Debian packages that are missing.
need_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} = 0 ] && return
  [ "$(id -u)" = 0 ] || fail "Debian packages are missing: ${missing[*]}. Install them, or run this as root."
  echo "installing ${missing[*]}" >&2
  mkdir -p "$CACHE"
  # One at a time: apt-get does not wait for the lock on its lists.
  (flock 8 && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}") \
    8>"$CACHE/packages.lock" >/dev/null || fail "apt-get could not install ${missing[*]}"
}

prepare_python() {
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$PYTHON is older than 3.11: set PYTHON to a newer one"
  local version key
  version=$("$PYTHON" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
  key=$(cat "$WEBAPP/requirements-dev.txt" | sha256sum | cut -c1-12)
  VENV="$CACHE/venv-$version-$key"
  [ -f "$VENV/ready" ] && return
  echo "creating the virtualenv $VENV" >&2
  "$PYTHON" -m venv --clear "$VENV" || fail "$PYTHON cannot make a virtualenv"
  "$VENV/bin/python" -m pip install --quiet --require-hashes -r "$WEBAPP/requirements-dev.txt" || fail "pip failed"
  touch "$VENV/ready" # scripts in a virtualenv hold its path, so it cannot be moved into place when done
}

prepare_mysql() {
  MYSQL_ROOT="$CACHE/$MYSQL_PACKAGE-sid"
  [ -x "$MYSQL_ROOT/usr/sbin/mysqld" ] && return
  echo "making a root file system with Debian sid's $MYSQL_PACKAGE in $MYSQL_ROOT" >&2
  rm -rf "$MYSQL_ROOT.new"
  mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' --include="$MYSQL_PACKAGE" \
    sid "$MYSQL_ROOT.new" || fail "Debian sid has no installable $MYSQL_PACKAGE today: try again later, or point MYSQL_PACKAGE in setup.sh to its successor"
  mkdir -p "$MYSQL_ROOT.new/srv/mysql" && mv "$MYSQL_ROOT.new" "$MYSQL_ROOT"
}

# Sets TRAEFIK, the program that the charts deploy (tools/python/traefik pins it).
prepare_traefik() {
  local lock="$WEBAPP/../tools/python/traefik/requirements.txt" folder
  folder="$CACHE/traefik-$(sha256sum <"$lock" | cut -c1-12)"
  TRAEFIK="$folder/bin/traefik"
  [ -f "$folder/ready" ] && return
  echo "installing Traefik into $folder" >&2
  "$PYTHON" -m venv --clear "$folder" || fail "$PYTHON cannot make a virtualenv"
  "$folder/bin/python" -m pip install --quiet --require-hashes -r "$lock" || fail "pip failed"
  touch "$folder/ready"
}

prepare() {
  mkdir -p "$CACHE"
  exec 9>"$CACHE/webapp-setup.lock"
  flock 9 # two runs on one machine prepare once
  need_packages python3-venv python3-dev gcc pkg-config default-libmysqlclient-dev mmdebstrap debian-archive-keyring "$@"
  prepare_python
  prepare_mysql
  prepare_traefik
  flock -u 9
}
