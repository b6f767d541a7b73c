#!/usr/bin/env bash
# Runs a command of the image as its container would: without root, on a read-only root file system, with /tmp and the
# home folder to write to. Usage: tests/stack/image.sh ROOT COMMAND..., where ROOT is where the image is mounted. As root:
#   buildah bud -t unasked -f docker/Dockerfile . && ROOT=$(buildah mount "$(buildah from unasked)")
#   PROGRAM="tests/stack/image.sh $ROOT" .venv/bin/python -m pytest tests/stack/test_story.py
# The base, where no registry is reachable: mmdebstrap --variant=minbase bookworm base.tar, then
#   C=$(buildah from scratch) && buildah add $C base.tar && buildah commit $C debian:bookworm-slim
# The images of Kafka and Connect are built likewise, with the jars that the tests have fetched:
#   buildah bud --isolation chroot -v ~/.m2/repository:/root/.m2/repository -t unasked-connect -f docker/connect/Dockerfile .
set -euo pipefail
mkdir -p "$UNASKED_HOME"
chown 10001:10001 "$UNASKED_HOME"
# A namespace of its own: what is mounted goes with the process.
exec unshare --mount bash -c '
  set -euo pipefail
  root=$1 folder=$(dirname "$UNASKED_HOME")
  shift
  mount --bind "$root" "$root"
  mount --options remount,bind,ro "$root"
  mount --types proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  mount --types tmpfs tmpfs "$root/tmp"
  mkdir --parents "$root$folder"
  mount --bind "$folder" "$root$folder"
  exec /usr/sbin/chroot --userspec=10001:10001 "$root" /opt/unasked/bin/unasked "$@"
' image "$@"
