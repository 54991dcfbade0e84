from __future__ import annotations

from pathlib import Path

import pytest

from stackworthy.config import Settings
from stackworthy.core.workspace import Disk
from stackworthy.sources.find import find
from stackworthy.sources.serverless.find import is_configuration, other_cloud, taken_in

SERVICE = "service: a\nprovider:\n  name: aws\nfunctions: {f: {handler: a.b}}\n"


def _found(
    folder: Path, path: str = "", settings: Settings | None = None
) -> tuple[list[tuple[str, str]], list[str]]:
    found = find(Disk(folder), path, settings or Settings())
    return [(one.format, one.path) for one in found.stacks], [item.message for item in found.diagnostics]


@pytest.mark.parametrize(
    "name", ["serverless.yml", "serverless.yaml", "a/serverless.json", "serverless-prod.yml"]
)
def test_a_configuration_is_told_by_its_name_and_content(name: str) -> None:
    content = b'{"service": "a", "provider": {"name": "aws"}}' if name.endswith("json") else SERVICE.encode()
    assert is_configuration(name, content)


def test_another_file_of_that_name_is_none() -> None:
    assert not is_configuration("serverless.yml", b"component: express\n")
    assert not is_configuration("docker-compose.yml", SERVICE.encode())


@pytest.mark.parametrize(
    ("text", "cloud"),
    [
        ("provider: google\n", "google"),
        ("provider:\n  name: azure\n", "azure"),
        ("provider:\n  # the cloud\n  runtime: x\n\n  name: 'openwhisk'\n", "openwhisk"),
        ("provider: aws # ours\n", None),
        ("provider:\n  name: aws\n", None),
        ("provider: ${file(p.yml)}\n", None),
        ('{"provider": {"name": "google"}}', "google"),
        ('{"provider": {"runtime": "x", "size": 5, "name": "google"}}', "google"),
        ('{"provider": "azure"}', "azure"),
        ("provider:\n  runtime: x\nfunctions:\n  name: google\n", None),
    ],
)
def test_the_cloud_of_a_service_is_told(text: str, cloud: str | None) -> None:
    assert other_cloud(text.encode()) == cloud


def test_services_are_found_below_a_folder_and_by_their_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "serverless.yml").write_text(SERVICE)
    assert _found(tmp_path)[0] == [("serverless", "a/serverless.yml")]
    assert _found(tmp_path, "a/serverless.yml")[0] == [("serverless", "a/serverless.yml")]
    assert _found(tmp_path, "", Settings(only_formats=("sam",)))[0] == []
    assert _found(tmp_path, "", Settings(only_formats=("serverless",)))[0] == [
        ("serverless", "a/serverless.yml")
    ]


def test_a_service_of_another_cloud_is_noted_and_not_reviewed(tmp_path: Path) -> None:
    (tmp_path / "serverless.yml").write_text(SERVICE.replace("aws", "google"))
    assert _found(tmp_path) == ([], ["is a service for google, and only services for AWS are reviewed"])


@pytest.mark.parametrize("name", ["serverless.ts", "serverless.js"])
def test_a_configuration_written_as_code_is_said_not_to_be_read(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("module.exports = {service: 'a', provider: {name: 'aws'}}")
    said = ["is a configuration written as code, which a review does not run"]
    assert _found(tmp_path) == ([], said)
    assert _found(tmp_path, name) == ([], said)


def test_a_template_that_a_service_takes_in_is_a_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "serverless.yml").write_text(SERVICE + 'resources: ["${file(./res/${sls:stage}.yml)}"]\n')
    (tmp_path / "res").mkdir()
    for name in ("dev", "prod"):
        (tmp_path / "res" / f"{name}.yml").write_text("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n")
    (tmp_path / "own.yml").write_text("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n")
    assert _found(tmp_path)[0] == [("cloudformation", "own.yml"), ("serverless", "serverless.yml")]


def test_what_a_taken_in_file_takes_in_belongs_to_the_service_too() -> None:
    others = {"a/b.yml": b"x: ${file(c.yml):y}", "a/c.yml": b"", "a/d.yml": b""}
    assert taken_in("a/serverless.yml", b"resources: ${file(b.yml)}", others) == {"a/b.yml", "a/c.yml"}


def test_thousands_of_blank_lines_are_looked_at_in_time() -> None:
    assert other_cloud(b"provider:\n" + b"   \n" * 30_000 + b"x") is None
    assert other_cloud(b'{"provider": {' + b'"a": "b", ' * 30_000) is None
