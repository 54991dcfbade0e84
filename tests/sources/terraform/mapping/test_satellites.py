"""Satellites: whose property they state, by reference, by name, by what must be equal, and what is doubtful otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sources.terraform.roots import MemoryWorkspace

from stackworthy.config import Settings
from stackworthy.core.graph import Graph
from stackworthy.core.plain import plain
from stackworthy.core.value import ABSENT, Unknown
from stackworthy.sources.stack import StackRef
from stackworthy.sources.terraform.reader import read

ROLE = 'resource "aws_iam_role" "r" {\n  name = "worker"\n  assume_role_policy = "{}"\n}\n'
API = """
resource "aws_api_gateway_rest_api" "a" { name = "a" }
resource "aws_api_gateway_method" "get" {
  rest_api_id   = aws_api_gateway_rest_api.a.id
  resource_id   = aws_api_gateway_rest_api.a.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}
resource "aws_api_gateway_method" "post" {
  rest_api_id   = aws_api_gateway_rest_api.a.id
  resource_id   = aws_api_gateway_rest_api.a.root_resource_id
  http_method   = "POST"
  authorization = "NONE"
}
"""


def graph(text: str) -> Graph:
    return read(MemoryWorkspace({"main.tf": text}), StackRef("terraform", "."), Settings()).graph


def value(found: Graph, address: str, name: str) -> Any:
    return found.resources[address].properties.value(name)


@pytest.mark.parametrize("role", ["aws_iam_role.r.name", "aws_iam_role.r.id", '"worker"', "local.name"])
def test_policies_attached_by_reference_or_name_are_the_role_s(role: str) -> None:
    found = graph(
        ROLE
        + f"""
locals {{ name = aws_iam_role.r.name }}
resource "aws_iam_role_policy_attachment" "x" {{
  role       = {role}
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}}
resource "aws_iam_role_policy" "y" {{
  role   = {role}
  name   = "own"
  policy = jsonencode({{ Statement = [] }})
}}
"""
    )
    assert value(found, "aws_iam_role.r", "ManagedPolicyArns") == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    assert value(found, "aws_iam_role.r", "Policies") == [
        {"PolicyName": "own", "PolicyDocument": {"Statement": []}}
    ]
    for address in ("aws_iam_role_policy_attachment.x", "aws_iam_role_policy.y"):
        assert found.resources[address].kind == "AWS::IAM::Role"
        assert found.resources[address].part_of == "aws_iam_role.r"
    assert [resource.address for resource in found.of("AWS::IAM::Role")] == ["aws_iam_role.r"]


def test_a_policy_may_be_attached_to_several_roles_users_and_groups_at_once() -> None:
    found = graph(
        ROLE
        + """
resource "aws_iam_role" "s" { assume_role_policy = "{}" }
resource "aws_iam_user" "u" { name = "u" }
resource "aws_iam_group" "g" { name = "g" }
resource "aws_iam_policy" "p" { policy = "{}" }
resource "aws_iam_policy_attachment" "all" {
  name       = "all"
  roles      = [aws_iam_role.r.name, aws_iam_role.s.name]
  users      = ["u"]
  groups     = [aws_iam_group.g.name]
  policy_arn = aws_iam_policy.p.arn
}
"""
    )
    for address in ("aws_iam_role.r", "aws_iam_role.s", "aws_iam_user.u", "aws_iam_group.g"):
        (arn,) = value(found, address, "ManagedPolicyArns")
        assert (arn.address, arn.attribute) == ("aws_iam_policy.p", "Ref")


def test_an_integration_belongs_to_the_method_with_its_api_resource_and_verb() -> None:
    found = graph(
        API
        + """
resource "aws_api_gateway_integration" "i" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  resource_id = aws_api_gateway_method.post.resource_id
  http_method = aws_api_gateway_method.post.http_method
  type        = "MOCK"
}
resource "aws_api_gateway_integration_response" "ok" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  resource_id = aws_api_gateway_rest_api.a.root_resource_id
  http_method = "POST"
  status_code = "200"
}
resource "aws_api_gateway_method_response" "ok" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  resource_id = aws_api_gateway_rest_api.a.root_resource_id
  http_method = "POST"
  status_code = "200"
}
"""
    )
    assert value(found, "aws_api_gateway_method.get", "Integration") is ABSENT
    assert value(found, "aws_api_gateway_method.post", "Integration") == {
        "Type": "MOCK",
        "IntegrationResponses": [{"StatusCode": "200"}],
    }
    assert value(found, "aws_api_gateway_method.post", "MethodResponses") == [{"StatusCode": "200"}]


def test_a_verb_that_nobody_knows_is_found_by_where_it_comes_from() -> None:
    found = graph(
        API.replace('"POST"', "var.verb")
        + """
