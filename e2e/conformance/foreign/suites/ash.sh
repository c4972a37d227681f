#!/bin/sh
# ash.sh SECONDS SCALE [CASE...]: BusyBox's suite for its shell, against BusyBox ash. Prints "case<TAB>status" lines as they come.
# SECONDS limits the run, since the suite has no limits. A CASE is a "directory/name.tests"; it is run in a copy of its directory without the others.
limit=$1
shift 2
cd /suites/busybox/shell/ash_test || exit 1
if test $# -gt 0; then
  rm -rf /tmp/ash && mkdir -p /tmp/ash/shell && cp ../../busybox ../../.config /tmp/ash/ && cp -a . /tmp/ash/shell/ash_test
  cd /tmp/ash/shell/ash_test || exit 1
  for one in "$@"; do echo "$one"; done > ../chosen
  find ash-* -name '*.tests' | grep -vxF -f ../chosen | xargs rm
fi
timeout "$limit" sh ./run-all 2>&1 < /dev/null |
  sed -u -n -e 's/^\(ash-[^ :]*\): ok$/\1\tpass/p' -e 's/^\(ash-[^ :]*\): fail.*/\1\tfail/p' -e 's/^\(ash-[^ :]*\): skip.*/\1\tskip/p'
