#!/bin/bash
# Renews requirements.txt (the image) and requirements-dev.txt (image and tests) from pyproject.toml, with hashes, for the
# oldest Python that is supported.
set -euo pipefail
cd "$(dirname "$0")"
. ./setup.sh
tools="$CACHE/uv"
[ -x "$tools/bin/uv" ] || { "$PYTHON" -m venv "$tools" && "$tools/bin/pip" install --quiet uv; }
compile() { "$tools/bin/uv" pip compile --quiet --upgrade --generate-hashes --python-version 3.11 --no-header "$@"; }
compile pyproject.toml -o requirements.txt
compile --group dev pyproject.toml -c requirements.txt -o requirements-dev.txt
