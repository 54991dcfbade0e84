#!/bin/sh
# What the stack is doing today. Usage: scripts/status.sh API_ID [dev|prod]
set -e
API_ID=$1
ENVIRONMENT=${2:-prod}
TODAY=$(date -u +%Y-%m-%d)

echo "Invocations"
aws cloudwatch get-metric-statistics \
  --namespace AWS/Lambda --metric-name Invocations \
  --dimensions "Name=FunctionName,Value=flashcards-api-$ENVIRONMENT" \
  --start-time "${TODAY}T00:00:00Z" --end-time "${TODAY}T23:59:59Z" --period 3600 --statistics Sum

echo "Token lifetime (seconds)"
aws lambda get-function-configuration --function-name "flashcards-api-$ENVIRONMENT" \
  --query 'Environment.Variables.JWT_ACCESS_TOKEN_EXPIRES'

echo "CORS"
aws apigatewayv2 get-api --api-id "$API_ID" --query CorsConfiguration

echo "Throttling"
aws apigatewayv2 get-stage --api-id "$API_ID" --stage-name $LATEST \
  --query 'DefaultRouteSettings.ThrottlingRateLimit'

echo "Alarms"
aws cloudwatch describe-alarms --alarm-name-prefix "flashcards-$ENVIRONMENT-" \
  --query 'MetricAlarms[].[AlarmName,StateValue]' --output table
