#!/bin/bash
# The benchmark (bench/run.py). BENCH_SECONDS is the length of each measurement, default 10.
set -euo pipefail
cd "$(dirname "$0")"
. ./setup.sh
prepare wrk
export MYSQL_ROOT PYTHONPATH="$WEBAPP:$WEBAPP/src" PYTHONDONTWRITEBYTECODE=1
exec flock "$CACHE/heavy.lock" "$VENV/bin/python" -m bench.run
