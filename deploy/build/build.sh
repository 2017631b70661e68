#!/usr/bin/env bash
# Builds the binary and shows that it is alive: the first build compiles Microsoft's Graph SDK.
set -euo pipefail
out=$1 tags=$2
command -v go >/dev/null || { echo "Go is not installed. See https://go.dev/doc/install, then run this again."; exit 1; }
mkdir -p "$(dirname "$out")"
if [ ! -x "$out" ]; then
	echo "Building $out. The first build takes 3 to 6 minutes, nearly all of it Microsoft's Graph SDK; later ones take seconds."
fi
start=$SECONDS
( while sleep 15; do echo "  … still building ($((SECONDS - start)) s)"; done ) &
alive=$!
trap 'kill $alive 2>/dev/null || true' EXIT
go build -tags "$tags" -ldflags '-s -w' -o "$out" ./backend/cmd/senddigitally
echo "Built in $((SECONDS - start)) s."
