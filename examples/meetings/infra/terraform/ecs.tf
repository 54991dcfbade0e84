resource "aws_ecr_repository" "ffmpeg" {
  name = "${local.name}-ffmpeg"
}

resource "aws_ecs_cluster" "processing" {
  name = "${local.name}-processing"
}

resource "aws_cloudwatch_log_group" "ffmpeg" {
  name = "/ecs/${local.name}-ffmpeg"
}

resource "aws_ecs_task_definition" "ffmpeg" {
  family                   = "${local.name}-ffmpeg"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.ffmpeg_cpu
  memory                   = var.ffmpeg_memory
  execution_role_arn       = aws_iam_role.ffmpeg_execution.arn
  task_role_arn            = aws_iam_role.ffmpeg.arn

  # chunks and the combined video have to fit at the same time
  ephemeral_storage {
    size_in_gib = 50
  }

  container_definitions = jsonencode([
    {
      name      = "ffmpeg"
      image     = "${aws_ecr_repository.ffmpeg.repository_url}:latest"
      essential = true
      environment = [
        { name = "RECORDINGS_BUCKET", value = aws_s3_bucket.recordings.id },
      ]
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          "awslogs-group"         = aws_cloudwatch_log_group.ffmpeg.name
          "awslogs-region"        = var.region
          "awslogs-stream-prefix" = "ffmpeg"
        }
      }
    },
  ])
}

resource "aws_security_group" "ffmpeg" {
  name        = "${local.name}-ffmpeg"
  description = "FFmpeg tasks: nothing in, everything out"
  vpc_id      = aws_vpc.main.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
