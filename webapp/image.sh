#!/bin/bash
# Builds the image cloudnova-webapp:VERSION with buildah; VERSION is pyproject.toml's.
#
#   webapp/image.sh                         build; says the size
#   webapp/image.sh --check                 build, then run it as Kubernetes would (image_check.py) and say its memory
#   BASE_IMAGE=python:3.11… webapp/image.sh  build on another base
#   OCI_ARCHIVE=webapp.tar webapp/image.sh  also write the image as an archive, for `ctr images import` or `kind load`
#
# Without BASE_IMAGE a Debian 12 base with Python is made by mmdebstrap, once, so that no image registry is needed.
set -euo pipefail
cd "$(dirname "$0")"
. ./setup.sh
need_packages buildah mmdebstrap debian-archive-keyring util-linux
mkdir -p "$CACHE"
exec 8>"$CACHE/heavy.lock"
flock 8
# chroot isolation and the vfs driver work inside containers and without user name spaces, too.
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER="${STORAGE_DRIVER:-vfs}"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
image="cloudnova-webapp:$version"
local_base=localhost/cloudnova-python:bookworm

make_base() {
  echo "making $local_base from Debian's packages" >&2
  mmdebstrap --quiet --variant=minbase --include=python3,ca-certificates \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$CACHE/bookworm-python.tar"
  local container
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$CACHE/bookworm-python.tar" / >/dev/null
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah commit --quiet --rm "$container" "$local_base" >/dev/null
  rm "$CACHE/bookworm-python.tar"
}

if [ -z "${BASE_IMAGE:-}" ]; then
  BASE_IMAGE=$local_base
  buildah inspect --type image "$local_base" >/dev/null 2>&1 || make_base
fi
# The build trusts what this machine trusts, so that it also works behind a proxy with a certificate of its own.
trust=/etc/ssl/certs/ca-certificates.crt
buildah build --quiet --pull-never --build-arg "BASE_IMAGE=$BASE_IMAGE" \
  --volume "$trust:/tmp/trusted.crt:ro" --build-arg PIP_CERT=/tmp/trusted.crt --tag "$image" . >/dev/null
echo "built $image: $(buildah images --format '{{.Size}}' "$image") unpacked"
if [ -n "${OCI_ARCHIVE:-}" ]; then
  buildah push --quiet "$image" "oci-archive:$OCI_ARCHIVE:$image"
  echo "wrote $OCI_ARCHIVE: $(du -h "$OCI_ARCHIVE" | cut -f1)"
fi
if [ "${1:-}" = --check ]; then
  prepare
  container=$(buildah from --pull-never "$image")
  trap 'buildah umount "$container" >/dev/null; buildah rm "$container" >/dev/null' EXIT
  export MYSQL_ROOT PYTHONPATH="$WEBAPP:$WEBAPP/src" PYTHONDONTWRITEBYTECODE=1
  "$VENV/bin/python" image_check.py "$(buildah mount "$container")"
fi
