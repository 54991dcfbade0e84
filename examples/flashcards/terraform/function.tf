data "archive_file" "app" {
  type        = "zip"
  source_dir  = "${path.module}/../app"
  output_path = "${path.module}/.build/app.zip"
}

resource "aws_lambda_function" "api" {
  function_name    = "flashcards-api-${var.environment}"
  description      = "All routes of the flashcards API"
  filename         = data.archive_file.app.output_path
  source_code_hash = data.archive_file.app.output_base64sha256
  handler          = "handler.lambda_handler"
  runtime          = "python3.12"
  memory_size      = 512
  timeout          = 30
  role             = aws_iam_role.api.arn

  environment {
    variables = {
      USERS_TABLE               = aws_dynamodb_table.users.name
      SESSIONS_TABLE            = aws_dynamodb_table.sessions.name
      LOCKS_TABLE               = aws_dynamodb_table.locks.name
      USER_DBS_BUCKET           = aws_s3_bucket.user_dbs.id
      JWT_SECRET                = var.jwt_secret
      JWT_ACCESS_TOKEN_EXPIRES  = "3600"
      JWT_REFRESH_TOKEN_EXPIRES = "2592000"
      SESSION_SECONDS           = "60"
      FLUSH_EVERY               = "8"
      LOG_LEVEL                 = var.log_level
    }
  }
}

data "aws_iam_policy_document" "lambda_assumes" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "api" {
  statement {
    actions = [
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:DeleteItem",
    ]
    resources = [
      aws_dynamodb_table.users.arn,
      aws_dynamodb_table.sessions.arn,
      aws_dynamodb_table.locks.arn,
    ]
  }

  statement {
    actions = [
      "s3:GetObject",
      "s3:PutObject",
    ]
    resources = ["${aws_s3_bucket.user_dbs.arn}/*"]
  }

  # without it S3 answers 403 instead of 404 for a user who has no database yet
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.user_dbs.arn]
  }
}

resource "aws_iam_role" "api" {
  assume_role_policy = data.aws_iam_policy_document.lambda_assumes.json
}

resource "aws_iam_role_policy" "api" {
  name   = "ApiFunctionRolePolicy0"
  role   = aws_iam_role.api.id
  policy = data.aws_iam_policy_document.api.json
}

resource "aws_iam_role_policy_attachment" "api_logs" {
  role       = aws_iam_role.api.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
