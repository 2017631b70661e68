#!/usr/bin/env bash
# Installs what the tests need, as far as it may; otherwise says the exact line to type.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"

PATH=$PATH:/usr/sbin # clamd's
declare -A package=([redis-server]=redis-server [chromium]=chromium [xmllint]=libxml2-utils [clamd]=clamav-daemon)
missing=()
for program in "${!package[@]}"; do
	command -v "$program" >/dev/null || missing+=("${package[$program]}")
done
command -v npm >/dev/null || missing+=(nodejs npm)
if [ ${#missing[@]} -gt 0 ]; then
	install="apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${missing[*]}"
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "Installing ${missing[*]}"
		bash -c "$install" >/dev/null
	else
		echo "The tests need ${missing[*]}. Please run:  sudo bash -c '$install'"
		exit 1
	fi
fi

# Vite needs Node 20.19 or newer; Debian's may be older, then npm's own package of it is used.
current() { node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||a==20&&b>=19?0:1)' 2>/dev/null; }
if ! current && ! [ -x .tools/node_modules/.bin/node ]; then
	echo "Installing a current Node into .tools"
	npm install --no-audit --no-fund --prefix .tools node@22 >/dev/null
fi

# The object stores that the drivers are tested against; without them those tests are skipped.
if ! [ -x .tools/node_modules/.bin/azurite-blob ]; then
	echo "Installing an Azure Blob emulator into .tools"
	npm install --no-audit --no-fund --omit=dev --prefix .tools azurite@3.35.0 >/dev/null || echo "azurite cannot be had: the tests of Azure Blob are skipped"
fi
if ! [ -x .tools/bin/versitygw ]; then
	echo "Building an S3 server into .tools"
	GOBIN="$PWD/.tools/bin" go install github.com/versity/versitygw/cmd/versitygw@v1.8.0 || echo "versitygw cannot be had: the tests of S3 are skipped"
fi
