#!/bin/sh
# make-root.sh OUT PACKAGE...: a Debian 13 i386 root in OUT, with the packages (build dependencies of the foreign suites), to run natively.
# i386 programs run on an x86-64 kernel. Needs mmdebstrap, and root.
set -eu
out=$1
shift
: "${DEBIAN_MIRROR:=http://deb.debian.org/debian}"
mmdebstrap --quiet --architectures=i386 --variant=essential --include="$(echo "$@" | tr ' ' ,)" \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --aptopt='Acquire::Languages "none"' \
  trixie "$out.tmp" "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $DEBIAN_MIRROR trixie main" \
  "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $DEBIAN_MIRROR trixie main"
mv "$out.tmp" "$out"
