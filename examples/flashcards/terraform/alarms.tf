resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "flashcards-${var.environment}-lambda-high-error-rate"
  alarm_description   = "Alert if Lambda error count exceeds 5 in 10 minutes"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.api.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "flashcards-${var.environment}-api-high-latency"
  alarm_description   = "Alert if API Gateway latency exceeds 2s"
  namespace           = "AWS/ApiGateway"
  metric_name         = "Latency"
  dimensions          = { ApiId = aws_apigatewayv2_api.http.id }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 2000
}

resource "aws_cloudwatch_metric_alarm" "dynamodb_throttles" {
  alarm_name          = "flashcards-${var.environment}-dynamodb-throttles"
  alarm_description   = "Alert on any DynamoDB throttling"
  namespace           = "AWS/DynamoDB"
  metric_name         = "UserErrors"
  dimensions          = { TableName = aws_dynamodb_table.sessions.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
}
