#!/usr/bin/env bash
# The Debian packages that checks with real programs need: installed as root, named otherwise.
set -euo pipefail
. "$(dirname "$0")/../webapp/setup.sh"
need_packages mmdebstrap debian-archive-keyring python3-venv openssl chromium fonts-dejavu-core poppler-utils \
  buildah gcc libc6-dev util-linux jq slirp4netns iptables iproute2 e2fsprogs shellcheck cloud-init openssh-server zstd
# Whatever Docker is there will do.
command -v dockerd >/dev/null || need_packages docker.io
