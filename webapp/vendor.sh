#!/bin/bash
# Copies third-party files, with their licences, out of their npm packages. Run it after changing a version here and in
# THIRD_PARTY_NOTICES.md, look at the difference, and commit it: nothing is fetched at build, test or run time.
set -euo pipefail
cd "$(dirname "$0")"
BOOTSTRAP=5.3.8
AXE=4.14.1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpack() { (cd "$work" && npm pack --silent "$1@$2" >/dev/null && mkdir "$1" && tar -xzf "$1-$2.tgz" -C "$1" --strip-components=1); }

unpack bootstrap "$BOOTSTRAP"
# Without the reference to its source map, which is not shipped and would only be a 404 in developer tools.
sed '/^\/\*# sourceMappingURL/d' "$work/bootstrap/dist/css/bootstrap.min.css" > src/cloudnova_webapp/static/bootstrap.min.css
cp "$work/bootstrap/LICENSE" src/cloudnova_webapp/static/bootstrap.LICENSE
unpack axe-core "$AXE"
cp "$work/axe-core/axe.min.js" tests/axe.min.js
cp "$work/axe-core/LICENSE" tests/axe.LICENSE
cp "$work/axe-core/LICENSE-3RD-PARTY.txt" tests/axe.LICENSE-3RD-PARTY.txt
