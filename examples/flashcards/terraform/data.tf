resource "aws_dynamodb_table" "users" {
  name         = "flashcards-users-${var.environment}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "username"

  attribute {
    name = "username"
    type = "S"
  }

  point_in_time_recovery {
    enabled = local.is_prod
  }
}

resource "aws_dynamodb_table" "sessions" {
  name         = "flashcards-sessions-${var.environment}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "username"

  attribute {
    name = "username"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }
}

resource "aws_dynamodb_table" "locks" {
  name         = "flashcards-locks-${var.environment}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "username"

  attribute {
    name = "username"
    type = "S"
  }
}

# one SQLite file per user
resource "aws_s3_bucket" "user_dbs" {
  bucket = "flashcards-user-dbs-${var.environment}-${data.aws_caller_identity.current.account_id}"
}

resource "aws_s3_bucket_public_access_block" "user_dbs" {
  bucket                  = aws_s3_bucket.user_dbs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
