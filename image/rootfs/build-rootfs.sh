#!/bin/sh
# build-rootfs.sh OUT.tar: makes the root file system (without the agent) as a tar with sorted names and fixed times, and
# OUT.tar.packages, lines of "package version source source-version".
# Needs mmdebstrap; root, or an ordinary user with user namespaces.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
: "${SOURCE_DATE_EPOCH:?}" "${DEBIAN_MIRROR:=http://deb.debian.org/debian}" "${DEBIAN_SECURITY_MIRROR:=http://deb.debian.org/debian-security}"
# DEBIAN_SUITES="trixie" builds from a mirror that has no consistent copy of the updates.
: "${DEBIAN_SUITES:=trixie trixie-updates trixie-security}"
# What customize.sh adds to the version of a package whose dependencies it changes.
export LOCAL_VERSION=+warmboot1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
for suite in $DEBIAN_SUITES; do
  case $suite in
    *-security) echo "deb [signed-by=$keyring] $DEBIAN_SECURITY_MIRROR $suite main" ;;
    *) echo "deb [signed-by=$keyring] $DEBIAN_MIRROR $suite main" ;;
  esac
done > "$work/sources.list"

packages=$(sed -e 's/#.*//' -e '/^ *$/d' "$here/packages.txt" | paste -sd,)
# The customisation runs as the file system's root, outside of it.
mmdebstrap --architectures=i386 --variant=essential --include="$packages" \
  --dpkgopt="$here/overlay/etc/dpkg/dpkg.cfg.d/warmboot" \
  --aptopt="$here/overlay/etc/apt/apt.conf.d/90warmboot" \
  --customize-hook="sh '$here/customize.sh' \"\$1\"" \
  --format=tar trixie "$out.tmp" - < "$work/sources.list"

# WHY afterwards: inside, an ordinary user's root may not write here.
mkdir -p "$work/dpkg"
tar -x -O -f "$out.tmp" ./var/lib/dpkg/status > "$work/dpkg/status"
# shellcheck disable=SC2016 # dpkg's own variables
dpkg-query --admindir="$work/dpkg" --show \
  --showformat='${Package} ${Version} ${source:Package} ${source:Version}\n' | sed "s/$LOCAL_VERSION//g" > "$out.packages"
mv "$out.tmp" "$out"
