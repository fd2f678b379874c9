#!/bin/sh
# Finds Chromium, and installs the system's where that is allowed. Tests say so where there is none.
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing chromium"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || true
fi
command -v chromium >/dev/null 2>&1 || echo "no Chromium here: the browser tests will say so"
exit 0
