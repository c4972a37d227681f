#!/bin/bash
# enter.sh ROOT SCRIPT ARGUMENT...: runs a suite's script in ROOT, on either side, with namespaces of its own (mounts, processes, network,
# System V and message queues, host name) and without the rights to do anything to the kernel under it: the native run is on somebody's computer.
set -eu
if test "${1-}" != inside; then
  # Nothing of it outlives whoever started it.
  exec setpriv --pdeathsig KILL --bounding-set -sys_time,-sys_resource,-sys_boot,-sys_module,-sys_rawio,-syslog,-mac_admin,-mac_override \
    unshare --mount --pid --fork --kill-child --net --ipc --uts --propagation private bash "$0" inside "$@"
fi
# WHY: cases count their open files, and whoever starts the run may have left some open.
for descriptor in /proc/self/fd/*; do
  test "${descriptor##*/}" -le 2 || eval "exec ${descriptor##*/}>&-"
done
cd "$2"
shift 2
echo 1000 > /proc/self/oom_score_adj
mount -t proc proc proc
mount -t tmpfs tmp tmp
mount -t tmpfs dev dev
chmod 1777 tmp
for node in null zero full random urandom tty; do
  : > dev/$node
  mount --bind /dev/$node dev/$node
done
mkdir dev/pts dev/shm dev/mqueue
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs shm dev/shm
mount -t mqueue mqueue dev/mqueue
chmod 1777 dev/shm dev/mqueue
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
chroot . /suites/busybox/busybox ifconfig lo 127.0.0.1 up
exec chroot . env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 sh "$@"
