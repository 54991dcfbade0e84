"""Roots as graphs: kinds, references in canonical words, defaults, tags, code and places."""

from __future__ import annotations

from typing import Any

from tests.sources.terraform.roots import MemoryWorkspace

from stackworthy.config import Settings
from stackworthy.core.graph import Graph
from stackworthy.core.plain import plain
from stackworthy.core.value import ABSENT, Partial, Reference, Unknown
from stackworthy.sources.stack import StackRef
from stackworthy.sources.terraform.reader import read


def graph(text: str, **files: str) -> Graph:
    workspace = MemoryWorkspace({"main.tf": text, **files})
    return read(workspace, StackRef("terraform", "."), Settings()).graph


def value(found: Graph, address: str, name: str) -> Any:
    return found.resources[address].properties.value(name)


def test_a_type_of_another_provider_or_without_a_kind_stays_on_the_graph_without_a_kind() -> None:
    found = graph('resource "null_resource" "n" {}\nresource "aws_lambda_invocation" "i" { input = "{}" }\n')
    assert {resource.address: resource.kind for resource in found} == {
        "null_resource.n": None,
        "aws_lambda_invocation.i": None,
    }


def test_references_are_to_canonical_attributes() -> None:
    found = graph(
        """
resource "aws_dynamodb_table" "t" {
  hash_key         = "id"
  stream_view_type = "NEW_IMAGE"
}
resource "aws_sns_topic" "n" {}
resource "aws_lambda_function" "f" {
  role              = aws_iam_role.r.arn
  dead_letter_config { target_arn = aws_sns_topic.n.arn }
}
resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = aws_dynamodb_table.t.stream_arn
  function_name    = aws_lambda_function.f.function_name
}
resource "aws_iam_role" "r" { assume_role_policy = "{}" }
"""
    )
    assert _is(value(found, "aws_lambda_function.f", "Role"), "aws_iam_role.r", "Arn")
    dead = value(found, "aws_lambda_function.f", "DeadLetterConfig")["TargetArn"]
    assert _is(dead, "aws_sns_topic.n", "Ref")
    mapping = "aws_lambda_event_source_mapping.m"
    assert _is(value(found, mapping, "EventSourceArn"), "aws_dynamodb_table.t", "StreamArn")
    assert _is(value(found, mapping, "FunctionName"), "aws_lambda_function.f", "Ref")


def _is(value: Any, address: str, attribute: str) -> bool:
    return isinstance(value, Reference) and (value.address, value.attribute) == (address, attribute)


def test_a_computed_text_holds_the_reference_that_it_is_made_of() -> None:
    found = graph(
        """
resource "aws_lambda_function" "f" { function_name = "f" }
resource "aws_apigatewayv2_integration" "i" { integration_uri = aws_lambda_function.f.invoke_arn }
"""
    )
    uri = value(found, "aws_apigatewayv2_integration.i", "IntegrationUri")
    assert isinstance(uri, Partial)
    assert uri.suffix == "/invocations"
    assert [(found.address, found.attribute) for found in uri.references] == [
        ("aws_lambda_function.f", "Arn")
    ]


def test_a_computed_text_holds_what_the_arguments_say() -> None:
    found = graph(
        """
resource "aws_apigatewayv2_api" "a" {}
resource "aws_apigatewayv2_stage" "s" {
  api_id = aws_apigatewayv2_api.a.id
  name   = "v1"
}
resource "aws_lambda_permission" "p" { source_arn = "${aws_apigatewayv2_stage.s.execution_arn}/*" }
"""
    )
    arn = value(found, "aws_lambda_permission.p", "SourceArn")
    assert next((part.address, part.attribute) for part in arn.references) == (
        "aws_apigatewayv2_api.a",
        "Ref",
    )
    assert arn.suffix.endswith("/*")


def test_a_module_may_be_called_data() -> None:
    module = """
resource "aws_sqs_queue" "q" {}
output "arn" { value = aws_sqs_queue.q.arn }
"""
    found = graph(
        'module "data" { source = "./m" }\nresource "aws_lambda_function" "f" {\n'
        "  dead_letter_config { target_arn = module.data.arn }\n}\n",
        **{"m/main.tf": module},
    )
    target = value(found, "aws_lambda_function.f", "DeadLetterConfig")["TargetArn"]
    assert _is(target, "module.data.aws_sqs_queue.q", "Arn")


def test_what_data_sources_read_is_known_at_deployment() -> None:
    found = graph(
        'data "aws_sns_topic" "t" { name = "t" }\n'
        'resource "aws_lambda_function" "f" {\n  dead_letter_config { target_arn = data.aws_sns_topic.t.arn }\n}\n'
    )
    target = value(found, "aws_lambda_function.f", "DeadLetterConfig")["TargetArn"]
    assert isinstance(target, Unknown)
    assert "data.aws_sns_topic.t" in target.reason


