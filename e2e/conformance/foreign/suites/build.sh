#!/bin/sh
# build.sh: run in the build root. Fetches and builds the suites into /suites, which is then the same for both runs.
set -eu
mkdir -p /build /suites
cd /build
test -d busybox-src || apt-get -qq update
test -d busybox-src || { apt-get -qq --download-only source busybox posixtestsuite; \
  dpkg-source -x busybox_*.dsc busybox-src; dpkg-source -x posixtestsuite_*.dsc posix-src; }
dpkg-source --version > /dev/null
for dsc in busybox_*.dsc posixtestsuite_*.dsc; do awk '/^Source:/ {s=$2} /^Version:/ {print s, $2; exit}' "$dsc"; done > /suites/versions

if ! test -x /suites/busybox/busybox; then
  cd /build/busybox-src
  cp debian/config/pkg/deb .config
  yes '' | make oldconfig > /dev/null
  make -j2 busybox > build.log 2>&1
  mkdir -p /suites/busybox
  cp -a busybox .config testsuite shell /suites/busybox/
  # What the suite would compile for itself when the shell's echo has no -ne.
  gcc -Os -o /suites/busybox/testsuite/echo-ne scripts/echo.c
  gcc -O1 -o /suites/busybox/shell/ash_test/printenv shell/ash_test/printenv.c
  gcc -O1 -o /suites/busybox/shell/ash_test/recho shell/ash_test/recho.c
  gcc -O1 -o /suites/busybox/shell/ash_test/zecho shell/ash_test/zecho.c
fi

if ! test -s /suites/posix/cases; then
  cd /build/posix-src
  mkdir -p /suites/posix
  # One program a case; what only has to compile is not run, and what does not compile with today's C library is left out and listed.
  find conformance/interfaces -name '[0-9]*.c' ! -name '*-buildonly*' | sort | xargs -P2 -I{} sh -c '
    case=$(echo "${1%.c}" | sed "s|conformance/interfaces/||; s|/|.|g")
    gcc -w -std=gnu99 -D_GNU_SOURCE -fpermissive -Iinclude -o "/suites/posix/$case" "$1" -lpthread -lrt -lm 2> /dev/null || echo "$case" >> /suites/posix.uncompiled' - {}
  cd /suites/posix
  ls | grep -vx cases > /suites/cases.new
  mv /suites/cases.new cases
fi
wc -l < /suites/posix/cases
