#!/bin/sh
# busybox.sh SCALE: BusyBox's own test suite against BusyBox. Prints "case<TAB>status" lines.
# SCALE multiplies the time limit of the whole run, since the suite has none for its cases.
cd /suites/busybox/testsuite || exit 1
timeout $(($1 * 300)) ./runtest -v 2>&1 < /dev/null |
  sed -n -e 's/^PASS: \(.*\)/\1\tpass/p' -e 's/^FAIL: \(.*\)/\1\tfail/p' -e 's/^SKIPPED: \(.*\)/\1\tskip/p' \
    -e 's/^UNTESTED: \(.*\)/\1\tskip/p'
