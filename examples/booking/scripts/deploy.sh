#!/bin/sh
# scripts/deploy.sh dev|prod: deploys the application. SLACK_BOT_TOKEN and ARTIFACTS (a bucket) come from the environment.
set -eu
cd "$(dirname "$0")/../infrastructure"

(cd ../node && npm install --omit=dev)
aws cloudformation package --template-file app.yaml --s3-bucket "$ARTIFACTS" --output-template-file /tmp/booking.yaml
aws cloudformation deploy --template-file /tmp/booking.yaml --stack-name "booking-$1" \
  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
  --parameter-overrides "file://parameters/$1.json" "SlackBotToken=$SLACK_BOT_TOKEN"
