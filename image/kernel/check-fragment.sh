#!/bin/sh
# check-fragment.sh FRAGMENT CONFIG: fails, naming each symbol, when a line of the fragment is not in effect in the config.
set -eu
fragment=$1
config=$2
failed=0
while IFS= read -r line; do
  case $line in CONFIG_*) ;; *) continue ;; esac
  symbol=${line%%=*}
  actual=$(grep "^$symbol=" "$config" || echo "$symbol=n")
  if [ "$actual" != "$line" ]; then
    echo "kernel fragment: $line is not in effect, the kernel has $actual" >&2
    failed=1
  fi
done < "$fragment"
exit "$failed"
