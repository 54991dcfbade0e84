# chunks/USER/MEETING/ is what the app uploads: 00000.mp4, 00001.mp4, ... and manifest.json;
# the pipeline makes video/USER/MEETING.mp4, audio/USER/MEETING.m4a and transcripts/USER/MEETING.txt
resource "aws_s3_bucket" "recordings" {
  bucket = "${local.name}-recordings-${local.account_id}"
}

resource "aws_s3_bucket_versioning" "recordings" {
  bucket = aws_s3_bucket.recordings.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "recordings" {
  bucket = aws_s3_bucket.recordings.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "recordings" {
  bucket                  = aws_s3_bucket.recordings.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# recordings are big and hardly looked at after a month
resource "aws_s3_bucket_lifecycle_configuration" "recordings" {
  bucket = aws_s3_bucket.recordings.id

  rule {
    id     = "chunks"
    status = "Enabled"

    filter {
      prefix = "chunks/"
    }

    transition {
      days          = 7
      storage_class = "GLACIER"
    }

    expiration {
      days = 60
    }
  }

  rule {
    id     = "audio"
    status = "Enabled"

    filter {
      prefix = "audio/"
    }

    transition {
      days          = 30
      storage_class = "GLACIER"
    }

    expiration {
      days = 365
    }
  }

  rule {
    id     = "video"
    status = "Enabled"

    filter {
      prefix = "video/"
    }

    transition {
      days          = 30
      storage_class = "GLACIER"
    }

    transition {
      days          = 120
      storage_class = "DEEP_ARCHIVE"
    }
  }

  rule {
    id     = "abort-multipart"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

# object events start the pipeline, see events.tf
resource "aws_s3_bucket_notification" "recordings" {
  bucket      = aws_s3_bucket.recordings.id
  eventbridge = true
}

data "aws_iam_policy_document" "recordings_bucket" {
  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.recordings.arn, "${aws_s3_bucket.recordings.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "AccessLogs"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.recordings.arn}/logs/s3-access/*"]

    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com"]
    }
  }
}

resource "aws_s3_bucket_policy" "recordings" {
  bucket = aws_s3_bucket.recordings.id
  policy = data.aws_iam_policy_document.recordings_bucket.json
}

resource "aws_s3_bucket_logging" "recordings" {
  count = var.environment == "prod" ? 1 : 0

  bucket        = aws_s3_bucket.recordings.id
  target_bucket = aws_s3_bucket.recordings.id
  target_prefix = "logs/s3-access/"
}
