#!/bin/sh
# Usage: scripts/publish-frontend.sh BUCKET API_URL
set -eu
cd "$(dirname "$0")/.."
site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
cp frontend/* "$site"
echo "window.API_URL = \"$2\";" > "$site/config.js"
aws s3 sync "$site" "s3://$1" --delete