variable "verb" {}
resource "aws_api_gateway_integration" "i" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  resource_id = aws_api_gateway_rest_api.a.root_resource_id
  http_method = aws_api_gateway_method.post.http_method
  type        = "MOCK"
}
"""
    )
    assert value(found, "aws_api_gateway_method.post", "Integration") == {"Type": "MOCK"}
    assert value(found, "aws_api_gateway_method.get", "Integration") is ABSENT


def test_method_settings_are_elements_of_the_stage_s() -> None:
    found = graph(
        """
resource "aws_api_gateway_rest_api" "a" { name = "a" }
resource "aws_api_gateway_stage" "s" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  stage_name  = "prod"
}
resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  stage_name  = aws_api_gateway_stage.s.stage_name
  method_path = "*/*"
  settings { metrics_enabled = true }
}
"""
    )
    assert value(found, "aws_api_gateway_stage.s", "MethodSettings") == [
        {"ResourcePath": "/*", "HttpMethod": "*", "MetricsEnabled": True}
    ]


def test_targets_are_elements_of_their_rule_s_and_each_is_shown_where_it_stands() -> None:
    found = graph(
        """
resource "aws_cloudwatch_event_rule" "r" { schedule_expression = "rate(1 day)" }
resource "aws_cloudwatch_event_target" "one" {
  rule = aws_cloudwatch_event_rule.r.name
  arn  = "arn:one"
}
resource "aws_cloudwatch_event_target" "two" {
  rule      = aws_cloudwatch_event_rule.r.id
  target_id = "second"
  arn       = "arn:two"
}
"""
    )
    rule = found.resources["aws_cloudwatch_event_rule.r"]
    assert plain(rule["Targets"]) == [{"Arn": "arn:one"}, {"Arn": "arn:two", "Id": "second"}]
    for path in ("Targets[1].Arn", "Targets[Id=second].Arn"):
        assert rule.properties.origin(path).route[-3:] == ("aws_cloudwatch_event_target", "two", "arn")


def test_provisioned_concurrency_belongs_to_the_alias_of_the_function() -> None:
    alias = 'resource "aws_lambda_alias" "{0}" {{\n  name = "live"\n  function_name = "{0}"\n  function_version = "1"\n}}\n'
    found = graph(
        alias.format("a")
        + alias.format("b")
        + """
resource "aws_lambda_provisioned_concurrency_config" "c" {
  function_name                     = aws_lambda_alias.b.function_name
  qualifier                         = aws_lambda_alias.b.name
  provisioned_concurrent_executions = 3
}
"""
    )
    assert value(found, "aws_lambda_alias.a", "ProvisionedConcurrencyConfig") is ABSENT
    assert value(found, "aws_lambda_alias.b", "ProvisionedConcurrencyConfig") == {
        "ProvisionedConcurrentExecutions": 3
    }


def test_what_a_satellite_of_nobody_knows_whom_may_state_is_unknown_everywhere() -> None:
    found = graph(
        ROLE
        + """
variable "role" {}
resource "aws_iam_role_policy_attachment" "x" {
  role       = var.role
  policy_arn = "p"
}
"""
    )
    doubt = value(found, "aws_iam_role.r", "ManagedPolicyArns")
    assert isinstance(doubt, Unknown)
    assert "aws_iam_role_policy_attachment.x" in doubt.reason
    assert value(found, "aws_iam_role.r", "Policies") is ABSENT


def test_doubt_stays_among_those_that_fit_in_what_is_known() -> None:
    found = graph(
        API
        + """
variable "verb" {}
resource "aws_api_gateway_rest_api" "other" { name = "other" }
resource "aws_api_gateway_method" "elsewhere" {
  rest_api_id   = aws_api_gateway_rest_api.other.id
  resource_id   = aws_api_gateway_rest_api.other.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}
