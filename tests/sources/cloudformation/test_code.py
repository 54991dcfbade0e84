"""Links from resources to the code that they run."""

from __future__ import annotations

import pytest
from tests.sources.cloudformation.reading import reading, stack

from stackworthy.core.plain import plain

CODE = {"src/app.py": "", "src/nested/x.py": "", "layer/python/y.py": "", "image/Dockerfile": "", "fn.js": ""}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: ./src/}}", "src"),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: !Ref Where}}", "src/nested"),
        ("{Type: AWS::Serverless::Function}", "src"),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: s3://bucket/key}}", None),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: {Bucket: b, Key: k}}}", None),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: ../../outside}}", None),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: /etc}}", None),
        ("{Type: AWS::Serverless::Function, Properties: {CodeUri: gone}}", None),
        (
            "{Type: AWS::Serverless::Function, Properties: {PackageType: Image}, Metadata: {DockerContext: ./image}}",
            "image",
        ),
        ("{Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer}}", "layer"),
        ("{Type: AWS::Lambda::Function, Properties: {Code: src, Role: r}}", "src"),
        ("{Type: AWS::Lambda::Function, Properties: {Code: fn.js, Role: r}}", "fn.js"),
        ("{Type: AWS::Lambda::Function, Properties: {Code: {S3Bucket: b, S3Key: k}, Role: r}}", None),
        ("{Type: AWS::Lambda::LayerVersion, Properties: {Content: layer}}", "layer"),
        ("{Type: AWS::SQS::Queue, Properties: {Code: src}}", None),
    ],
)
def test_a_resource_is_linked_to_the_code_that_it_runs(body, code) -> None:
    found = reading(
        "Parameters: {Where: {Type: String, Default: src/nested}}\n"
        f"Globals: {{Function: {{Runtime: python3.12, Handler: a.b, CodeUri: src}}}}\nResources:\n  A: {body}\n",
        CODE,
    )
    resource = found.graph.get("A") or next(iter(found.graph))
    assert resource.code == code


def test_code_is_found_beside_the_template_that_names_it() -> None:
    found = reading(
        f"Resources:\n  App: {stack('apps/one/template.yaml')}\n",
        {
            "apps/one/template.yaml": "Resources: {Fn: {Type: AWS::Lambda::Function, Properties: {Code: ./code, Role: r}}}",
            "apps/one/code/a.py": "",
        },
    )
    assert found.graph["App/Fn"].code == "apps/one/code"


@pytest.mark.parametrize(
    ("kind", "property"),
    [
        ("AWS::Lambda::Function", "Code"),
        ("AWS::Lambda::LayerVersion", "Content"),
        ("AWS::ApiGateway::RestApi", "BodyS3Location"),
    ],
)
def test_a_local_path_is_stated_but_what_its_upload_makes_of_it_is_not_known(kind, property) -> None:
    from stackworthy.core.value import is_stated

    value = reading({"Resources": {"It": {"Type": kind, "Properties": {property: "src"}}}}).graph["It"][
        property
    ]
    if property != "BodyS3Location":
        assert plain(value) == {"$unknown": "src is uploaded at deployment"}
    assert is_stated(value)
