locals {
  routes = {
    health        = "GET /api/health"
    register      = "POST /api/register"
    login         = "POST /api/login"
    refresh       = "POST /api/refresh"
    session_start = "POST /api/session/start"
    session_end   = "POST /api/session/end"
    list_decks    = "GET /api/decks"
    create_deck   = "POST /api/decks"
    delete_deck   = "DELETE /api/decks/{deckId}"
    list_cards    = "GET /api/decks/{deckId}/cards"
    create_card   = "POST /api/decks/{deckId}/cards"
    update_card   = "PUT /api/cards/{cardId}"
    delete_card   = "DELETE /api/cards/{cardId}"
    next_review   = "GET /api/review/next"
    answer_review = "POST /api/review"
    stats         = "GET /api/stats"
    export        = "GET /api/export"
  }
}

resource "aws_apigatewayv2_api" "http" {
  name          = "flashcards-${var.environment}"
  protocol_type = "HTTP"

  cors_configuration {
    allow_origins = ["*"]
    allow_methods = ["GET", "POST", "PUT", "DELETE"]
    allow_headers = ["authorization", "content-type"]
    max_age       = 600
  }
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.http.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_apigatewayv2_integration" "api" {
  api_id                 = aws_apigatewayv2_api.http.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = aws_lambda_function.api.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "api" {
  for_each = local.routes

  api_id    = aws_apigatewayv2_api.http.id
  route_key = each.value
  target    = "integrations/${aws_apigatewayv2_integration.api.id}"
}

resource "aws_lambda_permission" "api" {
  for_each = local.routes

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.api.function_name
  principal     = "apigateway.amazonaws.com"
  # one segment of any value for each path parameter
  source_arn = "${aws_apigatewayv2_api.http.execution_arn}/*/${replace(replace(each.value, " ", ""), "/{\\w+}/", "*")}"
}
