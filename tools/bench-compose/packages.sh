#!/usr/bin/env bash
# What the benchmark needs beside Docker and Go: installed as root on Debian and Ubuntu, named otherwise.
set -euo pipefail
. "$(dirname "$0")/../../webapp/setup.sh"
need_packages mmdebstrap debian-archive-keyring openssl util-linux
# Docker's plugin or the program before it, whichever is there.
docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || need_packages docker-compose
