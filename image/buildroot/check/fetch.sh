#!/bin/sh
# fetch.sh OUT SUITE PACKAGE...: downloads Debian packages of a suite and unpacks them to OUT. apt runs with its own lists and cache in
# OUT: the computer's configuration is neither read nor changed.
set -eu
: "${DEBIAN_MIRROR:=http://deb.debian.org/debian}"
mkdir -p "$1"
out=$(realpath "$1")
suite=$2
shift 2
apt=$out/.apt-$suite
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/none" "$apt/debs"
: > "$apt/status"
: > "$apt/apt.conf"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $DEBIAN_MIRROR $suite main" > "$apt/sources.list"
export APT_CONFIG="$apt/apt.conf"
private_apt() {
  apt-get -qq -o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" \
    -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts="$apt/none" \
    -o Dir::Etc::Preferences="$apt/none/preferences" -o Dir::Etc::PreferencesParts="$apt/none" \
    -o APT::Architecture=amd64 -o APT::Architectures=amd64,i386 -o APT::Sandbox::User= "$@"
}
private_apt update
cd "$apt/debs"
private_apt download "$@"
for deb in *.deb; do dpkg-deb -x "$deb" "$out"; done
