#!/bin/sh
# Pins what pyproject.toml asks for: versions and hashes, no addresses.
set -e
compile=".venv/bin/pip-compile -q --generate-hashes --allow-unsafe --no-header --no-annotate --no-strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host"
$compile -o requirements/run.txt pyproject.toml
$compile -o requirements/openedx.txt requirements/openedx.in
$compile --extra dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml
