#!/bin/sh
# make-disk.sh BUSYBOX AGENT OUT: a disk with BusyBox as init and our overlay, post-build script and agent, put together as Buildroot
# does it: what it adds itself (inittab, fstab, rcS, accounts) is written out here, in its least form.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
busybox=$1
agent=$2
out=$3
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
cd "$root"
mkdir -p bin etc/init.d usr/sbin proc sys dev tmp run root
install -m 755 "$busybox" bin/busybox
for applet in $("$busybox" --list-full); do
  mkdir -p "$(dirname "$applet")"
  [ -e "$applet" ] || ln -s /bin/busybox "$applet"
done
cat > etc/inittab << 'END'
::sysinit:/bin/mount -t proc proc /proc
::sysinit:/bin/mount -o remount,rw /
::sysinit:/bin/mkdir -p /dev/pts /dev/shm
::sysinit:/bin/mount -a
::sysinit:/bin/hostname -F /etc/hostname
::sysinit:/etc/init.d/rcS
ttyS0::respawn:/sbin/getty -L ttyS0 115200 vt100
::shutdown:/bin/umount -a -r
END
cat > etc/fstab << 'END'
proc /proc proc defaults 0 0
devpts /dev/pts devpts gid=5,mode=620,ptmxmode=0666 0 0
tmpfs /run tmpfs mode=0755 0 0
sysfs /sys sysfs defaults 0 0
END
cat > etc/init.d/rcS << 'END'
#!/bin/sh
for script in /etc/init.d/S??*; do "$script" start; done
END
chmod 755 etc/init.d/rcS
echo warmboot > etc/hostname
echo 'root::0:0:root:/root:/bin/sh' > etc/passwd
echo 'root:x:0:' > etc/group
cp -R "$here/../board/warmboot/rootfs-overlay/." .
install -m 755 "$agent" usr/sbin/warmboot-agent
"$here/../board/warmboot/post-build.sh" "$root"
PATH=$PATH:/usr/sbin:/sbin mke2fs -q -t ext4 -O ^64bit -F -E root_owner=0:0 -d "$root" "$out" 64M
