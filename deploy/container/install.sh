#!/bin/sh
# Installs Hansou from a folder with its wheel, and leaves out what serving does not take.
#   sh install.sh DESTINATION FOLDER
set -eu
destination=$1
wheel=$(ls "$2"/hansou-*.whl)
python3 -m venv "$destination"
"$destination/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check "$wheel[fast]"
"$destination/bin/pip" uninstall --quiet --yes pip setuptools 2>/dev/null || true
find "$destination" -depth -type d \( -name tests -o -name test \) -exec rm -rf {} +
find "$destination" -name '*.c' -delete
# The root is read-only: what Python would compile at the first start is compiled here, once.
find "$destination" -depth -type d -name __pycache__ -exec rm -rf {} +
python3 -m compileall -q -j 0 "$destination/lib" || true
