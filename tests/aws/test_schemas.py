"""The vocabulary agrees with the registry schemas that it was made from."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

cfnlint = pytest.importorskip("cfnlint")

from stackworthy.aws.schemas import DATA, kinds, schema  # noqa: E402

ROOT = Path(__file__).parents[2]
ORIGINALS = Path(cfnlint.__file__).parent / "data" / "schemas"

EVERYDAY = (Path(__file__).parent / "serverless_kinds.txt").read_text().split()


def original(kind: str) -> dict[str, Any]:
    hashes = json.loads((ORIGINALS / "providers" / "us-east-1.json").read_text())
    found: dict[str, Any] = json.loads((ORIGINALS / "resources" / f"{hashes[kind]}.json").read_text())
    return found


def test_the_data_is_what_the_generator_makes() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "tools" / "make_schemas.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stdout + check.stderr


def test_the_kinds_that_serverless_stacks_use_are_known() -> None:
    assert len(EVERYDAY) >= 130
    assert len({kind.split("::")[1] for kind in EVERYDAY}) >= 85
    assert [kind for kind in EVERYDAY if schema(kind) is None] == []


def test_every_kind_of_the_index_has_a_schema_and_every_schema_its_kind() -> None:
    for kind in kinds():
        found = schema(kind)
        assert found is not None
        assert found.kind == kind
    in_files = {
        kind
        for path in DATA.glob("*.json")
        if path.stem != "index"
        for kind in json.loads(path.read_text())["kinds"]
    }
    assert in_files == kinds()


@pytest.mark.parametrize("kind", EVERYDAY)
def test_a_kind_has_the_properties_required_names_and_tags_of_its_original(kind: str) -> None:
    found, source = schema(kind), original(kind)
    assert found is not None
    assert set(found.properties) == set(source["properties"])
    assert set(source.get("required", ())) <= set(found.required())
    assert len(found.identifier) == len(source["primaryIdentifier"])
    tags = source.get("tagging", {}).get("tagProperty", "").removeprefix("/properties/")
    assert found.tag_property == (tags if tags in source["properties"] else None)


def plain_paths(
    source: dict[str, Any], node: dict[str, Any], path: str, depth: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of an original, six levels deep, where its schema says one type and no alternatives."""
    while "$ref" in node:
        _, table, name = node["$ref"].split("/")
        node = source[table][name]
    if not isinstance(node.get("type"), str) or {"oneOf", "anyOf", "allOf"} & set(node):
        return
    if path:
        yield path, node
    if depth == 6:
        return
    if node["type"] == "array" and "items" in node:
        yield from plain_paths(source, node["items"], f"{path}[]", depth + 1)
    for name, inner in node.get("properties", {}).items():
        yield from plain_paths(source, inner, f"{path}.{name}" if path else name, depth + 1)


@pytest.mark.parametrize("kind", EVERYDAY)
def test_each_path_of_a_kind_has_the_type_enum_and_required_names_of_its_original(kind: str) -> None:
    found, source = schema(kind), original(kind)
    assert found is not None
    names = {"array": {"list"}, "object": {"object", "map", "json"}}
    top = {"type": "object", "properties": source["properties"]}
    for path, node in plain_paths(source, top, "", 0):
        assert found.type_of(path) in names.get(node["type"], {node["type"]}), path
        if "const" not in node:
            assert list(found.enum(path) or ()) == list(dict.fromkeys(node.get("enum", ()))), path
        if "properties" in node:
            assert set(found.required(path)) == set(node.get("required", ())), path


@pytest.mark.parametrize("kind", EVERYDAY)
def test_a_kind_has_the_create_only_read_only_and_write_only_paths_of_its_original(kind: str) -> None:
    found, source = schema(kind), original(kind)
    assert found is not None
    for paths, word in (
        (found.create_only, "createOnlyProperties"),
        (found.read_only, "readOnlyProperties"),
        (found.write_only, "writeOnlyProperties"),
    ):
        names = [
            [part for part in pointer.split("/") if part not in ("properties", "*", "")]
            for pointer in source.get(word, ())
        ]
        assert sorted(path.replace("[]", "").replace(".*", "") for path in paths) == sorted(
            {".".join(parts).replace("items.", "") for parts in names}
        )


