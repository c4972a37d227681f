#!/bin/sh
# Runs a command in a private network in which every address, of IPv4 and IPv6, leads to the command's own sockets: a listener on all addresses
# sees whatever is connected to, wherever it was meant to go. Two addresses are exceptions.
exec unshare --user --map-root-user --net sh -ec '
  ip link set lo up
  ip route add local 0.0.0.0/0 dev lo
  ip -6 route add local ::/0 dev lo
  # There is no way.
  ip route add unreachable 21.21.21.21/32 table local
  # An address of the computer itself.
  ip addr add 45.33.32.156/32 dev lo
  export WARMBOOT_LAB=1
  exec "$@"
' lab "$@"
