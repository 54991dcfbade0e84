"""Definitions in files of their own."""

from __future__ import annotations

import json

import pytest
from tests.sources.cloudformation.reading import complaints, reading, shown

from stackworthy.core.plain import plain

DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'


@pytest.mark.parametrize(
    ("kind", "property", "reads"),
    [
        ("AWS::Serverless::StateMachine", "DefinitionUri", "DefinitionString"),
        ("AWS::StepFunctions::StateMachine", "DefinitionS3Location", "Definition"),
    ],
)
def test_a_definition_in_a_file_of_its_own_is_read(kind, property, reads) -> None:
    found = reading(
        {
            "Resources": {
                "M": {
                    "Type": kind,
                    "Properties": {property: "machines/m.asl.json", "Role": "arn:aws:iam::1:role/r"},
                }
            }
        },
        {"machines/m.asl.json": DEFINITION},
        file="t.json",
    )
    assert found.diagnostics == []
    assert "Succeed" in json.dumps(plain(found.graph["M"][reads]))


def test_an_included_api_definition_is_there_before_sam_looks() -> None:
    found = reading(
        """\
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Api:
            Type: AWS::Serverless::Api
            Properties:
              StageName: prod
              Auth: {DefaultAuthorizer: AWS_IAM}
              DefinitionBody:
                Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}
        """,
        {"api.yaml": "openapi: 3.0.1\npaths: {/a: {get: {x-amazon-apigateway-integration: {type: mock}}}}\n"},
    )
    assert found.diagnostics == []
    assert "/a" in plain(found.graph["Api"]["Body"])["paths"]


@pytest.mark.parametrize(
    ("location", "files", "said"),
    [
        ("gone.json", {}, [("template.yaml", 4, "DefinitionUri gone.json does not exist")]),
        (
            "bad.json",
            {"bad.json": "{\n\n,"},
            [("bad.json", 3, "not valid JSON: object keys must be strings")],
        ),
        ("list.json", {"list.json": "[1]"}, [("template.yaml", 4, "DefinitionUri list.json holds no map")]),
        ("s3://bucket/key", {}, []),
        ("{Bucket: b, Key: k}", {}, []),
    ],
)
def test_a_definition_that_cannot_be_read_is_said_and_unknown(location, files, said) -> None:
    found = reading(
        "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n"
        f"    Properties: {{DefinitionUri: {location}, Role: 'arn:aws:iam::1:role/r'}}\n  Q: {{Type: AWS::SQS::Queue}}\n",
        files,
    )
    assert [item for item in complaints(found) if not item[2].startswith("M.")] == said
    assert "Q" in shown(found)
