#!/usr/bin/env bash
# Applies an environment as the fork's branch has it now: for a timer, where no engine fits (docs/guides/gitops.md).
# Usage: sync.sh CLONE ENVIRONMENT [OPTION OF apply...]
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: $0 CLONE ENVIRONMENT [OPTION OF apply...]" >&2; exit 2; }
cd "$1"
git fetch --quiet
git merge --quiet --ff-only '@{upstream}'
cmp --silent package-lock.json build/installed.json || { npm ci --silent --omit=dev && mkdir -p build && cp package-lock.json build/installed.json; }
exec node bin/cloudnova.cjs apply "$2" --force-conflicts "${@:3}"
