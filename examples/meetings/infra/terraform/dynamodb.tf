# Summaries and action items are personal data: encrypted with a key of our own, which we can
# revoke.
resource "aws_kms_key" "dynamodb" {
  description             = "Meetings table"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "dynamodb" {
  name          = "alias/${local.name}-dynamodb"
  target_key_id = aws_kms_key.dynamodb.key_id
}

# One table. Items of a user stand under pk = USER#<id>:
#   MEETING#<id>                      the meeting
#   MEETING#<id>#PARTICIPANT#<name>   the meeting again, to be found by a participant
#   MEETING#<id>#TAG#<tag>            the meeting again, to be found by a tag
resource "aws_dynamodb_table" "meetings" {
  name         = "${local.name}-meetings"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  attribute {
    name = "user_id"
    type = "S"
  }

  attribute {
    name = "started_at"
    type = "S"
  }

  attribute {
    name = "participant"
    type = "S"
  }

  attribute {
    name = "tag"
    type = "S"
  }

  # GSI-1: the meetings of a user by date
  global_secondary_index {
    name            = "DateSearch"
    hash_key        = "user_id"
    range_key       = "started_at"
    projection_type = "ALL"
  }

  # GSI-2: by participant
  global_secondary_index {
    name            = "ParticipantSearch"
    hash_key        = "participant"
    range_key       = "started_at"
    projection_type = "ALL"
  }

  # GSI-3: by tag
  global_secondary_index {
    name            = "TagSearch"
    hash_key        = "tag"
    range_key       = "started_at"
    projection_type = "ALL"
  }

  point_in_time_recovery {
    enabled = var.environment == "prod"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.dynamodb.arn
  }
}
