#!/bin/sh
# customize.sh ROOT: turns a fresh Debian root into ours: our files, one user, no leftovers. Runs as ROOT's root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${LOCAL_VERSION:?}"
root=$1

# Git needs Perl (45 MB with its modules) and the manual only for extras that are not in the image. Its entry in dpkg's
# database says so, under a version of its own, so that apt agrees; a package that does need Perl, or the next version of git,
# brings the whole of it.
sed -i "/^Package: git\$/,/^\$/ {
  s/^Version: .*/&$LOCAL_VERSION/
  s/, perl, liberror-perl\(, git-man ([^)]*)\)*//
}" "$root/var/lib/dpkg/status"
chroot "$root" apt-get --quiet --yes purge --autoremove liberror-perl git-man perl
chroot "$root" git version

chroot "$root" passwd --quiet --delete root
cp -R --no-preserve=all "$here/overlay/." "$root/"
chmod 700 "$root/root"
# mmdebstrap's copies of these were executable, and cp keeps the mode of what is there.
chmod 644 "$root/etc/hostname" "$root/etc/resolv.conf"
# Debian leaves the right to ping to systemd's settings or to a capability.
chmod u+s "$root/usr/bin/ping"
chroot "$root" useradd --create-home --uid 1000 --shell /bin/bash user
chroot "$root" passwd --quiet --delete user
# mmdebstrap's own settings for the build; ours are in the overlay.
rm -f "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d/0000"*.list "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap" \
  "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/"*- "$root/etc/.pwd.lock"

# Git's package has its binary twice, and GNU envsubst linked with all of git.
ln -sf ../../bin/git "$root/usr/lib/git-core/git"
ln -sf ../../bin/envsubst "$root/usr/lib/git-core/git-sh-i18n--envsubst"

# iconv: the encodings that are met in practice. The cache is made again, so that it lists what is there.
gconv=$root/usr/lib/i386-linux-gnu/gconv
for module in "$gconv"/*.so; do
  case ${module##*/} in
    CP1252.so | ISO8859-1.so | ISO8859-15.so | UNICODE.so | UTF-16.so | UTF-32.so | UTF-7.so) ;;
    *) rm "$module" ;;
  esac
done
chroot "$root" iconvconfig

# Vim: of 700 file types the ones in vim-languages.txt.
for kind in syntax ftplugin indent; do
  for script in "$root/usr/share/vim/vim91/$kind"/*.vim; do
    name=${script##*/}
    grep -qx "${name%.vim}" "$here/vim-languages.txt" || rm "$script"
  done
done

# dpkg: the sums are for `dpkg --verify`, which has nothing to compare with after what follows. Without the files it complains.
for sums in "$root"/var/lib/dpkg/info/*.md5sums; do : > "$sums"; done

# debconf: the questions in one language.
for templates in "$root"/var/lib/dpkg/info/*.templates "$root/var/cache/debconf/templates.dat"; do
  awk '/^[A-Za-z_]+-[a-z][a-z][a-z]?[_@.A-Za-z0-9-]*:/ { skip = 1; next } /^[^ ]/ || /^$/ { skip = 0 } !skip' "$templates" \
    > "$root/tmp/templates"
  cat "$root/tmp/templates" > "$templates"
done
rm "$root/tmp/templates"

cd "$root"
sed -e 's/#.*//' -e '/^ *$/d' "$here/trim.txt" | while read -r pattern; do
  # WHY: unquoted on purpose, these are patterns.
  # shellcheck disable=SC2086
  rm -rf -- $pattern
done
find usr/lib/python3* -name '*.opt-[12].pyc' -delete
for name in init reboot poweroff halt; do ln -sf warmboot-agent usr/sbin/$name; done
