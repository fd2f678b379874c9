#!/bin/sh
# Rebuilds the committed front-end files in service/static/vendor from the pinned npm packages.
set -eu
cd "$(dirname "$0")/.."
npm ci --no-audit --no-fund --ignore-scripts --loglevel=error

out=service/static/vendor
from=node_modules
rm -rf "$out"
mkdir -p "$out/fonts" "$out/licenses"

cp "$from/bootstrap/dist/css/bootstrap.min.css" "$out/bootstrap.min.css"
cp "$from/htmx.org/dist/htmx.min.js" "$out/htmx.min.js"
for subset in latin latin-ext; do
  cp "$from/@fontsource-variable/schibsted-grotesk/files/schibsted-grotesk-$subset-wght-normal.woff2" "$out/fonts/"
done
"$from/.bin/esbuild" tools/echarts-parts.js --bundle --minify --format=iife --global-name=echarts \
  --target=es2018 --charset=utf8 --legal-comments=inline --log-level=warning --outfile="$out/echarts.min.js"

cp "$from/bootstrap/LICENSE" "$out/licenses/bootstrap.txt"
cp "$from/htmx.org/LICENSE" "$out/licenses/htmx.txt"
cp "$from/echarts/LICENSE" "$out/licenses/echarts.txt"
cp "$from/echarts/NOTICE" "$out/licenses/echarts-notice.txt"
cp "$from/zrender/LICENSE" "$out/licenses/zrender.txt"
cp "$from/tslib/LICENSE.txt" "$out/licenses/tslib.txt"
cp "$from/@fontsource-variable/schibsted-grotesk/LICENSE" "$out/licenses/schibsted-grotesk.txt"

# What a PDF embeds, made of the web fonts.
.venv/bin/python tools/fonts.py

# A source map that is not shipped is a 404 in every browser console.
for file in "$out"/*.js "$out"/*.css; do
  sed -i -e 's|//# sourceMappingURL=.*$||' -e 's|/\*# sourceMappingURL=[^*]*\*/||' "$file"
done
chmod 644 "$out"/*.* "$out"/fonts/* "$out"/licenses/*

mkdir -p tests/fixtures
cp "$from/axe-core/axe.min.js" tests/fixtures/axe.min.js
sed -i -e 's|//# sourceMappingURL=.*$||' tests/fixtures/axe.min.js
cp "$from/axe-core/LICENSE" tests/fixtures/axe-LICENSE.txt
chmod 644 tests/fixtures/axe*
