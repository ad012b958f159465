#!/bin/bash
# Tests of the web application against a real MySQL server and a real browser; arguments go to pytest.
#
#   webapp/test.sh                      everything
#   webapp/test.sh tests/test_rules.py  one file
#
# Prepares what is missing (setup.sh), starts MySQL on a loopback port with a data folder of its own, runs pytest, and
# ends what it started. Ends with pytest's closing line and exit code.
set -euo pipefail
cd "$(dirname "$0")"
. ./setup.sh
prepare chromium fonts-dejavu-core fonts-noto-color-emoji libfaketime
export MYSQL_ROOT TRAEFIK
export PYTHONDONTWRITEBYTECODE=1
exec "$VENV/bin/python" -m pytest "$@"
