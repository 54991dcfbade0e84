#!/bin/sh
# scripts/publish-sites.sh BUCKET DISTRIBUTION: builds the booking page and uploads both sites.
set -eu
cd "$(dirname "$0")/../sites"

(cd book && npm install && npm run build)
aws s3 sync book "s3://$1/book" --exclude "node_modules/*" --exclude "src/*" --exclude "package*.json"
aws s3 sync meet "s3://$1/meet"
aws cloudfront create-invalidation --distribution-id "$2" --paths "/*"
