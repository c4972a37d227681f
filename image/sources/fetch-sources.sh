#!/bin/sh
# fetch-sources.sh OUT: downloads Debian's packages with the kernel source, the firmware, and the C library and kernel headers the
# agent is built with, and unpacks them to OUT/<package>/. OUT/versions lists "package version source source-version".
# apt runs with its own lists and cache in OUT: the host's configuration is neither read nor changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(realpath "$1")
: "${DEBIAN_MIRROR:=http://deb.debian.org/debian}"
packages=$(sed -e 's/#.*//' -e '/^ *$/d' "$here/packages.txt")

rm -rf "$out/debs"
mkdir -p "$out/apt/lists/partial" "$out/apt/cache/archives/partial" "$out/apt/etc" "$out/apt/none" "$out/debs"
: > "$out/apt/status"
: > "$out/apt/etc/apt.conf"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $DEBIAN_MIRROR trixie main" > "$out/apt/etc/sources.list"
export APT_CONFIG="$out/apt/etc/apt.conf"
private_apt() {
  apt-get -qq -o Dir::State::Lists="$out/apt/lists" -o Dir::State::status="$out/apt/status" -o Dir::Cache="$out/apt/cache" \
    -o Dir::Etc::SourceList="$out/apt/etc/sources.list" -o Dir::Etc::SourceParts="$out/apt/none" \
    -o Dir::Etc::Preferences="$out/apt/none/preferences" -o Dir::Etc::PreferencesParts="$out/apt/none" \
    -o APT::Architecture=amd64 -o APT::Architectures=amd64,i386 -o APT::Sandbox::User= "$@"
}
private_apt update
cd "$out/debs"
# shellcheck disable=SC2086 # one word a package
private_apt download $packages

: > "$out/versions.tmp"
for deb in *.deb; do
  name=$(dpkg-deb -f "$deb" Package)
  rm -rf "${out:?}/$name"
  dpkg-deb -x "$deb" "$out/$name"
  # shellcheck disable=SC2016 # dpkg's own variables
  dpkg-deb -W --showformat='${Package} ${Version} ${source:Package} ${source:Version}\n' "$deb" >> "$out/versions.tmp"
done
sort "$out/versions.tmp" > "$out/versions"
rm "$out/versions.tmp"
