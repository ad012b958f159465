#!/bin/bash
# Format, vet and unit tests of the Go module; arguments go to `go test`. The tests against a real API server are in test/real/.
#
#   helper/test.sh                        everything
#   helper/test.sh -run Renew ./secrets   one test
set -euo pipefail
cd "$(dirname "$0")"
# A user's own settings do not change what is tested.
export GOFLAGS=-mod=readonly GOWORK=off
unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
  echo "gofmt -w helper formats: $unformatted" >&2
  exit 1
fi
go vet ./...
if [ $# -eq 0 ]; then set -- ./...; fi
exec go test "$@"
