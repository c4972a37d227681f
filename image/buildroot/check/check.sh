#!/bin/sh
# check.sh [BZIMAGE...]: checks of this tree that need Debian's kernel sources (300 MB) and BusyBox, fetched to image/build/buildroot/.
# Boots with the default image's kernel, and with each kernel given. `npm run check-buildroot -w @warmboot/image`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$here/../../build/buildroot
mkdir -p "$work"
work=$(realpath "$work")

[ -e "$work/usr/src/linux-source-6.1.tar.xz" ] || "$here/fetch.sh" "$work" bookworm linux-source-6.1
[ -e "$work/usr/bin/busybox" ] || "$here/fetch.sh" "$work" trixie linux-source-6.12 busybox-static:i386
for version in 6.1 6.12; do
  tree=$work/$version/tree
  if [ ! -e "$tree/Makefile" ]; then
    mkdir -p "$tree"
    tar -x -C "$tree" --strip-components=1 --wildcards -f "$work/usr/src/linux-source-$version.tar.xz" \
      '*/Kconfig*' '*/scripts/*' '*/Makefile*' '*/Kbuild'
  fi
  "$here/check-kconfig.sh" "$tree"
done

"$here/make-disk.sh" "$work/usr/bin/busybox" "$here/../../prebuilt/warmboot-agent" "$work/disk.img"
for kernel in "$here"/../../.cache/default/bzImage-*.bin "$@"; do node "$here/boot.mjs" "$kernel" "$work/disk.img"; done
