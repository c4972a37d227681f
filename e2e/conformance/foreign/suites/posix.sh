#!/bin/sh
# posix.sh SCALE: the Open POSIX test suite, six cases at a time since they mostly sleep. Prints "case<TAB>status" lines.
mkdir -p /tmp/posix
cd /tmp/posix || exit 1
LIMIT=$(($1 * 30))
export LIMIT
# shellcheck disable=SC2016 # expanded by the shell of each case
xargs -P6 -I{} sh -c '
  timeout -k 1 "$LIMIT" "/suites/posix/$1" > /dev/null 2>&1 < /dev/null
  code=$?
  case $code in
    0) status=pass ;; 1) status=fail ;; 2) status=unresolved ;; 4) status=unsupported ;; 5) status=untested ;;
    124 | 137) status=hung ;; *) status=crashed ;;
  esac
  printf "%s\t%s\n" "$1" $status' - {} < /suites/posix/cases
