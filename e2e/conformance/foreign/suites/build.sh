#!/bin/sh
# build.sh: run in the build root. Fetches and builds the suites into /suites, which is then the same for both runs.
set -eu
mkdir -p /build /suites
cd /build
sources="busybox posixtestsuite libuv1"
for source in $sources; do
  test -d "$source-src" && continue
  test -n "${updated-}" || apt-get -qq update
  updated=yes
  apt-get -qq --download-only source "$source"
  dpkg-source -x "$source"_*.dsc "$source-src"
done
for source in $sources; do awk '/^Source:/ {s=$2} /^Version:/ {print s, $2; exit}' "$source"_*.dsc; done > /suites/versions

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

if ! test -x /suites/libuv/uv_run_tests; then
  cd /build/libuv1-src
  objects=$(mktemp -d)
  # What CMakeLists.txt lists for Linux. An archive, since some tests bring the file they test along.
  for unit in src/*.c src/unix/async.c src/unix/core.c src/unix/dl.c src/unix/fs.c src/unix/getaddrinfo.c src/unix/getnameinfo.c src/unix/linux.c \
    src/unix/loop.c src/unix/loop-watcher.c src/unix/pipe.c src/unix/poll.c src/unix/process.c src/unix/procfs-exepath.c src/unix/proctitle.c \
    src/unix/random-devurandom.c src/unix/random-getrandom.c src/unix/random-sysctl-linux.c src/unix/signal.c src/unix/stream.c src/unix/tcp.c \
    src/unix/thread.c src/unix/tty.c src/unix/udp.c; do
    gcc -w -O2 -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -Iinclude -Isrc -c -o "$objects/$(basename "$unit" .c).o" "$unit"
  done
  ar rcs "$objects/libuv.a" "$objects"/*.o
  mkdir -p /suites/libuv
  find test -name '*.c' ! -name '*benchmark*' ! -name runner-win.c -print0 |
    xargs -0 sh -c 'lib=$1; shift; gcc -w -O1 -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -Iinclude -Isrc -Itest \
      -o /suites/libuv/uv_run_tests "$@" "$lib" -lpthread -ldl -lrt -lm' - "$objects/libuv.a"
  cp -a test/fixtures /suites/libuv/
  rm -r "$objects"
fi

if ! test -s /suites/posix/cases; then
  cd /build/posixtestsuite-src
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