def test_the_provider_s_own_defaults_hold_where_nobody_states_anything() -> None:
    found = graph(
        """
resource "aws_cloudtrail" "t" { name = "t" }
resource "aws_cloudtrail" "off" { enable_logging = false }
resource "aws_cloudfront_distribution" "d" { enabled = true }
resource "aws_cloudfront_distribution" "three" { http_version = "http3" }
"""
    )
    assert value(found, "aws_cloudtrail.t", "IsLogging") is True
    assert value(found, "aws_cloudtrail.off", "IsLogging") is False
    assert value(found, "aws_cloudfront_distribution.d", "DistributionConfig") == {
        "Enabled": True,
        "HttpVersion": "http2",
    }
    assert value(found, "aws_cloudfront_distribution.three", "DistributionConfig") == {"HttpVersion": "http3"}


def test_default_tags_are_on_everything_that_can_be_tagged_and_its_own_tags_win() -> None:
    found = graph(
        """
provider "aws" {
  default_tags {
    tags = { team = "a", env = "dev" }
  }
}
resource "aws_sqs_queue" "q" { tags = { env = "prod" } }
resource "aws_cognito_user_pool" "p" { name = "p" }
resource "aws_apigatewayv2_api" "a" { tags = { env = "prod" } }
resource "aws_lambda_permission" "x" { action = "lambda:InvokeFunction" }
"""
    )
    assert plain(value(found, "aws_sqs_queue.q", "Tags")) == [
        {"Key": "team", "Value": "a"},
        {"Key": "env", "Value": "prod"},
    ]
    assert value(found, "aws_cognito_user_pool.p", "UserPoolTags") == {"team": "a", "env": "dev"}
    assert value(found, "aws_apigatewayv2_api.a", "Tags") == {"team": "a", "env": "prod"}
    assert value(found, "aws_lambda_permission.x", "Tags") is ABSENT


def test_code_is_found_through_the_archive_that_is_made_of_it() -> None:
    found = graph(
        """
data "archive_file" "z" {
  type        = "zip"
  source_dir  = "src/worker"
  output_path = "worker.zip"
}
resource "aws_lambda_function" "f" { filename = data.archive_file.z.output_path }
resource "aws_lambda_function" "s3" { s3_bucket = "code" }
"""
    )
    assert found.resources["aws_lambda_function.f"].code == "src/worker"
    assert found.resources["aws_lambda_function.s3"].code is None


def test_a_property_is_shown_at_its_argument_and_what_is_not_stated_at_its_block() -> None:
    found = graph(
        'resource "aws_lambda_function" "f" {\n  timeout = 3\n  vpc_config {\n    subnet_ids = []\n  }\n}\n'
    )
    properties = found.resources["aws_lambda_function.f"].properties
    assert properties.origin("Timeout").route[-1] == "timeout"
    assert properties.origin("VpcConfig.SubnetIds").route[-1] == "subnet_ids"
    assert properties.origin("VpcConfig.SecurityGroupIds").role == "key"
    assert properties.origin("TracingConfig.Mode").role == "resource"


def test_a_value_has_the_trail_of_the_satellite_that_states_it() -> None:
    found = graph(
        """
variable "state" { default = "Enabled" }
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket_versioning" "v" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration { status = var.state }
}
"""
    )
    trail = found.resources["aws_s3_bucket.b"].properties.trail("VersioningConfiguration.Status")
    assert [step.what for step in trail] == ["var.state"]


def test_types_of_the_cloud_control_provider_follow_by_convention() -> None:
    found = graph(
        """
resource "awscc_sqs_queue" "q" {
  visibility_timeout = 30
  tags               = [{ key = "a", value = "b" }]
}
"""
    )
    queue = found.resources["awscc_sqs_queue.q"]
    assert queue.kind == "AWS::SQS::Queue"
    assert queue["VisibilityTimeout"] == 30
    assert plain(queue["Tags"]) == [{"Key": "a", "Value": "b"}]


def test_relations_hold_between_what_terraform_describes() -> None:
    found = graph(
        """
resource "aws_cloudwatch_event_rule" "r" { schedule_expression = "rate(1 day)" }
resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.r.name
  arn  = aws_lambda_function.f.arn
}
resource "aws_lambda_function" "f" { role = aws_iam_role.r.arn }
resource "aws_iam_role" "r" { assume_role_policy = "{}" }
resource "aws_cloudwatch_metric_alarm" "a" {
  namespace   = "AWS/Lambda"
  metric_name = "Errors"
  dimensions  = { FunctionName = aws_lambda_function.f.function_name }
}
"""
    )
    pairs = {
        kind: [(edge.source.address, edge.target.address) for edge in found.edges(kind).all]
        for kind in ("assumes", "watches", "triggers", "invokes")
    }
    assert pairs["assumes"] == [("aws_lambda_function.f", "aws_iam_role.r")]
    assert pairs["watches"] == [("aws_cloudwatch_metric_alarm.a", "aws_lambda_function.f")]
    assert ("aws_cloudwatch_event_rule.r", "aws_lambda_function.f") in pairs["triggers"] + pairs["invokes"]
