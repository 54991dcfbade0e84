resource "aws_sfn_state_machine" "pipeline" {
  name     = "${local.name}-pipeline"
  role_arn = aws_iam_role.states.arn

  definition = jsonencode({
    Comment = "From the uploaded chunks to a summary"
    StartAt = "ReadKey"
    States = {
      # chunks/USER/MEETING/manifest.json
      ReadKey = {
        Type = "Pass"
        Parameters = {
          "user_id.$"    = "States.ArrayGetItem(States.StringSplit($.detail.object.key, '/'), 1)"
          "meeting_id.$" = "States.ArrayGetItem(States.StringSplit($.detail.object.key, '/'), 2)"
        }
        Next = "MarkProcessing"
      }

      MarkProcessing = {
        Type     = "Task"
        Resource = "arn:aws:states:::dynamodb:updateItem"
        Parameters = {
          TableName = aws_dynamodb_table.meetings.name
          Key = {
            pk = { "S.$" = "States.Format('USER#{}', $.user_id)" }
            sk = { "S.$" = "States.Format('MEETING#{}', $.meeting_id)" }
          }
          UpdateExpression          = "SET #status = :processing"
          ExpressionAttributeNames  = { "#status" = "status" }
          ExpressionAttributeValues = { ":processing" = { S = "processing" } }
        }
        ResultPath = null
        Next       = "CombineChunks"
      }

      CombineChunks = {
        Type     = "Task"
        Resource = "arn:aws:states:::ecs:runTask.sync"
        Parameters = {
          LaunchType     = "FARGATE"
          Cluster        = aws_ecs_cluster.processing.arn
          TaskDefinition = aws_ecs_task_definition.ffmpeg.arn
          NetworkConfiguration = {
            AwsvpcConfiguration = {
              Subnets        = aws_subnet.private[*].id
              SecurityGroups = [aws_security_group.ffmpeg.id]
              AssignPublicIp = "DISABLED"
            }
          }
          Overrides = {
            ContainerOverrides = [
              {
                Name = "ffmpeg"
                Environment = [
                  { Name = "USER_ID", "Value.$" = "$.user_id" },
                  { Name = "MEETING_ID", "Value.$" = "$.meeting_id" },
                ]
              },
            ]
          }
        }
        ResultPath = null
        Next       = "StartTranscription"
      }

      StartTranscription = {
        Type     = "Task"
        Resource = "arn:aws:states:::lambda:invoke"
        Parameters = {
          FunctionName = aws_lambda_function.transcribe_start.arn
          "Payload.$"  = "$"
        }
        ResultSelector = { "job_name.$" = "$.Payload.job_name" }
        ResultPath     = "$.job"
        Next           = "WaitForTranscription"
      }

      WaitForTranscription = {
        Type    = "Wait"
        Seconds = 15
        Next    = "FinishTranscription"
      }

      FinishTranscription = {
        Type     = "Task"
        Resource = "arn:aws:states:::lambda:invoke"
        Parameters = {
          FunctionName = aws_lambda_function.transcribe_finish.arn
          "Payload.$"  = "$"
        }
        ResultSelector = { "status.$" = "$.Payload.status" }
        ResultPath     = "$.transcription"
        Next           = "IsTranscribed"
      }

      IsTranscribed = {
        Type = "Choice"
        Choices = [
          { Variable = "$.transcription.status", StringEquals = "COMPLETED", Next = "Summarize" },
          { Variable = "$.transcription.status", StringEquals = "FAILED", Next = "TranscriptionFailed" },
        ]
        Default = "WaitForTranscription"
      }

      TranscriptionFailed = {
        Type  = "Fail"
        Error = "TranscriptionFailed"
      }

      Summarize = {
        Type     = "Task"
        Resource = "arn:aws:states:::lambda:invoke"
        Parameters = {
          FunctionName = aws_lambda_function.bedrock_summarize.arn
          "Payload.$"  = "$"
        }
        ResultSelector = { "meeting_id.$" = "$.Payload.meeting_id" }
        End            = true
      }
    }
  })
}
