#!/usr/bin/env bash
# Builds what the recipients' and staff's pages load, from its sources.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
. deploy/build/node.sh
for project in backend/web/design/source backend/portal/client; do
	( cd "$project" && npm ci --no-audit --no-fund --silent && npm run --silent build )
done
