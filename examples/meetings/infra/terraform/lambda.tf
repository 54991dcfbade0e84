locals {
  handlers = "${path.module}/../../processing/lambdas"
}

data "archive_file" "auth_exchange" {
  type        = "zip"
  source_dir  = "${local.handlers}/auth_exchange"
  output_path = "${path.module}/.build/auth_exchange.zip"
}

data "archive_file" "presign_upload" {
  type        = "zip"
  source_dir  = "${local.handlers}/presign_upload"
  output_path = "${path.module}/.build/presign_upload.zip"
}

data "archive_file" "list_meetings" {
  type        = "zip"
  source_dir  = "${local.handlers}/list_meetings"
  output_path = "${path.module}/.build/list_meetings.zip"
}

data "archive_file" "get_meeting" {
  type        = "zip"
  source_dir  = "${local.handlers}/get_meeting"
  output_path = "${path.module}/.build/get_meeting.zip"
}

data "archive_file" "transcribe_start" {
  type        = "zip"
  source_dir  = "${local.handlers}/transcribe_start"
  output_path = "${path.module}/.build/transcribe_start.zip"
}

data "archive_file" "transcribe_finish" {
  type        = "zip"
  source_dir  = "${local.handlers}/transcribe_finish"
  output_path = "${path.module}/.build/transcribe_finish.zip"
}

data "archive_file" "bedrock_summarize" {
  type        = "zip"
  source_dir  = "${local.handlers}/bedrock_summarize"
  output_path = "${path.module}/.build/bedrock_summarize.zip"
}

# --- API

resource "aws_lambda_function" "auth_exchange" {
  function_name    = "${local.name}-auth-exchange"
  filename         = data.archive_file.auth_exchange.output_path
  source_code_hash = data.archive_file.auth_exchange.output_base64sha256
  handler          = "handler.lambda_handler"
  runtime          = "python3.12"
  timeout          = 10
  memory_size      = 256
  role             = aws_iam_role.lambda.arn

  environment {
    variables = {
      ALLOWED_DOMAIN   = var.allowed_domain
      CLIENT_ROLE_ARN  = aws_iam_role.client.arn
      GOOGLE_CLIENT_ID = var.google_client_id
      LOG_LEVEL        = var.log_level
    }
  }
}

resource "aws_lambda_function" "presign_upload" {
  function_name    = "${local.name}-presign-upload"
  filename         = data.archive_file.presign_upload.output_path
  source_code_hash = data.archive_file.presign_upload.output_base64sha256
  handler          = "handler.lambda_handler"
  runtime          = "python3.12"
  timeout          = 10
  memory_size      = 256
  role             = aws_iam_role.lambda.arn

  environment {
    variables = {
      MEETINGS_TABLE    = aws_dynamodb_table.meetings.name
      RECORDINGS_BUCKET = aws_s3_bucket.recordings.id
    }
  }
}

resource "aws_lambda_function" "list_meetings" {
  function_name    = "${local.name}-list-meetings"
  filename         = data.archive_file.list_meetings.output_path
  source_code_hash = data.archive_file.list_meetings.output_base64sha256
  handler          = "handler.lambda_handler"
  runtime          = "python3.12"
  timeout          = 10
  memory_size      = 256
  role             = aws_iam_role.lambda.arn

  environment {
    variables = {
      MEETINGS_TABLE = aws_dynamodb_table.meetings.name
    }
  }
}

resource "aws_lambda_function" "get_meeting" {
  function_name    = "${local.name}-get-meeting"
  filename         = data.archive_file.get_meeting.output_path
  source_code_hash = data.archive_file.get_meeting.output_base64sha256
  handler          = "handler.lambda_handler"
  runtime          = "python3.12"
  timeout          = 10
  memory_size      = 256
  role             = aws_iam_role.lambda.arn

  environment {
    variables = {
      MEETINGS_TABLE    = aws_dynamodb_table.meetings.name
      RECORDINGS_BUCKET = aws_s3_bucket.recordings.id
    }
  }
}

# --- pipeline

resource "aws_lambda_function" "transcribe_start" {
  function_name    = "${local.name}-transcribe-start"
  filename         = data.archive_file.transcribe_start.output_path
  source_code_hash = data.archive_file.transcribe_start.output_base64sha256
  handler          = "handler.lambda_handler"
  runtime          = "python3.12"
  timeout          = 60
  memory_size      = 512
  role             = aws_iam_role.lambda.arn

  environment {
    variables = {
      RECORDINGS_BUCKET = aws_s3_bucket.recordings.id
    }
  }
}

resource "aws_lambda_function" "transcribe_finish" {
  function_name    = "${local.name}-transcribe-finish"
  filename         = data.archive_file.transcribe_finish.output_path
  source_code_hash = data.archive_file.transcribe_finish.output_base64sha256
  handler          = "handler.lambda_handler"
  runtime          = "python3.12"
  timeout          = 60
  memory_size      = 512
  role             = aws_iam_role.lambda.arn

  environment {
    variables = {
      RECORDINGS_BUCKET = aws_s3_bucket.recordings.id
    }
  }
}

resource "aws_lambda_function" "bedrock_summarize" {
  function_name    = "${local.name}-bedrock-summarize"
  filename         = data.archive_file.bedrock_summarize.output_path
  source_code_hash = data.archive_file.bedrock_summarize.output_base64sha256
  handler          = "handler.lambda_handler"
  runtime          = "python3.12"
  timeout          = 900
  memory_size      = 1024
  role             = aws_iam_role.lambda.arn

  environment {
    variables = {
      BEDROCK_MODEL_ID  = var.bedrock_model_id
      MEETINGS_TABLE    = aws_dynamodb_table.meetings.name
      RECORDINGS_BUCKET = aws_s3_bucket.recordings.id
    }
  }
}

