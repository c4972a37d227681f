#!/bin/sh
# ash.sh SCALE: BusyBox's suite for its shell, against BusyBox ash. Prints "case<TAB>status" lines.
# SCALE multiplies the time limit of the whole run, since the suite has none for its cases.
cd /suites/busybox/shell/ash_test || exit 1
timeout $(($1 * 300)) sh ./run-all 2>&1 < /dev/null |
  sed -n -e 's/^\(ash-[^ :]*\): ok$/\1\tpass/p' -e 's/^\(ash-[^ :]*\): fail.*/\1\tfail/p' -e 's/^\(ash-[^ :]*\): skip.*/\1\tskip/p'
