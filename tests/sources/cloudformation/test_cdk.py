"""Assemblies of the CDK: stacks, stages, construct paths, nested stacks, assets; with and without what its metadata says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.templates import Files

from stackworthy.config import Environment, Settings
from stackworthy.core.graph import Graph
from stackworthy.core.plain import plain
from stackworthy.sources.cloudformation.cdk import assembly_of, nested_scope
from stackworthy.sources.cloudformation.reader import read
from stackworthy.sources.find import find
from stackworthy.sources.stack import StackRef

APP = Path(__file__).parents[2] / "corpus" / "cdk_app"
FILES = {str(path.relative_to(APP)): path.read_bytes() for path in sorted(APP.rglob("*")) if path.is_file()}
API, DATA = "cdk.out/Api.template.json", "cdk.out/Data.template.json"
PRODUCTION = "cdk.out/assembly-Production/ProductionApiA56DA59C.template.json"


def without_metadata(files: dict[str, bytes]) -> dict[str, bytes]:
    """The assembly as it is synthesized with path and asset metadata off."""
    bare = dict(files)
    for name, content in files.items():
        if name.endswith(".template.json"):
            template = json.loads(content)
            for body in template["Resources"].values():
                body.pop("Metadata", None)
            bare[name] = json.dumps(template).encode()
    return bare


def with_metadata_in_the_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    """The assembly as earlier versions write it: what is now in files of its own stands in the manifest."""
    older = dict(files)
    for name, content in files.items():
        if name.endswith("manifest.json"):
            manifest = json.loads(content)
            folder = name.rpartition("/")[0]
            for artifact in manifest["artifacts"].values():
                further = artifact.pop("additionalMetadataFile", None)
                if further:
                    artifact["metadata"] = json.loads(older.pop(f"{folder}/{further}"))
            older[name] = json.dumps(manifest).encode()
    return older


FORMS = {
    "now": FILES,
    "bare": without_metadata(FILES),
    "older": with_metadata_in_the_manifest(FILES),
    "older and bare": with_metadata_in_the_manifest(without_metadata(FILES)),
}


def graph(files: dict[str, bytes], path: str, **settings: Any) -> Graph:
    reading = read(Files(files), StackRef("cdk", path), Settings(), **settings)
    assert reading.diagnostics == []
    return reading.graph


def outline(found: Graph) -> dict[str, Any]:
    return {r.address: (r.kind, r.code, r.region, r.account, plain(r.all_properties())) for r in found}


def test_every_stack_of_the_app_and_its_stage_is_found() -> None:
    from stackworthy.core.workspace import Disk

    found = find(Disk(APP), "", Settings())
    assert [(stack.format, stack.path) for stack in found.stacks] == [
        ("cdk", API),
        ("cdk", DATA),
        ("cdk", PRODUCTION),
        ("cdk", "cdk.out/assembly-Production/ProductionDataBCCFC6B1.template.json"),
    ]
    assert found.diagnostics == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", [API, DATA, PRODUCTION])
def test_an_assembly_reads_the_same_in_every_form(form, path) -> None:
    assert outline(graph(FORMS[form], path)) == outline(graph(FILES, path))


@pytest.mark.parametrize("form", FORMS)
def test_addresses_are_construct_paths_also_in_nested_stacks(form) -> None:
    addresses = list(graph(FORMS[form], API).resources)
    assert "Api/Orders/Resource" in addresses
    assert "Api/Reports.NestedStack/Reports.NestedStackResource" in addresses
    assert "Api/Reports/Jobs/Resource" in addresses
    assert all(address.startswith("Api/") for address in addresses)
    assert "Production/Api/Reports/Report/Resource" in graph(FORMS[form], PRODUCTION).resources


@pytest.mark.parametrize("form", FORMS)
def test_functions_and_layers_are_linked_to_their_assets(form) -> None:
    found = graph(FORMS[form], API)
    assert found["Api/Orders/Resource"].code == (
        "cdk.out/asset.7668435b017bc0184ab6c6ee9f6c36bfa29458d0d18d242d007ee7b6a2049204"
    )
    assert str(found["Api/Common/Resource"].code).startswith("cdk.out/asset.7d4f")
    assert str(found["Api/Reports/Report/Resource"].code).startswith("cdk.out/asset.1874")
    assert found["Api/Ping/Resource"].code is None
    staged = graph(FORMS[form], PRODUCTION)
    assert str(staged["Production/Api/Reports/Report/Resource"].code).startswith("cdk.out/asset.1874")


def test_nested_stacks_are_given_the_values_of_their_parent() -> None:
    found = graph(FILES, API)
    handed = plain(found["Api/Reports/Report/Resource"]["Environment.Variables.TABLE"])
    assert handed == {
        "$unknown": "Data:ExportsOutputRefOrdersA9B6533847015BBC is imported from another stack"
    }
    mapping = found["Api/Reports/Report/SqsEventSource:ApiReportsJobsD7A6F78F/Resource"]
    assert plain(mapping["EventSourceArn"]) == {"$ref": ["Api/Reports/Jobs/Resource", "Arn"]}


def test_account_region_and_stack_name_come_from_the_manifest() -> None:
    found = graph(FILES, PRODUCTION)
    function = found["Production/Api/Orders/Resource"]
    assert (function.region, function.account) == ("eu-west-1", "111122223333")
    assembly = assembly_of(Files(FILES), PRODUCTION)
    assert assembly is not None
    assert (assembly.stack_name, assembly.account, assembly.region) == (
        "Production-Api",
        "111122223333",
        "eu-west-1",
    )
    unknown = assembly_of(Files(FILES), API)
    assert unknown is not None
    assert (unknown.stack_name, unknown.account, unknown.region) == ("Api", None, None)


def test_an_environments_region_wins_over_the_manifests() -> None:
    found = graph(FILES, PRODUCTION, environment=Environment("x", region="us-east-2"))
    assert found["Production/Api/Orders/Resource"].region == "us-east-2"


def test_what_the_cdk_did_not_name_keeps_its_logical_id() -> None:
    template = {
        "Resources": {
            "Odd": {"Type": "AWS::SNS::Topic"},
            "One": {"Type": "AWS::SNS::Topic", "Metadata": {"aws:cdk:path": "S/Same"}},
            "Two": {"Type": "AWS::SNS::Topic", "Metadata": {"aws:cdk:path": "S/Same"}},
            "Bad": {"Type": "AWS::SNS::Topic", "Metadata": {"aws:cdk:path": ["x"]}},
        }
    }
    found = graph({"T.json": json.dumps(template).encode()}, "T.json")
    assert list(found.resources) == ["Odd", "S/Same", "Two", "Bad"]


def test_a_stack_without_resources_is_no_fault_of_an_app() -> None:
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.json"}}
    files = {
        "manifest.json": json.dumps({"artifacts": {"S": stack}}).encode(),
        "S.json": b'{"Parameters": {}}',
    }
    assert len(graph(files, "S.json")) == 0


def image_app(code: object) -> dict[str, bytes]:
    manifest = {
        "artifacts": {
            "S.assets": {"type": "cdk:asset-manifest", "properties": {"file": "S.assets.json"}},
            "S": {
                "type": "aws:cloudformation:stack",
                "properties": {"templateFile": "S.json"},
                "dependencies": ["S.assets", 3, "gone"],
            },
        }
    }
    assets = {
        "files": {
            "x": None,
            "y": {"source": {"path": "asset.y"}, "destinations": {"d": {"objectKey": "prefix/y.zip"}}},
        },
        "dockerImages": {
            "abc": {
                "source": {"directory": "asset.abc"},
                "destinations": {"d": {"repositoryName": "r", "imageTag": "abc"}},
            }
        },
    }
    template = {
        "Resources": {"Fn": {"Type": "AWS::Lambda::Function", "Properties": {"Code": code, "Role": "r"}}}
    }
    return {
        "manifest.json": json.dumps(manifest).encode(),
        "S.assets.json": json.dumps(assets).encode(),
        "S.json": json.dumps(template).encode(),
        "asset.abc/Dockerfile": b"",
        "asset.y/index.js": b"",
    }


@pytest.mark.parametrize(
    ("code", "folder"),
    [
        (
            {"ImageUri": {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/r:abc"}},
            "asset.abc",
        ),
        ({"S3Bucket": "b", "S3Key": "prefix/y.zip"}, "asset.y"),
        ({"S3Bucket": "b", "S3Key": "y.zip"}, None),
        ({"S3Bucket": "b", "S3Key": "other.zip"}, None),
        ({"ZipFile": "x"}, None),
    ],
)
def test_an_asset_is_known_by_its_object_key_or_image_tag(code, folder) -> None:
    assert graph(image_app(code), "S.json")["Fn"].code == folder


@pytest.mark.parametrize(
    "manifest",
    ["{", "[]", '{"artifacts": []}', '{"artifacts": {"S": 1, "T": {"type": [], "properties": "x"}}}'],
)
def test_an_odd_manifest_does_not_keep_a_template_from_being_read(manifest) -> None:
    files = {
        "manifest.json": manifest.encode(),
        "S.json": b'{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}',
    }
    assert list(graph(files, "S.json").resources) == ["T"]


@pytest.mark.parametrize(
    "artifact",
    [
        {"metadata": [], "additionalMetadataFile": "gone.json", "environment": 3},
        {
            "metadata": {"/S/T": "x", "/S/U": [{"type": "aws:cdk:logicalId", "data": ["T"]}, None]},
            "environment": "aws://x",
        },
        {"additionalMetadataFile": "../../etc/passwd", "dependencies": "x", "environment": "aws:///"},
    ],
)
def test_odd_metadata_does_not_keep_a_template_from_being_read(artifact) -> None:
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.json"}, **artifact}
    files = {
        "manifest.json": json.dumps({"artifacts": {"S": stack}}).encode(),
        "S.json": b'{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}',
    }
    assert list(graph(files, "S.json").resources) == ["T"]


def test_the_scope_of_a_nested_stack_is_that_of_its_construct() -> None:
    assert nested_scope("Api/Reports.NestedStack/Reports.NestedStackResource") == "Api/Reports"
    assert nested_scope("Api/A/B.NestedStack/B.NestedStackResource") == "Api/A/B"
