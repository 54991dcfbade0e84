"""Each default is a value that the schema allows, and says where AWS documents it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stackworthy.aws.defaults import DATA, absence, default, defaults, sources
from stackworthy.aws.schemas import Schema, schema

TABLES: dict[str, dict[str, Any]] = {
    kind: entry
    for path in sorted(DATA.glob("*.json"))
    for kind, entry in json.loads(path.read_text()).items()
}
PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "list": list,
    "object": dict,
}


def known(kind: str) -> Schema:
    found = schema(kind)
    assert found is not None, kind
    return found


def test_there_are_at_least_250_defaults() -> None:
    assert sum(len(defaults(kind)) for kind in TABLES) >= 250


@pytest.mark.parametrize("kind", TABLES)
def test_a_default_has_the_type_and_is_among_the_values_that_the_schema_gives_its_path(kind: str) -> None:
    for path, value in TABLES[kind].get("defaults", {}).items():
        type_ = known(kind).type_of(path)
        assert type_ in PYTHON_TYPES, path
        assert isinstance(value, PYTHON_TYPES[type_]), path
        assert isinstance(value, bool) == (type_ == "boolean"), path
        assert value in (known(kind).enum(path) or (value,)), path


@pytest.mark.parametrize("kind", TABLES)
def test_an_object_or_list_as_default_follows_the_schema_too(kind: str) -> None:
    def follow(path: str, value: Any) -> None:
        assert known(kind).has(path), path
        if isinstance(value, dict):
            for name, inner in value.items():
                follow(f"{path}.{name}", inner)
        elif isinstance(value, list):
            for inner in value:
                follow(f"{path}[]", inner)
        else:
            assert value in (known(kind).enum(path) or (value,)), path

    for path, value in TABLES[kind].get("defaults", {}).items():
        follow(path, value)


@pytest.mark.parametrize("kind", TABLES)
def test_what_an_absence_means_is_said_of_a_path_of_the_schema(kind: str) -> None:
    assert [path for path in TABLES[kind].get("absent", {}) if not known(kind).has(path)] == []


@pytest.mark.parametrize("kind", TABLES)
def test_a_kind_names_the_aws_pages_it_was_taken_from(kind: str) -> None:
    assert sources(kind)
    assert all(source.startswith("https://docs.aws.amazon.com/") for source in sources(kind))


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.stem)
def test_a_kind_stands_in_the_file_of_its_service(path: Path) -> None:
    assert {kind.split("::")[1] for kind in json.loads(path.read_text())} == {path.stem}


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("AWS::Lambda::Function", "Timeout", 3),
        ("AWS::Lambda::Function", "MemorySize", 128),
        ("AWS::Lambda::Function", "Architectures", ["x86_64"]),
        ("AWS::Lambda::Function", "TracingConfig.Mode", "PassThrough"),
        ("AWS::Lambda::Function", "ReservedConcurrentExecutions", None),
        ("AWS::Lambda::EventSourceMapping", "BatchSize", None),
        ("AWS::SQS::Queue", "MaximumMessageSize", 1_048_576),
        ("AWS::SNS::Topic", "MaximumMessageSize", 262_144),
        ("AWS::DynamoDB::Table", "BillingMode", "PROVISIONED"),
        ("AWS::Logs::LogGroup", "RetentionInDays", None),
        ("AWS::Events::Rule", "Targets[Id=worker].RetryPolicy.MaximumRetryAttempts", 185),
        ("AWS::Events::Rule", "Targets[0].RetryPolicy.MaximumRetryAttempts", 185),
        ("Custom::Seeder", "ServiceTimeout", 3600),
        ("AWS::Lambda::Function", "NoSuchProperty", None),
        ("AWS::NoSuch::Kind", "Timeout", None),
        ("AWS::../..::Kind", "Timeout", None),
    ],
)
def test_a_default_is_found_by_kind_and_path(kind: str, path: str, value: object) -> None:
    assert default(kind, path) == value


@pytest.mark.parametrize(
    ("given", "value"),
    [("", True), ("PublicAccessBlockConfiguration", False), ("PublicAccessBlockConfigurationX", True)],
)
def test_a_missing_object_and_an_object_without_the_property_may_differ(given: str, value: bool) -> None:
    assert default("AWS::S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", given) is value


def test_an_absence_without_default_is_described() -> None:
    assert absence("AWS::Logs::LogGroup", "RetentionInDays") == "log events never expire"
    assert absence("AWS::Logs::LogGroup", "LogGroupName") is None
    assert absence("AWS::NoSuch::Kind", "Name") is None


def test_the_table_of_a_kind_can_be_changed_without_harm() -> None:
    defaults("AWS::SQS::Queue")["DelaySeconds"] = 7
    assert default("AWS::SQS::Queue", "DelaySeconds") == 0
    assert defaults("AWS::NoSuch::Kind") == {}
    assert sources("AWS::NoSuch::Kind") == ()


def test_asking_for_a_default_opens_the_file_of_its_service_only() -> None:
    script = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from stackworthy.aws.defaults import default
default("AWS::SQS::Queue", "DelaySeconds")
print([name.rsplit("/")[-1] for name in opened if "/data/defaults/" in name])
"""
    source_root = Path(__file__).parents[2] / "src"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=source_root
    )
    assert run.stdout.strip() == "['SQS.json']"
