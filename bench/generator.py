"""Makes monorepos as teams have them: Terraform roots that share modules, and SAM templates. The same number gives the same files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

DOMAINS = ("orders", "payments", "users", "search", "billing", "media", "reports", "support")
VERBS = ("list", "get", "create", "update", "delete", "export", "import", "count")
MEMORY = (128, 256, 512, 1024)


def write(folder: Path, stacks: int) -> int:
    """Write a monorepo of so many stacks, every other one Terraform; how many files it has."""
    count = 0
    for path, text in files(stacks):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        count += 1
    return count


def files(stacks: int) -> Iterator[tuple[str, str]]:
    """Path and text of every file."""
    for name, text in MODULES.items():
        yield f"modules/{name}.tf", text
    for number in range(stacks):
        domain = DOMAINS[number // 2 % len(DOMAINS)]
        folder = f"services/{number // 100:02d}/{domain}-{number:04d}"
        if number % 2:
            yield f"{folder}/template.yaml", _template(number, domain)
        else:
            for name, text in _root(number, domain).items():
                yield f"{folder}/{name}", text
        yield f"{folder}/src/app.py", "def handler(event, context):\n    return {}\n"
        yield f"{folder}/README.md", f"# {domain} {number}\n"


MODULES = {
    "function/main": """\
resource "aws_iam_role" "this" {
  name               = "${var.name}-role"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_cloudwatch_log_group" "this" {
  count             = var.retention > 0 ? 1 : 0
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.retention
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  role          = aws_iam_role.this.arn
  runtime       = "python3.12"
  handler       = "app.handler"
  filename      = "${path.root}/build/${var.name}.zip"
  memory_size   = var.memory
  timeout       = var.timeout

  environment {
    variables = merge({ STAGE = var.stage }, var.variables)
  }

  dynamic "tracing_config" {
    for_each = var.tracing ? [1] : []
    content {
      mode = "Active"
    }
  }
}
""",
    "function/variables": """\
variable "name" { type = string }
variable "stage" { type = string }
variable "memory" {
  type    = number
  default = 256
}
variable "timeout" {
  type    = number
  default = 10
}
variable "retention" {
  type    = number
  default = 0
}
variable "tracing" {
  type    = bool
  default = false
}
variable "variables" {
  type    = map(string)
  default = {}
}
""",
    "function/outputs": """\
output "arn" { value = aws_lambda_function.this.arn }
output "invoke_arn" { value = aws_lambda_function.this.invoke_arn }
output "name" { value = aws_lambda_function.this.function_name }
output "role" { value = aws_iam_role.this.name }
""",
    "queue/main": """\
variable "name" { type = string }
variable "visible" { default = 30 }

resource "aws_sqs_queue" "dead" {
  name = "${var.name}-dead"
}

resource "aws_sqs_queue" "this" {
  name                       = var.name
  visibility_timeout_seconds = var.visible
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  })
}

output "arn" { value = aws_sqs_queue.this.arn }
output "url" { value = aws_sqs_queue.this.url }
""",
}


def _root(number: int, domain: str) -> dict[str, str]:
    """A Terraform root: functions from a map, a table, a queue with its worker, an API with a route for each function."""
    functions = "\n".join(
        f"    {VERBS[(number + index) % len(VERBS)]} = {{ memory = {MEMORY[(number + index) % 4]}, timeout = {3 + index} }}"
        for index in range(2 + number % 3)
    )
    return {
        "variables.tf": f"""\
variable "stage" {{
  type    = string
  default = "prod"
}}

variable "retention" {{
  type    = number
  default = {30 if number % 4 else 0}
}}

locals {{
  prefix = "{domain}-{number}-${{var.stage}}"
  functions = {{
{functions}
  }}
}}

provider "aws" {{
  region = "eu-west-1"
  default_tags {{
    tags = {{ service = "{domain}" }}
  }}
}}
""",
        "main.tf": f"""\