@pytest.mark.parametrize("kind", EVERYDAY)
def test_a_kinds_attributes_are_those_that_cfn_lint_accepts_in_getatt(kind: str) -> None:
    from cfnlint.schema import Schema as Original
    from cfnlint.schema._getatts import GetAtts

    found = schema(kind)
    assert found is not None
    accepted = {
        name.replace("\\.", ".").replace("..*", ".*") for name in GetAtts(Original(original(kind))).attrs.data
    }
    inside_lists = {name for name in accepted if ".*." in name}
    assert found.attributes == {"*" if name == ".*" else name for name in accepted - inside_lists}


@pytest.mark.parametrize(
    ("kind", "path", "type_"),
    [
        ("AWS::Lambda::Function", "", "object"),
        ("AWS::Lambda::Function", "Timeout", "integer"),
        ("AWS::Lambda::Function", "Arn", "string"),
        ("AWS::Lambda::Function", "Architectures", "list"),
        ("AWS::Lambda::Function", "Architectures[0]", "string"),
        ("AWS::Lambda::Function", "Environment", "object"),
        ("AWS::Lambda::Function", "Environment.Variables", "map"),
        ("AWS::Lambda::Function", "Environment.Variables.*", "any"),
        ("AWS::Lambda::Function", "Environment.Variables.TABLE.NAME", "any"),
        ("AWS::S3::Bucket", "LifecycleConfiguration.Rules[].ExpirationInDays", "integer"),
        ("AWS::S3::Bucket", "LifecycleConfiguration.Rules[Id=chunks].ExpirationInDays", "integer"),
        ("AWS::S3::Bucket", "LifecycleConfiguration.Rules[Id=a.b].Transitions[3].StorageClass", "string"),
        ("AWS::IAM::Role", "AssumeRolePolicyDocument", "json"),
        ("AWS::IAM::Role", "AssumeRolePolicyDocument.Statement[0].Effect", "any"),
        ("AWS::IAM::Role", "Policies[PolicyName=read].PolicyDocument", "json"),
        ("AWS::ApiGateway::Method", "RequestParameters.method.request.path.id", "boolean"),
        ("AWS::ApiGatewayV2::Stage", "RouteSettings", "json"),
        ("AWS::ApiGatewayV2::Route", "RequestParameters", "map"),
        ("AWS::SQS::Queue", "RedrivePolicy", "object"),
        ("AWS::SQS::Queue", "RedrivePolicy.maxReceiveCount", "integer"),
        ("AWS::CloudWatch::Alarm", "Threshold", "number"),
        ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", "boolean"),
        ("AWS::CloudFormation::CustomResource", "Anything", "any"),
        ("Custom::Seeder", "Anything.At[0].All", "any"),
        ("Custom::Seeder", "ServiceToken", "string"),
    ],
)
def test_a_path_has_the_type_that_the_registry_gives_it(kind: str, path: str, type_: str) -> None:
    found = schema(kind)
    assert found is not None
    assert found.type_of(path) == type_
    assert found.has(path)
    assert found.scalar_type(path) == (type_ if type_ in ("string", "integer", "number", "boolean") else None)


@pytest.mark.parametrize(
    "path",
    [
        "Nope",
        "Timeout.Seconds",
        "Timeout[]",
        "Architectures.0",
        "Environment[]",
        "Code.",
        ".Code",
        "Code..S3Key",
        "a]b[",
        "[",
        "Tags[0",
    ],
)
def test_a_path_that_leads_nowhere_has_no_type(path: str) -> None:
    found = schema("AWS::Lambda::Function")
    assert found is not None
    assert found.type_of(path) is None
    assert not found.has(path)
    assert found.enum(path) is None
    assert found.required(path) == ()
    assert not found.is_create_only(path)


def test_a_recursive_schema_is_followed_as_deep_as_the_path_goes() -> None:
    acl = schema("AWS::WAFv2::WebACL")
    assert acl is not None
    deep = "Rules[].Statement" + ".NotStatement.Statement" * 50 + ".GeoMatchStatement.CountryCodes[0]"
    assert acl.type_of(deep) == "string"


