#!/bin/sh
# libuv.sh SECONDS SCALE [CASE...]: libuv's tests, as an ordinary user, since they refuse root. Prints "case<TAB>status" lines as they come.
# SCALE multiplies the tests' own time limits; the Debian package's build doubles them.
limit=$1
UV_TEST_TIMEOUT_MULTIPLIER=$(($2 * 2))
export UV_TEST_TIMEOUT_MULTIPLIER
# As the package's build does: names are not asked of anybody.
export RES_OPTIONS=attempts:0
shift 2
mkdir -p /tmp/libuv/test && cp -a /suites/libuv/fixtures /tmp/libuv/test/ && chown -R nobody:nogroup /tmp/libuv && cd /tmp/libuv || exit 1
test $# -gt 0 || set -- all
for name in "$@"; do
  test "$name" = all && name=
  # shellcheck disable=SC2086 # no argument at all
  timeout "$limit" setpriv --reuid=nobody --regid=nogroup --clear-groups /suites/libuv/uv_run_tests $name 2> /dev/null < /dev/null
done |
  sed -u -n -e 's/^ok [0-9]* - \([^ ]*\) # SKIP.*/\1\tskip/p' -e 's/^ok [0-9]* - \([^ ]*\)$/\1\tpass/p' -e 's/^not ok [0-9]* - \([^ ]*\).*/\1\tfail/p'
