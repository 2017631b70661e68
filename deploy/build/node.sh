# Sourced: puts a current Node first on the PATH, where deploy/build/tools.sh has put one.
tools="$(git rev-parse --show-toplevel)/.tools/node_modules/.bin"
if [ -x "$tools/node" ]; then export PATH="$tools:$PATH"; fi
