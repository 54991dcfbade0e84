output "api_url" {
  description = "For the settings of the macOS app"
  value       = aws_apigatewayv2_api.meetings.api_endpoint
}

output "recordings_bucket" {
  value = aws_s3_bucket.recordings.id
}

output "ffmpeg_repository" {
  description = "Where to push the FFmpeg image"
  value       = aws_ecr_repository.ffmpeg.repository_url
}

output "pipeline_arn" {
  value = aws_sfn_state_machine.pipeline.arn
}
