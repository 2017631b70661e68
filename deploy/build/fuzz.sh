#!/usr/bin/env bash
# Fuzzes every fuzz target of the module, one after the other.
set -euo pipefail
tags=$1 time=$2
grep -rlE '^func Fuzz' --include='*_test.go' routing backend manifest addin 2>/dev/null | xargs -n1 dirname | sort -u | while read -r dir; do
	for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go | awk '{print $2}'); do
		echo "== $dir $target"
		go test -tags "$tags" -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./$dir"
	done
done
