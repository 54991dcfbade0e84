"""Arguments that become resources of their own, and blocks that become several elements or pairs."""

from __future__ import annotations

from typing import Any

from tests.sources.terraform.roots import MemoryWorkspace

from stackworthy.config import Settings
from stackworthy.core.graph import Graph
from stackworthy.core.plain import plain
from stackworthy.sources.stack import StackRef
from stackworthy.sources.terraform.reader import read


def graph(text: str) -> Graph:
    return read(MemoryWorkspace({"main.tf": text}), StackRef("terraform", "."), Settings()).graph


def value(found: Graph, address: str, name: str) -> Any:
    return plain(found.resources[address].properties.value(name))


def test_a_queue_s_policy_argument_is_a_queue_policy_of_that_queue() -> None:
    found = graph(
        'resource "aws_sqs_queue" "q" {\n  policy = jsonencode({ Statement = [{ Effect = "Deny" }] })\n}\n'
    )
    policy = found.resources["aws_sqs_queue.q.policy"]
    assert policy.kind == "AWS::SQS::QueuePolicy"
    assert value(found, policy.address, "PolicyDocument") == {"Statement": [{"Effect": "Deny"}]}
    assert policy.made_by is not None
    assert policy.made_by.address == "aws_sqs_queue.q"


def test_each_route_in_a_route_table_is_a_route() -> None:
    found = graph(
        'resource "aws_route_table" "r" {\n'
        '  route {\n    cidr_block = "10.0.0.0/8"\n  }\n'
        '  route {\n    cidr_block = "0.0.0.0/0"\n  }\n}\n'
    )
    addresses = ["aws_route_table.r.route[0]", "aws_route_table.r.route[1]"]
    assert [value(found, address, "DestinationCidrBlock") for address in addresses] == [
        "10.0.0.0/8",
        "0.0.0.0/0",
    ]


def test_each_network_of_an_ingress_block_is_a_rule() -> None:
    found = graph(
        'resource "aws_security_group" "g" {\n  ingress {\n    from_port = 22\n    to_port = 22\n    protocol = "tcp"\n'
        '    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]\n    ipv6_cidr_blocks = ["::/0"]\n  }\n}\n'
    )
    rules = value(found, "aws_security_group.g", "SecurityGroupIngress")
    assert [rule.get("CidrIp", rule.get("CidrIpv6")) for rule in rules] == ["10.0.0.0/8", "0.0.0.0/0", "::/0"]
    origin = found.resources["aws_security_group.g"].properties.origin("SecurityGroupIngress[1].CidrIp")
    assert origin.route[-4:] == ("ingress", 0, "cidr_blocks", 1)


def test_each_event_of_a_bucket_notification_is_a_configuration_of_its_bucket() -> None:
    found = graph(
        'resource "aws_s3_bucket" "b" {}\n'
        'resource "aws_s3_bucket_notification" "n" {\n  bucket = aws_s3_bucket.b.id\n  queue {\n'
        '    queue_arn = "arn:aws:sqs:eu-west-1:111122223333:q"\n    events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]\n'
        '    filter_prefix = "in/"\n  }\n}\n'
    )
    queues = value(found, "aws_s3_bucket.b", "NotificationConfiguration")["QueueConfigurations"]
    assert [item["Event"] for item in queues] == ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    assert queues[0]["Filter"] == {"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}}


def test_a_load_balancer_s_switches_are_its_attributes() -> None:
    found = graph('resource "aws_lb" "l" {\n  internal = true\n  enable_deletion_protection = true\n}\n')
    assert value(found, "aws_lb.l", "LoadBalancerAttributes") == [
        {"Key": "deletion_protection.enabled", "Value": "true"}
    ]
    assert value(found, "aws_lb.l", "Scheme") == "internal"


def test_statements_within_statements_are_read_at_any_depth() -> None:
    statement = 'geo_match_statement {\n country_codes = ["DE"]\n }'
    for _ in range(2):
        statement = f"not_statement {{\n statement {{\n {statement}\n }}\n }}"
    found = graph(
        f'resource "aws_wafv2_web_acl" "w" {{\n rule {{\n name = "a"\n statement {{\n {statement}\n }}\n }}\n}}\n'
    )
    inner = value(found, "aws_wafv2_web_acl.w", "Rules")[0]["Statement"]
    for _ in range(2):
        inner = inner["NotStatement"]["Statement"]
    assert inner == {"GeoMatchStatement": {"CountryCodes": ["DE"]}}


def test_container_definitions_are_written_as_a_template_writes_them() -> None:
    found = graph(
        'resource "aws_ecs_task_definition" "t" {\n  container_definitions = jsonencode([{\n'
        '    name = "web", portMappings = [{ containerPort = 80 }], dockerLabels = { myLabel = "x" }\n  }])\n}\n'
    )
    assert value(found, "aws_ecs_task_definition.t", "ContainerDefinitions") == [
        {"Name": "web", "PortMappings": [{"ContainerPort": 80}], "DockerLabels": {"myLabel": "x"}}
    ]


def test_a_policy_of_an_elasticsearch_domain_finds_its_domain_by_name() -> None:
    found = graph(
        'resource "aws_elasticsearch_domain" "d" {\n  domain_name = "search"\n}\n'
        'resource "aws_elasticsearch_domain_policy" "p" {\n  domain_name = "search"\n  access_policies = jsonencode({ Statement = [] })\n}\n'
    )
    assert found.resources["aws_elasticsearch_domain_policy.p"].part_of == "aws_elasticsearch_domain.d"