resource "aws_api_gateway_integration" "i" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  resource_id = aws_api_gateway_rest_api.a.root_resource_id
  http_method = var.verb
  type        = "MOCK"
}
"""
    )
    assert isinstance(value(found, "aws_api_gateway_method.get", "Integration"), Unknown)
    assert isinstance(value(found, "aws_api_gateway_method.post", "Integration"), Unknown)
    assert value(found, "aws_api_gateway_method.elsewhere", "Integration") is ABSENT


def test_a_part_of_a_bucket_elsewhere_is_a_bucket_of_which_all_else_is_unknown() -> None:
    found = graph(
        'resource "aws_s3_bucket_versioning" "x" {\n  bucket = "theirs"\n  versioning_configuration {\n    status = "Enabled"\n  }\n}\n'
    )
    (bucket,) = found.of("AWS::S3::Bucket")
    assert bucket["VersioningConfiguration.Status"] == "Enabled"
    assert isinstance(bucket["LifecycleConfiguration"], Unknown)


def test_settings_of_a_stage_elsewhere_are_a_stage_of_which_all_else_is_unknown() -> None:
    found = graph(
        'resource "aws_api_gateway_method_settings" "x" {\n  rest_api_id = "theirs"\n  stage_name = "live"\n  method_path = "*/*"\n'
        "  settings {\n    data_trace_enabled = true\n  }\n}\n"
    )
    (stage,) = found.of("AWS::ApiGateway::Stage")
    assert stage["MethodSettings[0].DataTraceEnabled"] is True
    assert isinstance(stage["TracingEnabled"], Unknown)


def test_an_inline_policy_of_a_role_elsewhere_is_a_policy_of_its_own() -> None:
    found = graph(
        'resource "aws_iam_role_policy" "x" {\n  role = "theirs"\n  policy = jsonencode({ a = 1 })\n}\n'
    )
    (policy,) = found.of("AWS::IAM::RolePolicy")
    assert policy["RoleName"] == "theirs"
    assert policy["PolicyDocument.a"] == 1


def test_an_attachment_to_a_user_elsewhere_is_a_user_of_whom_all_else_is_unknown() -> None:
    found = graph(
        'resource "aws_iam_policy_attachment" "x" {\n  name = "n"\n  users = ["theirs"]\n  policy_arn = "p"\n}\n'
    )
    (user,) = found.of("AWS::IAM::User")
    assert user["ManagedPolicyArns"] == ["p"]
    assert isinstance(user["Policies"], Unknown)


def test_a_satellite_that_is_not_made_states_nothing() -> None:
    found = graph(
        ROLE
        + 'resource "aws_iam_role_policy_attachment" "x" {\n  count = 0\n  role = "worker"\n  policy_arn = "p"\n}\n'
    )
    assert value(found, "aws_iam_role.r", "ManagedPolicyArns") is ABSENT
    assert found.resources["aws_iam_role_policy_attachment.x"].kind == "AWS::IAM::Role"


def test_a_part_that_names_another_part_belongs_to_what_that_one_belongs_to() -> None:
    found = graph(
        """
resource "aws_s3_bucket" "b" { bucket_prefix = "b" }
locals { id = aws_s3_bucket.b.id }
resource "aws_s3_bucket_policy" "p" {
  bucket = try(local.id, null)
  policy = "{}"
}
resource "aws_s3_bucket_ownership_controls" "o" {
  bucket = aws_s3_bucket_policy.p.id
  rule { object_ownership = "BucketOwnerEnforced" }
}
"""
    )
    assert found.resources["aws_s3_bucket_ownership_controls.o"].part_of == "aws_s3_bucket.b"


def test_a_part_of_another_kind_of_resource_is_judged_by_nobody() -> None:
    found = graph(
        """
resource "aws_s3_directory_bucket" "d" {
  bucket = "d--use1-az4--x-s3"
  location { name = "use1-az4" }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "e" {
  bucket = aws_s3_directory_bucket.d.bucket
  rule {}
}
"""
    )
    assert found.resources["aws_s3_bucket_server_side_encryption_configuration.e"].kind is None
