#!/usr/bin/env bash
# Fails when something that is made from the sources differs from what is committed: dist/ (by cdk8s' own command and by
# ours), imports/, the JSON Schema and the generated pages.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
same() { diff -r "$1" "$2" >"$work/difference" || { echo "$2 is out of date: $3" >&2; head -40 "$work/difference" >&2; exit 1; }; }

node build.cjs users tools
node build/synth.cjs --quiet --outdir "$work/dist"
same "$work/dist" dist "npm run synth"
CDK8S_CHECK_UPGRADE=false npx cdk8s synth --output "$work/cdk8s" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
same "$work/cdk8s" dist "cdk8s synth gives something else than npm run synth"
CDK8S_CHECK_UPGRADE=false npx cdk8s import --output "$work/imports" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
same "$work/imports" imports "npx cdk8s import"
node build/tools/generate.mjs --check
echo "dist/, imports/ and the generated pages are what the sources give"
