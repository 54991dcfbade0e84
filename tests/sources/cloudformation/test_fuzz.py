"""Arbitrary templates through the whole reader and all rules: nothing raises, everything ends. `FUZZ=long` looks for longer."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.support.templates import Files

from stackworthy.aws.relations import RELATORS
from stackworthy.config import Settings
from stackworthy.core.plain import plain
from stackworthy.judge import readings, review_stack
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.stack import StackRef

pytestmark = pytest.mark.fuzz

LONG = os.environ.get("FUZZ") == "long"
SECONDS = 10.0
bounded = settings(
    max_examples=5_000 if LONG else 200,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not LONG,
    print_blob=True,
)

NAMES = ["A", "B", "Fn", "Table", "Queue", "Api", "Role", "Child"]
KINDS = [
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::EventSourceMapping",
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Method",
    "AWS::ApiGatewayV2::Api",
    "AWS::Events::Rule",
    "AWS::StepFunctions::StateMachine",
    "AWS::CloudWatch::Alarm",
    "AWS::Logs::LogGroup",
    "AWS::CloudFormation::Stack",
    "AWS::Serverless::Function",
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "AWS::Serverless::StateMachine",
    "AWS::Serverless::SimpleTable",
    "AWS::Serverless::Application",
    "AWS::Serverless::Connector",
    "AWS::Serverless::Nonsense",
    "Custom::It",
    "Nonsense",
]
PROPERTIES = [
    *(
        "Timeout",
        "MemorySize",
        "Runtime",
        "Handler",
        "Code",
        "CodeUri",
        "Role",
        "Environment",
        "Variables",
        "Tracing",
    ),
    *(
        "TracingConfig",
        "Mode",
        "Policies",
        "PolicyDocument",
        "Statement",
        "Effect",
        "Action",
        "Resource",
        "Principal",
    ),
    *(
        "Condition",
        "Events",
        "Type",
        "Properties",
        "Path",
        "Method",
        "Schedule",
        "Queue",
        "Stream",
        "BatchSize",
    ),
    *("KeySchema", "AttributeDefinitions", "Tags", "Key", "Value", "RedrivePolicy", "deadLetterTargetArn"),
    *(
        "LifecycleConfiguration",
        "Rules",
        "BucketName",
        "TemplateURL",
        "Location",
        "Parameters",
        "DefinitionBody",
    ),
    *(
        "DefinitionString",
        "Definition",
        "States",
        "StartAt",
        "paths",
        "get",
        "x-amazon-apigateway-integration",
        "uri",
    ),
    *(
        "FunctionName",
        "SourceArn",
        "EventSourceArn",
        "Dimensions",
        "Name",
        "MetricName",
        "Namespace",
        "AssumeRolePolicyDocument",
    ),
    *(
        "Cors",
        "Auth",
        "DefaultAuthorizer",
        "Authorizers",
        "StageName",
        "Domain",
        "FunctionUrlConfig",
        "AutoPublishAlias",
    ),
]
TEXTS = [
    "", "a", "arn:aws:sqs:us-east-1:123456789012:jobs", "*", "${A}", "${A.Arn}", "${AWS::Region}-${", "{{resolve:ssm:x}}",
    "{{resolve:secretsmanager:${A}:x}}", "true", "60", "1.5", "rate(1 day)", "GET", "/", "/{id}", "python3.12",
    "child.yaml", "../../etc/passwd", "\u2028", "\U0001f600", "0x1F", "<<", "=", "2012-10-17", "AWS::NoValue",
]  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 400)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(TEXTS)
)
names = st.sampled_from(NAMES)
keys = st.sampled_from(PROPERTIES) | st.sampled_from(TEXTS) | names


def intrinsics(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    argument = inner | st.lists(inner, max_size=4)
    reference = st.sampled_from([*NAMES, "P", "L", "AWS::Region", "AWS::NoValue", "AWS::StackName"])
    return st.one_of(
        reference.map(lambda name: {"Ref": name}),
        st.tuples(names, st.sampled_from(["Arn", "Outputs.X", ""])).map(
            lambda pair: {"Fn::GetAtt": list(pair)}
        ),
        st.tuples(st.sampled_from(["C", "D", "Loop", "None"]), inner, inner).map(
            lambda parts: {"Fn::If": list(parts)}
        ),
        st.sampled_from(TEXTS).map(lambda text: {"Fn::Sub": text}),
        st.tuples(st.sampled_from(TEXTS), st.dictionaries(names, inner, max_size=2)).map(
            lambda parts: {"Fn::Sub": list(parts)}
        ),
        st.tuples(st.sampled_from(["", ",", 1]), st.lists(inner, max_size=3)).map(
            lambda parts: {"Fn::Join": list(parts)}
        ),
        st.tuples(names, st.just("k"), st.just("v")).map(lambda parts: {"Fn::FindInMap": list(parts)}),
        st.tuples(
            st.just("N"),
            st.lists(st.sampled_from(TEXTS), max_size=3),
            st.dictionaries(keys, inner, max_size=2),
        ).map(lambda parts: {"Fn::ForEach::L": list(parts)}),
        st.tuples(
            st.sampled_from(
                [
                    "Ref",
                    "Fn::GetAtt",
                    "Fn::Sub",
                    "Fn::Join",
                    "Fn::Select",
                    "Fn::Split",
                    "Fn::If",
                    "Fn::FindInMap",
                    "Fn::Base64",
                    "Fn::Cidr",
                    "Fn::Length",
                    "Fn::ToJsonString",
                    "Fn::Transform",
                    "Fn::ImportValue",
                    "Fn::GetAZs",
                    "Fn::Equals",
                    "Fn::Not",
                    "Fn::And",
                    "Fn::Or",
                    "Fn::Strange",
                    "Fn::ForEach::X",
                    "Condition",
                ]
            ),
            argument,
        ).map(lambda parts: {parts[0]: parts[1]}),
    )


trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5) | intrinsics(inner),
    max_leaves=12,
)
bodies = st.fixed_dictionaries(
    {"Type": st.sampled_from(KINDS)},
    optional={
        "Properties": st.dictionaries(keys, trees, max_size=6) | trees,
        "Condition": st.sampled_from(["C", "D", "Loop", "Nowhere"]) | trees,
        "DependsOn": names | trees,
        "Metadata": trees,
        "DeletionPolicy": trees,
        "Connectors": trees,
    },
)
resources = st.dictionaries(names, bodies | trees, min_size=1, max_size=6)
parameters = st.fixed_dictionaries(
    {
        "P": st.just({"Type": "String"}) | trees,
        "L": st.just({"Type": "CommaDelimitedList", "Default": "a,b"}) | trees,
    }
)
conditions = st.fixed_dictionaries(
    {"C": trees | intrinsics(scalars), "D": trees, "Loop": st.just({"Condition": "Loop"})}
)
templates = st.fixed_dictionaries(
    {"Resources": resources | trees},
    optional={
        "Transform": st.sampled_from(["AWS::Serverless-2016-10-31", ["AWS::LanguageExtensions"], "Mine"])
        | trees,
        "Parameters": parameters | trees,
        "Mappings": trees | st.just({"A": {"k": {"v": 1}}}),
        "Conditions": conditions | trees,
        "Globals": st.dictionaries(
            st.sampled_from(["Function", "Api", "HttpApi", "Odd"]), st.dictionaries(keys, trees)
        )
        | trees,
        "Outputs": st.dictionaries(names, trees) | trees,
        "Metadata": trees,
    },
)


def exercised(files: dict[str, bytes], path: str) -> Any:
    """Everything that the tool does with a stack, done; what its resources are."""
    started = time.process_time()
    workspace, stack = Files(files), StackRef("sam", path)
    review = review_stack(workspace, stack, Settings(profile="strict"))
    msgspec.json.encode(review)
    outline = {}
    if not any(item.level == "error" and item.message.startswith("not valid") for item in review.diagnostics):
        outline = outlined(files, path)
    assert time.process_time() - started < SECONDS
    return outline


def outlined(files: dict[str, bytes], path: str) -> dict[str, Any]:
    outline: dict[str, Any] = {}
    try:
        ((_, reading),) = readings(Files(files), StackRef("sam", path), Settings())
    except Malformed:
        return outline
    for kind in RELATORS:
        assert reading.graph.edges(kind).all is not None
    for resource in reading.graph:
        properties = resource.all_properties()
        when = (resource.when.expression, resource.when.holds) if resource.when else None
        outline[resource.address] = (resource.kind, when, plain(properties))
        reading.locator.region(resource.origin)
        for name in filter(str.isalnum, properties):
            reading.locator.span(resource.properties.origin(name))
            resource.properties.trail(f"{name}[0].Key")
    return outline


@bounded
@given(templates)
@example({"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": {"Fn::If": ["C", 1, 2]}}}})
def test_a_template_of_any_shape_is_reviewed(template: Any) -> None:
    exercised({"t.json": json.dumps(template).encode()}, "t.json")


@bounded
@given(trees)
def test_a_document_of_any_shape_is_reviewed(tree: Any) -> None:
    exercised({"t.json": json.dumps(tree).encode()}, "t.json")


@bounded
@given(templates)
def test_yaml_and_json_of_one_template_give_one_graph(template: Any) -> None:
    as_yaml = yaml.safe_dump(template, allow_unicode=True, sort_keys=False).encode()
    as_json = json.dumps(template).encode()
    assert outlined({"t.yaml": as_yaml}, "t.yaml") == outlined({"t.json": as_json}, "t.json")


@bounded
@given(templates, templates)
def test_templates_that_nest_each_other_are_reviewed(one: Any, other: Any) -> None:
    files = {"t.json": json.dumps(one).encode(), "child.yaml": json.dumps(other).encode()}
    exercised(files, "t.json")


CORPUS = Path(__file__).parents[2] / "corpus"
TEXTUAL = [
    (CORPUS / name).read_text()
    for name in (
        "orders_sam/template.yaml",
        "orders_sam/stacks/alarms.yaml",
        "network_cfn/parts/network.yaml",
        "network_cfn/main.json",
    )
]
PIECES = [
    "!Ref ", "!Sub ", "!GetAtt ", "!If [", "&a ", "*a", "<<: *a", "- ", "? ", ": ", "{", "}", "[", "]", "|", ">", "#", "'", '"', "\t", "\n",
    "\r\n", "\0", "\ufeff", "\u2028", "\U0001f600", "---\n", "...\n", "%", "@", "`", "!!binary ", "null", "~", "Fn::ForEach::X: ",
    "Fn::Transform: ", "Type: ", "Ref", "Conditions", "  ", "1e999", "0777", ",", "Resources:\n",
]  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(TEXTUAL))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text)))
        until = min(at + draw(st.integers(0, 40)), len(text))
        what = draw(st.sampled_from(["insert", "delete", "double", "move", "cut", "lines"]))
        if what == "insert":
            text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
        elif what == "delete":
            text = text[:at] + text[until:]
        elif what == "double":
            text = text[:until] + text[at:until] + text[until:]
        elif what == "move":
            to = draw(st.integers(0, len(text)))
            text = text[:to] + text[at:until] + text[to:]
        elif what == "cut":
            text = text[:until]
        else:
            lines = text.split("\n")
            first = draw(st.integers(0, len(lines) - 1))
            second = draw(st.integers(0, len(lines) - 1))
            lines[first], lines[second] = lines[second], lines[first]
            text = "\n".join(lines)
    return text


@bounded
@given(mutations(), st.sampled_from(["t.yaml", "t.json", "t.template"]))
def test_a_real_template_with_odd_edits_is_reviewed(text: str, path: str) -> None:
    exercised({path: text.encode(), "stacks/alarms.yaml": TEXTUAL[1].encode()}, path)


@bounded
@given(st.binary(max_size=300), st.sampled_from(["t.yaml", "t.json", "t.template"]))
def test_bytes_of_any_kind_are_reviewed(content: bytes, path: str) -> None:
    exercised({path: content}, path)
    exercised({path: b"Resources:\n  A: {Type: 'AWS::SNS::Topic'}\n" + content}, path)
