#!/bin/sh
# check-kconfig.sh TREE: configures a kernel tree as Buildroot does, and fails when a line of the fragments is not in effect or when a
# symbol is on that is on neither in the default image's kernel nor in left-on.txt.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
fragment=$here/../../kernel/fragment.config
ours=$here/../board/warmboot/linux-6.6.config
cd "$1"
kmake() { make -s ARCH=i386 CROSS_COMPILE="${CROSS_COMPILE:-i686-linux-gnu-}" "$@"; }
symbols_on() { sed -n 's/^CONFIG_\([A-Z0-9a-z_]*\)=.*/\1/p' "$1" | sort; }

KCONFIG_ALLCONFIG=$fragment kmake allnoconfig
symbols_on .config > ../intended
cp "$fragment" .config
scripts/kconfig/merge_config.sh -m -O . .config "$ours" > ../merge.log
kmake olddefconfig
for file in "$fragment" "$ours"; do "$here/../../kernel/check-fragment.sh" "$file" .config; done

symbols_on .config | comm -13 ../intended - > ../more
if unknown=$(grep -vxF -f "$here/left-on.txt" ../more); then
  printf 'on without being asked for:\n%s\n' "$unknown" >&2
  exit 1
fi
echo "Linux $(kmake kernelversion): every line is in effect; left on: $(tr '\n' ' ' < ../more)"
