#!/bin/sh
# Installs Debian's Chromium where there is none: the tests in test/node/browser drive it.
# With --unasked, as `npm test` calls it, only where that needs no password; the tests say what to do where it is missing.
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
sudo=""
if [ "$(id -u)" != 0 ]; then
  if [ "${1-}" = --unasked ]; then exit 0; fi
  sudo=sudo
fi
if [ "${1-}" = --unasked ] && ! command -v apt-get >/dev/null; then exit 0; fi
$sudo apt-get update
$sudo apt-get install --yes --no-install-recommends chromium fonts-liberation
