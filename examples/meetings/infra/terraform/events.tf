# the app uploads manifest.json last
resource "aws_cloudwatch_event_rule" "recording_complete" {
  name = "${local.name}-recording-complete"

  event_pattern = jsonencode({
    source        = ["aws.s3"]
    "detail-type" = ["Object Created"]
    detail = {
      bucket = { name = [aws_s3_bucket.recordings.id] }
      object = { key = [{ wildcard = "chunks/*/manifest.json" }] }
    }
  })
}

resource "aws_cloudwatch_event_target" "pipeline" {
  rule     = aws_cloudwatch_event_rule.recording_complete.name
  arn      = aws_sfn_state_machine.pipeline.arn
  role_arn = aws_iam_role.events.arn
}