module "function" {{
  source    = "../../../modules/function"
  for_each  = local.functions
  name      = "${{local.prefix}}-${{each.key}}"
  stage     = var.stage
  memory    = each.value.memory
  timeout   = each.value.timeout
  retention = var.retention
  tracing   = {"true" if number % 3 else "false"}
  variables = {{ TABLE = aws_dynamodb_table.items.name }}
}}

module "worker" {{
  source    = "../../../modules/function"
  name      = "${{local.prefix}}-worker"
  stage     = var.stage
  timeout   = 60
  variables = {{ QUEUE = module.queue.url }}
}}

module "queue" {{
  source = "../../../modules/queue"
  name   = "${{local.prefix}}-jobs"
}}

resource "aws_lambda_event_source_mapping" "jobs" {{
  event_source_arn = module.queue.arn
  function_name    = module.worker.arn
  batch_size       = 10
}}

resource "aws_dynamodb_table" "items" {{
  name         = "${{local.prefix}}-items"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  dynamic "attribute" {{
    for_each = ["pk", "sk"]
    content {{
      name = attribute.value
      type = "S"
    }}
  }}
}}

data "aws_iam_policy_document" "items" {{
  statement {{
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.items.arn]
  }}
  statement {{
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [module.queue.arn]
  }}
}}

resource "aws_iam_role_policy" "items" {{
  for_each = merge({{ for name, made in module.function : name => made.role }}, {{ worker = module.worker.role }})
  role     = each.value
  policy   = data.aws_iam_policy_document.items.json
}}
""",
        "api.tf": """\
resource "aws_apigatewayv2_api" "http" {
  name          = local.prefix
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.http.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_apigatewayv2_integration" "function" {
  for_each               = module.function
  api_id                 = aws_apigatewayv2_api.http.id
  integration_type       = "AWS_PROXY"
  integration_uri        = each.value.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "function" {
  for_each  = module.function
  api_id    = aws_apigatewayv2_api.http.id
  route_key = "POST /${each.key}"
  target    = "integrations/${aws_apigatewayv2_integration.function[each.key].id}"
}

resource "aws_lambda_permission" "api" {
  for_each      = module.function
  action        = "lambda:InvokeFunction"
  function_name = each.value.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.http.execution_arn}/*/*"
}
""",
    }


def _template(number: int, domain: str) -> str:
    """A SAM template of the same size: functions with routes, a worker behind a queue, a table, an alarm."""
    functions = "".join(_function(number, index) for index in range(2 + number % 3))
    return f"""\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Description: {domain} {number}

Parameters:
  Stage:
    Type: String
    Default: prod

Globals:
  Function:
    Runtime: python3.12
    CodeUri: src/
    Timeout: 10
    Tracing: {"Active" if number % 3 else "PassThrough"}
    Environment:
      Variables:
        STAGE: !Ref Stage
        TABLE: !Ref Items

Resources:
{functions}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Timeout: 60
      Policies:
        - DynamoDBCrudPolicy:
            TableName: !Ref Items
      Events:
        Jobs:
          Type: SQS
          Properties:
            Queue: !GetAtt Jobs.Arn
            BatchSize: 10

  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "{domain}-{number}-${{Stage}}-items"
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {{AttributeName: pk, AttributeType: S}}
        - {{AttributeName: sk, AttributeType: S}}
      KeySchema:
        - {{AttributeName: pk, KeyType: HASH}}
        - {{AttributeName: sk, KeyType: RANGE}}

  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 30
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt Dead.Arn
        maxReceiveCount: 5

  Dead:
    Type: AWS::SQS::Queue

  WorkerErrors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions:
        - Name: FunctionName
          Value: !Ref Worker
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
"""


def _function(number: int, index: int) -> str:
    verb = VERBS[(number + index) % len(VERBS)]
    return f"""\
  {verb.capitalize()}Function:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      MemorySize: {MEMORY[(number + index) % 4]}
      Policies:
        - DynamoDBReadPolicy:
            TableName: !Ref Items
      Events:
        Api:
          Type: HttpApi
          Properties:
            Path: /{verb}
            Method: POST

"""
