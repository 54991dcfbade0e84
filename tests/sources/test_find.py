"""Which stacks lie below a path."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from stackworthy.config import PathOverride, Policy, Settings
from stackworthy.core.workspace import Disk, Overlay
from stackworthy.sources.cloudformation.find import is_template
from stackworthy.sources.find import Found, find

TEMPLATE = "Resources:\n  Queue: {Type: AWS::SQS::Queue}\n"
SAM = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Fn: {Type: AWS::Serverless::Function}\n"


def lay(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def found_in(folder: Path, files: dict[str, str | bytes], path: str = "", **settings: object) -> Found:
    lay(folder, files)
    return find(Disk(folder), path, Settings(**settings))  # type: ignore[arg-type]


def stacks(found: Found) -> list[tuple[str, str]]:
    return [(stack.format, stack.path) for stack in found.stacks]


def said(found: Found) -> list[tuple[str, str, str]]:
    return [(item.level, item.file, item.message) for item in found.diagnostics]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("t.yaml", TEMPLATE),
        ("t.yml", "AWSTemplateFormatVersion: '2010-09-09'\n"),
        ("t.yaml", "\ufeffAWSTemplateFormatVersion: '2010-09-09'\n"),
        ("t.yaml", "Resources: []\nAWSTemplateFormatVersion: x\n"),
        ("t.yaml", "'Resources':\n  A:\n    'Type': 'Custom::A'\n"),
        ("t.yaml", '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}'),
        ("t.yaml", "{\n  Resources: {A: {Type: AWS::SNS::Topic}}}"),
        ("t.yaml", "Resources:\r\n  A:\r\n    Type: AWS::SNS::Topic\r\n"),
        ("t.template", '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}'),
        ("t.template", TEMPLATE),
        ("t.json", '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}'),
        ("t.json", '{"AWSTemplateFormatVersion": "2010-09-09", "Resources": []}'),
        ("t.yaml", "Resources:\n  A:\n    Type: AWS::SNS::Topic\n   broken: [\n"),
    ],
)
def test_a_template_is_known_by_its_content(file, content) -> None:
    assert is_template(file, content.encode())


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("t.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  Resources: {}\n"),
        ("t.yaml", "Resources:\n  - name: one\n    Type: thing\n"),
        ("t.yaml", "a: 1\n"),
        ("t.yaml", ""),
        ("t.json", '{"name": "package", "dependencies": {}}'),
        ("t.json", '{"documentation": "see AWS::SQS::Queue", "operations": {"Resources": {}}}'),
        ("t.json", '{"shapes": {"Resources": {"type": "list", "documentation": "AWS::S3::Bucket"}}}'),
        ("t.json", '{"StackResources": {"documentation": "<code>Type: AWS::S3::Bucket</code>"}}'),
    ],
)
def test_what_is_no_template_is_passed_over(file, content) -> None:
    assert not is_template(file, content.encode())


def test_every_template_below_a_folder_is_found_in_order_with_its_format(tmp_path: Path) -> None:
    found = found_in(
        tmp_path,
        {
            "b/template.yaml": SAM,
            "a.yml": TEMPLATE,
            "c/d/e.json": '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
            "node_modules/x/t.yaml": TEMPLATE,
            ".aws-sam/build/template.yaml": SAM,
            "readme.md": TEMPLATE,
        },
    )
    assert stacks(found) == [
        ("cloudformation", "a.yml"),
        ("sam", "b/template.yaml"),
        ("cloudformation", "c/d/e.json"),
    ]
    assert found.diagnostics == []


def test_only_formats_that_are_wanted_are_found(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"s.yaml": SAM, "c.yaml": TEMPLATE}
    assert stacks(found_in(tmp_path, files, only_formats=("sam",))) == [("sam", "s.yaml")]
    assert len(stacks(found_in(tmp_path, files, only_formats=("cloudformation",)))) == 2
    assert stacks(found_in(tmp_path, files, only_formats=("cdk",))) == []


def test_what_the_configuration_leaves_out_is_not_found(tmp_path: Path) -> None:
    policy = Policy(paths=(PathOverride("old/**", skip=True),))
    found = found_in(tmp_path, {"old/t.yaml": TEMPLATE, "new/t.yaml": TEMPLATE}, policy=policy)
    assert stacks(found) == [("cloudformation", "new/t.yaml")]


def nesting(*locations: str, kind: str = "AWS::CloudFormation::Stack", key: str = "TemplateURL") -> str:
    lines = [
        f"  S{index}:\n    Type: {kind}\n    Properties:\n      {key}: {location}\n"
        for index, location in enumerate(locations)
    ]
    return "Resources:\n" + "".join(lines)


def test_a_template_that_another_nests_is_no_stack_of_its_own(tmp_path: Path) -> None:
    found = found_in(
        tmp_path,
        {
            "root.yaml": nesting("./sub/a.yaml", "sub/../sub/b.yaml"),
            "app.yaml": nesting("sub/c.yaml", kind="AWS::Serverless::Application", key="Location"),
            "root.json": json.dumps(
                {"Resources": {"S": {"Type": "AWS::S", "Properties": {"TemplateURL": "sub/d.yaml"}}}}
            ),
            "sub/a.yaml": TEMPLATE,
            "sub/b.yaml": TEMPLATE,
            "sub/c.yaml": TEMPLATE,
            "sub/d.yaml": TEMPLATE,
            "sub/e.yaml": nesting("https://bucket.s3.amazonaws.com/a.yaml", "gone.yaml"),
        },
    )
    assert [path for _, path in stacks(found)] == ["app.yaml", "root.json", "root.yaml", "sub/e.yaml"]


def test_a_template_that_only_a_comment_nests_is_a_stack(tmp_path: Path) -> None:
    found = found_in(tmp_path, {"a.yaml": TEMPLATE + "# TemplateURL: b.yaml\n", "b.yaml": TEMPLATE})
    assert [path for _, path in stacks(found)] == ["a.yaml", "b.yaml"]


def test_of_templates_in_a_circle_the_first_is_a_stack(tmp_path: Path) -> None:
    found = found_in(
        tmp_path,
        {
            "a.yaml": nesting("b.yaml"),
            "b.yaml": nesting("c.yaml"),
            "c.yaml": nesting("a.yaml"),
            "z.yaml": nesting("z.yaml"),
        },
    )
    assert [path for _, path in stacks(found)] == ["a.yaml", "z.yaml"]


def test_what_a_broken_template_nests_stands_for_itself(tmp_path: Path) -> None:
    found = found_in(tmp_path, {"a.yaml": nesting("b.yaml") + "  X: [\n", "b.yaml": TEMPLATE})
    assert [path for _, path in stacks(found)] == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize("file", ["t.yaml", "t.template", "t.json"])
@pytest.mark.parametrize(
    ("content", "message"),
    [(TEMPLATE.encode("utf-16"), "is UTF-16 text"), (b"\x7fELF\0\0\0\0", "is a binary file")],
)
def test_a_file_that_is_no_text_is_said_once(tmp_path: Path, file, content, message) -> None:
    found = found_in(tmp_path, {file: content, "good.yaml": TEMPLATE})
    assert said(found) == [("warning", file, message)]
    assert stacks(found) == [("cloudformation", "good.yaml")]


def test_a_huge_file_is_said_once_and_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "huge.yaml", "wb") as stream:
        stream.write(TEMPLATE.encode())
        stream.truncate(100 * 2**20)
    found = found_in(tmp_path, {"good.yaml": TEMPLATE})
    assert said(found) == [("warning", "huge.yaml", "is 100 MB, more than the 20 MB that are read")]
    assert stacks(found) == [("cloudformation", "good.yaml")]


def test_links_are_not_followed_out_of_the_root_or_in_circles(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    lay(outside, {"secret.yaml": TEMPLATE + "# sentinel\n"})
    lay(inside, {"good.yaml": TEMPLATE})
    (inside / "link.yaml").symlink_to(outside / "secret.yaml")
    (inside / "folder").symlink_to(outside)
    (inside / "self.yaml").symlink_to("self.yaml")
    (inside / "up").symlink_to(".")
    (inside / "gone.yaml").symlink_to("nowhere.yaml")
    found = find(Disk(inside), "", Settings())
    assert stacks(found) == [("cloudformation", "good.yaml")]
    assert said(found) == [
        ("warning", "gone.yaml", "does not exist"),
        ("warning", "link.yaml", "is a link that leads out of the reviewed root"),
        ("warning", "self.yaml", "Too many levels of symbolic links"),
    ]


def test_a_file_and_a_folder_that_may_not_be_read_are_said(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is forbidden to this user")
    lay(tmp_path, {"good.yaml": TEMPLATE, "closed.yaml": TEMPLATE, "shut/t.yaml": TEMPLATE})
    (tmp_path / "closed.yaml").chmod(0)
    (tmp_path / "shut").chmod(0)
    try:
        found = find(Disk(tmp_path), "", Settings())
    finally:
        (tmp_path / "shut").chmod(0o700)
    assert stacks(found) == [("cloudformation", "good.yaml")]
    assert said(found) == [
        ("warning", "closed.yaml", "may not be read"),
        ("warning", "shut", "may not be looked into"),
    ]


def test_a_folder_that_cannot_be_looked_into_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, {"good.yaml": TEMPLATE, "shut/t.yaml": TEMPLATE})
    scandir = os.scandir

    def refusing(path: str):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = find(Disk(tmp_path), "", Settings())
    assert stacks(found) == [("cloudformation", "good.yaml")]
    assert said(found) == [("warning", "shut", "may not be looked into")]


def test_files_that_an_overlay_adds_are_found(tmp_path: Path) -> None:
    lay(tmp_path, {"a.yaml": TEMPLATE})
    overlay = Overlay(Disk(tmp_path), {"b.yaml": TEMPLATE.encode(), "a.yaml": None})
    assert stacks(find(overlay, "", Settings())) == [("cloudformation", "b.yaml")]


@pytest.mark.parametrize(
    ("path", "content", "expected", "complaint"),
    [
        ("t.yaml", SAM, [("sam", "t.yaml")], []),
        ("odd.txt", TEMPLATE, [("cloudformation", "odd.txt")], []),
        ("half.yaml", "Resources: []\n", [("cloudformation", "half.yaml")], []),
        ("other.yaml", "a: 1\n", [], [("error", "other.yaml", "is not a template: it has no Resources")]),
        ("empty.yaml", "", [], [("error", "empty.yaml", "is not a template: it has no Resources")]),
        ("bin.yaml", b"\0\0", [], [("error", "bin.yaml", "is a binary file")]),
    ],
)
def test_a_file_that_is_named_is_a_stack_or_said_to_be_none(
    tmp_path: Path, path, content, expected, complaint
) -> None:
    found = found_in(tmp_path, {path: content}, path)
    assert (stacks(found), said(found)) == (expected, complaint)


def test_a_path_that_does_not_exist_or_lies_outside_is_said(tmp_path: Path) -> None:
    assert said(find(Disk(tmp_path), "gone.yaml", Settings())) == [("error", "gone.yaml", "does not exist")]
    outside = find(Disk(tmp_path), "../outside.yaml", Settings())
    assert said(outside) == [("error", "../outside.yaml", "leads out of the reviewed root")]


def manifest(*templates: str, stages: tuple[str, ...] = ()) -> str:
    artifacts: dict[str, object] = {
        name: {"type": "aws:cloudformation:stack", "properties": {"templateFile": name}} for name in templates
    }
    artifacts.update(
        {name: {"type": "cdk:cloud-assembly", "properties": {"directoryName": name}} for name in stages}
    )
    return json.dumps({"version": "36.0.0", "artifacts": artifacts})


ASSEMBLY: dict[str, str | bytes] = {
    "cdk.out/manifest.json": manifest("One.template.json", "Two.template.json", stages=("assembly-Prod",)),
    "cdk.out/One.template.json": '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
    "cdk.out/Two.template.json": '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
    "cdk.out/OneNested.nested.template.json": '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
    "cdk.out/asset.abc/template.yaml": TEMPLATE,
    "cdk.out/assembly-Prod/manifest.json": manifest("ProdOne.template.json"),
    "cdk.out/assembly-Prod/ProdOne.template.json": '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
    "template.yaml": TEMPLATE,
}


def test_an_assembly_gives_its_stacks_and_those_of_its_stages_and_nothing_else(tmp_path: Path) -> None:
    found = found_in(tmp_path, ASSEMBLY)
    assert stacks(found) == [
        ("cdk", "cdk.out/One.template.json"),
        ("cdk", "cdk.out/Two.template.json"),
        ("cdk", "cdk.out/assembly-Prod/ProdOne.template.json"),
        ("cloudformation", "template.yaml"),
    ]
    assert found.diagnostics == []


@pytest.mark.parametrize("path", ["cdk.out", "cdk.out/manifest.json"])
def test_an_assembly_may_be_named_itself(tmp_path: Path, path) -> None:
    assert len(stacks(found_in(tmp_path, ASSEMBLY, path))) == 3


def test_an_assembly_may_be_the_root(tmp_path: Path) -> None:
    lay(tmp_path, ASSEMBLY)
    found = find(Disk(tmp_path / "cdk.out"), "", Settings())
    assert stacks(found) == [
        ("cdk", "One.template.json"),
        ("cdk", "Two.template.json"),
        ("cdk", "assembly-Prod/ProdOne.template.json"),
    ]


def test_a_template_of_an_assembly_is_read_as_such_when_it_is_named(tmp_path: Path) -> None:
    found = found_in(tmp_path, ASSEMBLY, "cdk.out/One.template.json")
    assert stacks(found) == [("cdk", "cdk.out/One.template.json")]


def test_an_assembly_beside_other_templates_hides_only_its_own(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "manifest.json": manifest("One.template.json"),
        "One.template.json": '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
        "asset.1/t.yaml": TEMPLATE,
        "services/t.yaml": TEMPLATE,
    }
    assert stacks(found_in(tmp_path, files)) == [
        ("cdk", "One.template.json"),
        ("cloudformation", "services/t.yaml"),
    ]


def test_a_template_that_an_assembly_names_but_lacks_is_said(tmp_path: Path) -> None:
    found = found_in(tmp_path, {"out/manifest.json": manifest("Gone.template.json"), "t.yaml": TEMPLATE})
    assert said(found) == [("warning", "out/manifest.json", "names Gone.template.json, which does not exist")]
    assert stacks(found) == [("cloudformation", "t.yaml")]


@pytest.mark.parametrize(
    "content",
    ['{"name": "an app", "icons": []}', "[]", "not json", "", '{"artifacts": 3}', '{"artifacts": {"a": []}}'],
)
def test_other_manifests_are_passed_over(tmp_path: Path, content) -> None:
    found = found_in(tmp_path, {"manifest.json": content, "t.yaml": TEMPLATE})
    assert (stacks(found), said(found)) == ([("cloudformation", "t.yaml")], [])


def test_a_broken_manifest_of_an_assembly_is_said_and_its_templates_are_found_as_such(tmp_path: Path) -> None:
    files = dict(ASSEMBLY) | {"cdk.out/manifest.json": str(ASSEMBLY["cdk.out/manifest.json"])[:-5]}
    found = found_in(tmp_path, files)
    assert said(found) == [
        ("error", "cdk.out/manifest.json", "the manifest of this assembly is not valid JSON")
    ]
    assert ("cloudformation", "cdk.out/One.template.json") in stacks(found)


def test_stages_that_hold_each_other_end(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "out/manifest.json": manifest("T.json", stages=(".", "../out")),
        "out/T.json": "{}",
    }
    found = found_in(tmp_path, files)
    assert stacks(found) == [("cdk", "out/T.json")]
    away = found_in(
        tmp_path, {"far/manifest.json": manifest("../../../etc/passwd", stages=("../../..",))}, "far"
    )
    assert stacks(away) == []
    assert len(said(away)) == 1
