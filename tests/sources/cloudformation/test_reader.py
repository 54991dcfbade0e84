"""From templates to the graph: odd templates, odd resources, kinds, many of them."""

from __future__ import annotations

import time

import pytest
from tests.sources.cloudformation.reading import complaints, reading, shown

from stackworthy.core.workspace import Unreadable
from stackworthy.sources.cloudformation.text import Malformed


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", ("template.yaml", 0, "is empty")),
        ("- a\n", ("template.yaml", 0, "is not a template: it holds no map")),
        ("text\n", ("template.yaml", 0, "is not a template: it holds no map")),
        ("A: 1\n", ("template.yaml", 0, "the template has no Resources")),
        ("A: 1\nResources:\n", ("template.yaml", 2, "Resources is empty")),
        ("A: 1\nResources: []\n", ("template.yaml", 2, "Resources is empty")),
        ("A: 1\nResources: {}\n", ("template.yaml", 2, "Resources is empty")),
        (
            "A: 1\nResources: [a]\n",
            ("template.yaml", 2, "Resources must be a map of logical ids to resources"),
        ),
        (
            "A: 1\nResources: text\n",
            ("template.yaml", 2, "Resources must be a map of logical ids to resources"),
        ),
        ("Resources:\n  A: [x]\n", ("template.yaml", 2, "resource A must be a map")),
        ("Resources:\n  A:\n", ("template.yaml", 2, "resource A must be a map")),
        ("Resources:\n  A: {Properties: {}}\n", ("template.yaml", 2, "resource A has no Type")),
        ("Resources:\n  A: {Type: 12}\n", ("template.yaml", 2, "the Type of resource A must be a text")),
        (
            "Resources:\n  A: {Type: [AWS::S3::Bucket]}\n",
            ("template.yaml", 2, "the Type of resource A must be a text"),
        ),
        ("Resources:\n  Fn::If: [a, b, c]\n", ("template.yaml", 2, "Resources cannot hold Fn::If")),
        (
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: [a]\n",
            ("template.yaml", 4, "the Properties of A must be a map"),
        ),
        ("Parameters:\nResources: {A: {Type: 'Custom::A'}}\n", ("template.yaml", 1, "Parameters is empty")),
        ("Resources: {A: {Type: 'Custom::A'}}\nMappings: []\n", ("template.yaml", 2, "Mappings is empty")),
        (
            "Resources: {A: {Type: 'Custom::A'}}\nConditions: [a]\n",
            ("template.yaml", 2, "Conditions must be a map"),
        ),
        (
            "Resources: {A: {Type: 'Custom::A'}}\nOutputs: text\n",
            ("template.yaml", 2, "Outputs must be a map"),
        ),
        (
            "Transform: Mine\nResources: {A: {Type: 'Custom::A'}}\n",
            ("template.yaml", 1, "the macro Mine may change the template at deployment"),
        ),
        (
            "Resources:\n  A: {Type: 'Custom::A'}\n  A: {Type: 'Custom::B'}\n",
            ("template.yaml", 3, "A is stated twice; the last one counts"),
        ),
    ],
)
def test_an_odd_template_is_said_once_with_its_line_and_what_to_do(text, complaint) -> None:
    found = reading(text)
    assert complaints(found) == [complaint]
    assert found.diagnostics[0].hint


def test_what_is_odd_does_not_keep_the_rest_from_being_read() -> None:
    found = reading(
        "Resources:\n  A: [x]\n  B: {Type: 'AWS::SQS::Queue', Properties: text}\n  C: {Type: 'AWS::SQS::Queue'}\n"
    )
    assert list(shown(found)) == ["B", "C"]
    assert len(found.diagnostics) == 2


def test_macros_of_aws_are_no_strangers() -> None:
    transforms = [
        "AWS::Serverless-2016-10-31",
        "AWS::LanguageExtensions",
        "AWS::SecretsManager-2024-09-16",
        "AWS::CodeDeployBlueGreen",
    ]
    assert reading({"Transform": transforms, "Resources": {"A": {"Type": "Custom::A"}}}).diagnostics == []


def test_a_template_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Malformed):
        reading("Resources: [\n")
    from tests.support.templates import Files

    from stackworthy.config import Settings
    from stackworthy.sources.cloudformation.reader import read
    from stackworthy.sources.stack import StackRef

    with pytest.raises(Unreadable):
        read(Files({}), StackRef("cloudformation", "gone.yaml"), Settings())


@pytest.mark.parametrize(
    "kind", ["AWS::S3::Bucket", "Custom::Anything", "AWS::CloudFormation::CustomResource"]
)
def test_a_kind_that_the_registry_knows_is_named(kind) -> None:
    resource = reading({"Resources": {"A": {"Type": kind}}}).graph["A"]
    assert (resource.kind, resource.type) == (kind, kind)


def test_a_type_that_nobody_knows_has_no_kind() -> None:
    resource = reading({"Resources": {"A": {"Type": "My::Own::Thing", "Properties": {"A": 1}}}}).graph["A"]
    assert (resource.kind, resource.type) == (None, "My::Own::Thing")
    assert resource["A"] == 1


def test_what_sam_refuses_is_said_with_the_property_that_it_means() -> None:
    found = reading(
        """\
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Api:
            Type: AWS::Serverless::Api
            Properties:
              StageName: prod
              Cors: [a]
          Queue: {Type: AWS::SQS::Queue}
        """
    )
    ((_, line, message),) = complaints(found)
    assert line == 7
    assert message.startswith("Api.Cors: ")
    assert "Queue" in shown(found)


def test_ten_thousand_resources_are_read_in_a_moment() -> None:
    resources = {
        f"Queue{index}": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": {"Fn::Sub": f"q-${{AWS::Region}}-{index}"}},
        }
        for index in range(10_000)
    }
    started = time.process_time()
    found = reading({"Resources": resources}, file="t.json")
    assert len(found.graph) == 10_000
    shown(found)
    assert time.process_time() - started < 8


def test_ten_thousand_odd_resources_are_said_in_a_moment() -> None:
    started = time.process_time()
    found = reading("Resources:\n" + "".join(f"  A{index}: [x]\n" for index in range(10_000)))
    assert len(found.diagnostics) == 10_000
    assert found.diagnostics[-1].line == 10_001
    assert time.process_time() - started < 8
