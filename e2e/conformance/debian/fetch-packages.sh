#!/bin/sh
# fetch-packages.sh OUT STATUS PACKAGE...: downloads i386 packages of Debian 13 with whatever of their dependencies STATUS (a dpkg status
# file, that of the guest) does not have, and unpacks all of them to OUT/root. OUT/versions lists "package version".
# apt runs with its own lists and cache in OUT: the host's configuration is neither read nor changed.
set -eu
out=$(realpath "$1") status=$(realpath "$2")
shift 2
: "${DEBIAN_MIRROR:=http://deb.debian.org/debian}"

rm -rf "$out/root" "$out/versions"
mkdir -p "$out/lists/partial" "$out/cache/archives/partial" "$out/none" "$out/root"
: > "$out/apt.conf"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $DEBIAN_MIRROR trixie main" > "$out/sources.list"
export APT_CONFIG="$out/apt.conf"
private_apt() {
  apt-get -qq -o Dir::State::Lists="$out/lists" -o Dir::State::status="$status" -o Dir::Cache="$out/cache" \
    -o Dir::Etc::SourceList="$out/sources.list" -o Dir::Etc::SourceParts="$out/none" \
    -o Dir::Etc::Preferences="$out/none/preferences" -o Dir::Etc::PreferencesParts="$out/none" \
    -o APT::Architecture=i386 -o APT::Architectures=i386 -o APT::Sandbox::User= -o APT::Install-Recommends=false "$@"
}
private_apt update
rm -f "$out"/cache/archives/*.deb
private_apt --yes --download-only install "$@"
for deb in "$out"/cache/archives/*.deb; do
  dpkg-deb -x "$deb" "$out/root"
  # shellcheck disable=SC2016 # dpkg's own variables
  dpkg-deb -W --showformat='${Package} ${Version}\n' "$deb" >> "$out/versions"
done
rm -rf "$out/root/usr/share/doc" "$out/root/usr/share/man" "$out/root/usr/share/locale"
