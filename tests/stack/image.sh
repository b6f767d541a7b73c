#!/usr/bin/env bash
# Runs a command of the image as its container would: without root, on a read-only root file system, with /tmp and the
# home folder to write to. Usage: tests/stack/image.sh ROOT COMMAND..., where ROOT is where the image is mounted. As root:
#   buildah bud -t unasked -f docker/Dockerfile . && ROOT=$(buildah mount "$(buildah from unasked)")
#   PROGRAM="tests/stack/image.sh $ROOT" .venv/bin/python -m pytest tests/stack/test_story.py
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