def test_listing_the_paths_of_a_recursive_schema_ends() -> None:
    acl = schema("AWS::WAFv2::WebACL")
    assert acl is not None
    paths = dict(acl.paths())
    assert paths["Rules[].Statement.NotStatement.Statement"] == "object"
    assert "Rules[].Statement.NotStatement.Statement.NotStatement" not in paths
    assert all(acl.type_of(path) == type_ for path, type_ in paths.items())


def test_enums_are_the_originals() -> None:
    function, bucket = schema("AWS::Lambda::Function"), schema("AWS::S3::Bucket")
    assert function is not None
    assert bucket is not None
    assert set(function.enum("TracingConfig.Mode") or ()) == {"Active", "PassThrough"}
    assert set(function.enum("Architectures[]") or ()) == {"x86_64", "arm64"}
    assert bucket.enum("VersioningConfiguration.Status") == ("Enabled", "Suspended")
    assert function.enum("Timeout") is None


def test_required_names_are_per_object() -> None:
    table = schema("AWS::DynamoDB::Table")
    assert table is not None
    assert table.required() == ("KeySchema",)
    assert set(table.required("GlobalSecondaryIndexes[0]")) == {"IndexName", "KeySchema", "Projection"}
    assert table.required("GlobalSecondaryIndexes") == ()


def test_alternatives_require_only_what_each_of_them_requires() -> None:
    rule = schema("AWS::Route53RecoveryControl::SafetyRule")
    assert rule is not None
    assert set(rule.required()) == {"Name", "ControlPanelArn", "RuleConfig"}


def test_what_lies_within_a_create_only_path_is_create_only() -> None:
    function, kinesis = schema("AWS::Lambda::Function"), schema("AWS::Pipes::Pipe")
    assert function is not None
    assert kinesis is not None
    assert function.is_create_only("FunctionName")
    assert not function.is_create_only("Timeout")
    assert kinesis.is_create_only("SourceParameters.KinesisStreamParameters.StartingPosition")
    assert not kinesis.is_create_only("SourceParameters.KinesisStreamParameters.BatchSize")


def test_what_lies_within_a_read_only_path_is_read_only() -> None:
    database = schema("AWS::RDS::DBInstance")
    assert database is not None
    assert database.is_read_only("Endpoint.Address")
    assert not database.is_read_only("AllocatedStorage")


def test_attributes_have_types() -> None:
    stack, queue, custom = (
        schema("AWS::CloudFormation::Stack"),
        schema("AWS::SQS::Queue"),
        schema("Custom::Seeder"),
    )
    assert stack is not None
    assert queue is not None
    assert custom is not None
    assert stack.attribute_type("Outputs.TableName") == "string"
    assert stack.attribute_type("TableName") is None
    assert queue.attribute_type("Arn") == "string"
    assert queue.attribute_type("NoSuch") is None
    assert custom.attribute_type("Whatever") == "any"


@pytest.mark.parametrize(
    "kind", ["", "AWS", "AWS::", "AWS::Lambda::Functions", "aws::lambda::function", "AWS::../../x::Y"]
)
def test_an_unknown_kind_has_no_schema(kind: str) -> None:
    assert schema(kind) is None


def test_loading_a_kind_opens_its_own_service_only() -> None:
    script = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from stackworthy.aws.schemas import schema
schema("AWS::SQS::Queue")
print([name.rsplit("/")[-1] for name in opened if "/data/schemas/" in name])
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )
    assert run.stdout.strip() == "['index.json', 'SQS.json']"


def test_naming_many_items_does_not_grow_the_memory_without_bound() -> None:
    function = schema("AWS::Lambda::Function")
    assert function is not None
    for number in range(30_000):
        assert function.type_of(f"Tags[{number}].Key") == "string"
    assert len(function._places) <= 20_000


def test_the_data_is_a_few_megabytes_and_says_how_it_was_made() -> None:
    files = list(DATA.glob("*.json"))
    assert sum(path.stat().st_size for path in files) < 4_000_000
    assert all(
        json.loads(path.read_text())["how"].startswith("tools/make_schemas.py from cfn-lint")
        for path in files
    )
