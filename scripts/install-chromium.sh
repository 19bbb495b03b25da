#!/bin/sh
# Installs Debian's Chromium where there is none: the tests in test/node/browser drive it.
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then
    echo "Chromium is there: $(command -v "$name")"
    exit 0
  fi
done
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update
$sudo apt-get install --yes --no-install-recommends chromium fonts-liberation
