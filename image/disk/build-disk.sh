#!/bin/sh
# build-disk.sh ROOTFS.tar OUT.raw: makes the root disk, an ext4 file system on the bare disk, the same bytes every time, and
# OUT.raw.agent, the numbers of the blocks that are kept free for the agent's program (see src/place-agent.ts).
# Needs e2fsprogs and fakeroot; no root.
set -eu
rootfs=$(realpath "$1")
out=$(realpath "$2")
: "${SOURCE_DATE_EPOCH:?}" "${DISK_SIZE:?}" "${DISK_UUID:?}" "${DISK_HASH_SEED:?}" "${AGENT_SIZE:?}"
export rootfs out AGENT_SIZE

# WHY: on tmpfs. mke2fs takes the files in the order readdir gives, which there is the order they were made in, reversed.
tree=$(mktemp -d -p /dev/shm)
export tree
trap 'rm -rf "$tree"' EXIT

rm -f "$out"
# WHY no metadata_csum: every chunk is checked on the host, and the emulated CPU would compute each sum again.
# WHY packed_meta_blocks: the boot finds all metadata, the journal included, in the first few chunks.
# shellcheck disable=SC2016
fakeroot sh -euc '
  tar -x -p --numeric-owner --xattrs --exclude="./dev/*" --exclude="./run/*" --exclude="./tmp/*" -C "$tree" -f "$rootfs"
  # Not zeros: those would become a hole.
  head -c "$AGENT_SIZE" /dev/zero | tr "\\0" "\\377" > "$tree/usr/sbin/warmboot-agent"
  chmod 755 "$tree/usr/sbin/warmboot-agent"
  find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -F -t ext4 -b 4096 -I 256 -N 262144 -m 0 -L warmboot -U "$DISK_UUID" \
    -O ^metadata_csum,^resize_inode,meta_bg,^64bit,^orphan_file,^huge_file -J size=16 \
    -E "lazy_itable_init=0,lazy_journal_init=0,nodiscard,packed_meta_blocks=1,root_owner=0:0,hash_seed=$DISK_HASH_SEED" \
    -d "$tree" "$out" "$DISK_SIZE"
'

# mke2fs copies the time of the last change of each inode, which cannot be set on a file: set it on the disk.
used=$(dumpe2fs -h "$out" 2> /dev/null | awk -F: '/^Inode count/ { n = $2 } /^Free inodes/ { print n - $2 }')
inode=1
while [ "$inode" -lt "$used" ]; do
  inode=$((inode + 1))
  # Inodes 3 to 10 are reserved; 8 is the journal.
  case $inode in 3 | 4 | 5 | 6 | 7 | 9 | 10) continue ;; esac
  for field in atime ctime crtime; do echo "set_inode_field <$inode> $field @$SOURCE_DATE_EPOCH"; done
  for field in atime_extra ctime_extra mtime_extra crtime_extra; do echo "set_inode_field <$inode> $field 0"; done
done > "$out.times"
E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH debugfs -w -f "$out.times" "$out" > "$out.log" 2>&1
rm -f "$out.times" "$out.log"
e2fsck -fn "$out" > /dev/null 2>&1
debugfs -R "blocks /usr/sbin/warmboot-agent" "$out" 2> /dev/null > "$out.agent"
