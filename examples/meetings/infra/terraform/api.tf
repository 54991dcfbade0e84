resource "aws_apigatewayv2_api" "meetings" {
  name          = local.name
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.meetings.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_apigatewayv2_authorizer" "google" {
  api_id           = aws_apigatewayv2_api.meetings.id
  name             = "google"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = "https://accounts.google.com"
    audience = [var.google_client_id]
  }
}

locals {
  api_functions = {
    auth_exchange  = aws_lambda_function.auth_exchange
    presign_upload = aws_lambda_function.presign_upload
    list_meetings  = aws_lambda_function.list_meetings
    get_meeting    = aws_lambda_function.get_meeting
  }

  user_routes = {
    "POST /meetings"                    = "presign_upload"
    "POST /meetings/{meetingId}/chunks" = "presign_upload"
    "GET /meetings"                     = "list_meetings"
    "GET /meetings/{meetingId}"         = "get_meeting"
  }
}

resource "aws_apigatewayv2_integration" "function" {
  for_each = local.api_functions

  api_id                 = aws_apigatewayv2_api.meetings.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = each.value.invoke_arn
  payload_format_version = "2.0"
}

# the app has no credentials yet when it calls this one
resource "aws_apigatewayv2_route" "auth_exchange" {
  api_id    = aws_apigatewayv2_api.meetings.id
  route_key = "POST /auth/exchange"
  target    = "integrations/${aws_apigatewayv2_integration.function["auth_exchange"].id}"
}

resource "aws_apigatewayv2_route" "user" {
  for_each = local.user_routes

  api_id             = aws_apigatewayv2_api.meetings.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.function[each.value].id}"
  authorization_type = "JWT"
  authorizer_id      = aws_apigatewayv2_authorizer.google.id
}

resource "aws_lambda_permission" "api" {
  for_each = local.api_functions

  action        = "lambda:InvokeFunction"
  function_name = each.value.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.meetings.execution_arn}/*/*"
}
