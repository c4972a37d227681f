#!/bin/sh
# posix.sh SECONDS SCALE [CASE...]: the Open POSIX test suite, six cases at a time since they mostly sleep. Prints "case<TAB>status" lines as they
# come. SECONDS limits the run; a case has 60 seconds, or three times that with a SCALE, since most that take longer have hung on both sides.
limit=$1
LIMIT=$(($2 > 1 ? 180 : 60))
export LIMIT
shift 2
mkdir -p /tmp/posix
cd /tmp/posix || exit 1
if test $# -gt 0; then printf '%s\n' "$@"; else cat /suites/posix/cases; fi > ../cases
export BUSYBOX=/suites/busybox/busybox
# WHY namespaces for each: cases that run at the same time use the same names of semaphores and queues, put a process id into buffers that take one
# digit of it, and leave children behind. Queues are asked for with 40 messages, and the kernel's default limit is 10.
# shellcheck disable=SC2016 # expanded by the shell of each case
timeout "$limit" xargs -P6 -I{} sh -c '
  unshare --ipc --mount --pid --fork --kill-child --propagation unchanged sh -c "
    $BUSYBOX mount -t proc proc /proc && $BUSYBOX mount -t tmpfs shm /dev/shm && $BUSYBOX mount -t mqueue mqueue /dev/mqueue || exit 99
    chmod 1777 /dev/shm /dev/mqueue && echo 100 > /proc/sys/fs/mqueue/msg_max || exit 99
    exec timeout -k 1 $LIMIT /suites/posix/$1 > /dev/null 2>&1 < /dev/null"
  code=$?
  case $code in
    0) status=pass ;; 1) status=fail ;; 2) status=unresolved ;; 4) status=unsupported ;; 5) status=untested ;;
    124 | 137) status=hung ;; *) status=crashed ;;
  esac
  printf "%s\t%s\n" "$1" $status' - {} < ../cases
