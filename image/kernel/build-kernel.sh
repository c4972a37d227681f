#!/bin/sh
# build-kernel.sh LINUX.tar.* WORK OUT: builds OUT/bzImage and OUT/kernel.config from any Linux 6.x source archive and the
# fragment beside this script. WORK is emptied first. The same inputs and compiler give the same bytes in any folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tarball=$(realpath "$1")
work=$2
out=$(realpath "$3")
: "${SOURCE_DATE_EPOCH:?}"
fragment=$here/fragment.config

KBUILD_BUILD_TIMESTAMP=$(LC_ALL=C date -u -d "@$SOURCE_DATE_EPOCH")
export KBUILD_BUILD_TIMESTAMP KBUILD_BUILD_USER=warmboot KBUILD_BUILD_HOST=warmboot KBUILD_BUILD_VERSION=1
# WHY: a path in a message or an assertion would differ from folder to folder.
export KCFLAGS="-ffile-prefix-map=$work=." KAFLAGS="-ffile-prefix-map=$work=."

rm -rf "$work"
mkdir -p "$work"
tar -x -C "$work" --strip-components=1 -f "$tarball"
cd "$work"
kmake() { make -s ARCH=i386 CROSS_COMPILE="${CROSS_COMPILE:-i686-linux-gnu-}" "$@"; }
KCONFIG_ALLCONFIG=$fragment kmake allnoconfig
"$here/check-fragment.sh" "$fragment" .config
kmake -j"$(nproc)" bzImage
cp arch/x86/boot/bzImage "$out/bzImage"
cp .config "$out/kernel.config"
