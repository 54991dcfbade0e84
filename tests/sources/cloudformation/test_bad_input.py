"""Bad input, from files to the review: one clear diagnostic each, the rest reviewed, nothing read outside, nothing that hangs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from stackworthy.aws.relations import RELATORS
from stackworthy.config import Settings
from stackworthy.core.plain import plain
from stackworthy.core.review import DiagnosticRecord, Review
from stackworthy.judge import graphs, review

GOOD = "Resources:\n  Good: {Type: AWS::SQS::Queue}\n"
SENTINEL = "sentinel-6f1d2c"
SECONDS = 8.0


def all_diagnostics(found: Review) -> list[DiagnosticRecord]:
    return [*found.diagnostics, *(item for stack in found.stacks for item in stack.diagnostics)]


def reviewed(folder: Path) -> tuple[Review, str]:
    """The review of a folder, and everything that the tool would print of it."""
    started = time.process_time()
    settings = Settings(root=str(folder))
    found = review(folder, settings)
    text = msgspec.json.encode(found).decode()
    for _, _, graph in graphs(folder, settings):
        assert all(graph.edges(kind).all is not None for kind in RELATORS)
        text += json.dumps({resource.address: plain(resource.all_properties()) for resource in graph})
    assert time.process_time() - started < SECONDS
    return found, text


def check(folder: Path, file: str, line: int | None, message: str) -> None:
    """The folder's one diagnostic is this one, and its good template was reviewed."""
    (folder / "good.yaml").write_text(GOOD)
    found, text = reviewed(folder)
    said = [(item.file, item.line, item.message) for item in all_diagnostics(found)]
    assert len(said) == 1, said
    assert said[0][0] == file
    assert line is None or said[0][1] == line
    assert message in said[0][2]
    assert all_diagnostics(found)[0].hint
    assert "good.yaml" in [stack.path for stack in found.stacks]
    assert any(resource.address == "Good" for stack in found.stacks for resource in stack.resources)
    assert SENTINEL not in text
    assert "Traceback" not in text


HEAD = "AWSTemplateFormatVersion: '2010-09-09'\n"
ONE = "  One: {Type: AWS::SQS::Queue}\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = 3000


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (HEAD, 0, "the template has no Resources"),
        (HEAD + "Resources:\n", 2, "Resources is empty"),
        (HEAD + "Resources: []\n", 2, "Resources is empty"),
        (HEAD + "Resources: text\n", 2, "Resources must be a map"),
        (HEAD + "Parameters:\nResources:\n" + ONE, 2, "Parameters is empty"),
        (HEAD + "Conditions: [a]\nResources:\n" + ONE, 2, "Conditions must be a map"),
        (HEAD + "Resources:\n  A: [x]\n" + ONE, 3, "resource A must be a map"),
        (HEAD + "Resources:\n  A: {Type: 7}\n" + ONE, 3, "the Type of resource A must be a text"),
        (HEAD + "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: [x]\n", 5, "must be a map"),
        (HEAD + "Resources:\n  A: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref A}}\n", 3, "A refers to itself"),
        (HEAD + "Conditions:\n  A: !Not [!Condition A]\nResources:\n" + ONE, 3, "condition A depends on itself"),
        (HEAD + "Resources:\n" + ONE + ONE, 4, "One is stated twice"),
        (HEAD + "Resources:\n" + ONE + "---\nResources: {}\n", 5, "a second YAML document begins here"),
        (HEAD + "Resources:\n\tOne: {}\n", 3, "not valid YAML"),
        (HEAD + "Resources: [\n", 3, "not valid YAML"),
        (HEAD + "Resources:\n  One: &a {Type: 'AWS::SNS::Topic', Properties: {Tags: *a}}\n", 3, "alias of itself"),
        (HEAD + "Resources:\n  One: &a\n    <<: *a\n", 3, "alias of itself"),
        (HEAD + BOMB + "Resources:\n" + ONE, None, "aliases of what stands here make more than"),
        (HEAD + "Resources: " + "[" * DEEP + "]" * DEEP + "\n", 2, "nested deeper than 100 levels"),
        (HEAD + "Resources: " + "{a: " * DEEP + "1" + "}" * DEEP + "\n", 2, "nested deeper than 100 levels"),
        (HEAD + "Resources:\n" + "".join(" " * (level + 1) + "a:\n" for level in range(DEEP)), None, "deeper than 100"),
        (HEAD + "Resources:\n  - " + "- " * DEEP + "a\n", 3, "nested deeper than 100 levels"),
        (HEAD + "Resources:\n  A: caf\N{LATIN SMALL LETTER E WITH ACUTE}\n", 3, "not UTF-8"),
        (HEAD + "x: y\n" * 2000 + "Resources:\n  A: a\0b\n", 2003, "control characters"),
        (HEAD + "A: '" + "x" * 6_000_000 + "'\nResources:\n" + ONE, 0, "is 6.0 MB"),
        (
            HEAD + "Resources:\n  A: {Type: AWS::Serverless::Function, Properties: {Runtime: [a]}}\n" + ONE,
            None,
            "A",
        ),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_a_bad_template_is_said_once_and_the_rest_is_reviewed(
    tmp_path: Path, content: str, line: int | None, message: str
) -> None:
    encoding = "latin-1" if "\N{LATIN SMALL LETTER E WITH ACUTE}" in content else "utf-8"
    (tmp_path / "bad.yaml").write_text(content, encoding=encoding)
    check(tmp_path, "bad.yaml", line, message)


JSON_HEAD = '{"AWSTemplateFormatVersion": "2010-09-09",\n '


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (JSON_HEAD + '"Resources": {', 2, "not valid JSON"),
        (JSON_HEAD + '"Resources": {},}', 2, "not valid JSON"),
        (JSON_HEAD + '"Resources": []}', 2, "Resources is empty"),
        (JSON_HEAD + '"Resources": {"A": 3}}', 2, "resource A must be a map"),
        (JSON_HEAD + '"Resources": ' + '{"a":' * DEEP + "1" + "}" * DEEP + "}", 0, "nested deeper than"),
        (JSON_HEAD + '"Resources": ' + "[" * 200 + "]" * 200 + "}", 0, "nested deeper than"),
        (JSON_HEAD + '"Resources": {"A": {"Type": "AWS::SNS::Topic"},\n "A": {"Type": "AWS::SNS::Topic"}}}', 3, "A is stated twice"),
        (JSON_HEAD + '"Resources": {"A": {"Type": "caf\N{LATIN SMALL LETTER E WITH ACUTE}"}}}', 2, "not UTF-8"),
    ],
    ids=range(8),
)  # fmt: skip
def test_bad_json_is_said_once_and_the_rest_is_reviewed(
    tmp_path: Path, content: str, line: int | None, message: str
) -> None:
    encoding = "latin-1" if "\N{LATIN SMALL LETTER E WITH ACUTE}" in content else "utf-8"
    (tmp_path / "bad.json").write_text(content, encoding=encoding)
    check(tmp_path, "bad.json", line, message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ((HEAD + "Resources:\n" + ONE).encode("utf-16"), "is UTF-16 text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR Resources: Type:", "is a binary file"),
    ],
)
def test_a_file_that_is_no_text_is_said_once(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "bad.yaml").write_bytes(content)
    check(tmp_path, "bad.yaml", 0, message)


def test_a_file_of_a_hundred_megabytes_is_said_once(tmp_path: Path) -> None:
    with open(tmp_path / "bad.yaml", "wb") as stream:
        stream.write(GOOD.encode())
        stream.truncate(100 * 2**20)
    check(tmp_path, "bad.yaml", 0, "is 100 MB")


def test_an_empty_file_is_no_template(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "good.yaml").write_text(GOOD)
    found, _ = reviewed(tmp_path)
    assert all_diagnostics(found) == []
    assert [stack.path for stack in found.stacks] == ["good.yaml"]


def link(name: str, target: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).symlink_to(target)


@pytest.mark.parametrize(
    ("lay", "file", "message"),
    [
        (link("link.yaml", "../outside.yaml"), "link.yaml", "leads out of the reviewed root"),
        (link("link.yaml", "link.yaml"), "link.yaml", "symbolic links"),
        (link("link.yaml", "gone.yaml"), "link.yaml", "does not exist"),
    ],
)
def test_a_link_that_leads_nowhere_good_is_said_once(tmp_path: Path, lay, file, message) -> None:
    (tmp_path / "outside.yaml").write_text(GOOD + f"  Secret: {{Type: 'Custom::{SENTINEL}'}}\n")
    folder = tmp_path / "inside"
    folder.mkdir()
    lay(folder)
    check(folder, file, 0, message)


STACK = "  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: LOCATION}\n"
INCLUDE = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: LOCATION}}"


@pytest.mark.parametrize(
    "text",
    [
        "Resources:\n" + STACK,
        "Resources:\n  A: {Type: AWS::Serverless::Application, Properties: {Location: LOCATION}}\n",
        "Resources:\n  A: {Type: 'Custom::A', Properties: {B: {" + INCLUDE + "}}}\n",
        "Resources:\n  A: {Type: 'Custom::A', Properties: {" + INCLUDE + "}}\n",
        "Resources:\n  A: {Type: 'Custom::A'}\n  " + INCLUDE + "\n",
        "Transform: {Name: AWS::Include, Parameters: {Location: LOCATION}}\nResources:\n  A: {Type: 'Custom::A'}\n",
        "Resources:\n  A: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: LOCATION, Role: 'arn:aws:iam::1:role/x'}}\n",
    ],
    ids=["nested", "application", "include", "properties", "resources", "template", "definition"],
)
@pytest.mark.parametrize(
    "location",
    ["../outside.yaml", "../../../../etc/passwd", "/etc/passwd", "sub/link.yaml", "sub/folder/outside.yaml"],
)
def test_what_a_template_names_outside_the_root_is_said_and_not_read(
    tmp_path: Path, text: str, location: str
) -> None:
    outside = f"Topic:\n  Type: Custom::{SENTINEL}\nResources: {{X: {{Type: 'Custom::{SENTINEL}'}}}}\n"
    (tmp_path / "outside.yaml").write_text(outside)
    folder = tmp_path / "inside"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "link.yaml").symlink_to("../../outside.yaml")
    (folder / "sub" / "folder").symlink_to("../..")
    (folder / "bad.yaml").write_text(text.replace("LOCATION", location))
    (folder / "good.yaml").write_text(GOOD)
    found, printed = reviewed(folder)
    said = [(item.file, item.message) for item in all_diagnostics(found) if item.file == "bad.yaml"]
    assert any("leads out of the reviewed root" in message for _, message in said), said
    assert len([message for _, message in said if location in message]) == 1
    assert SENTINEL not in printed
    assert "root:" not in printed
    assert "good.yaml" in [stack.path for stack in found.stacks]


def test_files_that_configuration_and_code_name_outside_the_root_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "outside.toml").write_text(
        f"[default.deploy.parameters]\nparameter_overrides = 'Name={SENTINEL}'\n"
    )
    (tmp_path / "outside.json").write_text(json.dumps({"artifacts": {}, "secret": SENTINEL}))
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "samconfig.toml").symlink_to("../outside.toml")
    (folder / "manifest.json").symlink_to("../outside.json")
    (folder / "t.yaml").write_text(
        "Parameters: {Name: {Type: String}}\nResources:\n"
        "  Fn: {Type: AWS::Lambda::Function, Properties: {Code: ../../, Role: r, Handler: !Ref Name}}\n"
    )
    found, printed = reviewed(folder)
    assert SENTINEL not in printed
    ((_, _, graph),) = graphs(folder, Settings(root=str(folder)))
    assert graph["Fn"].code is None
    assert [item.file for item in all_diagnostics(found)] == ["manifest.json"]


@pytest.mark.parametrize(
    "body",
    [
        "[A, ITEMS, {'Fn::ForEach::Y': [B, ITEMS, {'Q${A}${B}': {Type: 'AWS::SQS::Queue'}}]}]",
        "[A, ITEMS, {'Fn::ForEach::Y': [B, ITEMS, {'Fn::ForEach::Z': [C, ITEMS, {}]}]}]",
    ],
)
def test_a_loop_that_explodes_is_said_once(tmp_path: Path, body: str) -> None:
    items = "[" + ", ".join(f"n{index}" for index in range(1000)) + "]"
    (tmp_path / "bad.yaml").write_text(
        "Resources:\n" + ONE + "  Fn::ForEach::X: " + body.replace("ITEMS", items) + "\n"
    )
    check(tmp_path, "bad.yaml", 3, "more than")


def test_templates_that_nest_each_other_are_said_once(tmp_path: Path) -> None:
    for name, other in (("bad", "b"), ("b", "c"), ("c", "bad")):
        (tmp_path / f"{name}.yaml").write_text("Resources:\n" + STACK.replace("LOCATION", f"{other}.yaml"))
    (tmp_path / "good.yaml").write_text(GOOD)
    found, _ = reviewed(tmp_path)
    assert [(item.file, item.line, item.message) for item in all_diagnostics(found)] == [
        ("bad.yaml", 2, "nested template b.yaml contains itself")
    ]
    assert {resource.address for stack in found.stacks for resource in stack.resources} >= {
        "S",
        "S/S",
        "S/S/S",
        "Good",
    }


def test_a_value_that_explodes_when_it_is_evaluated_is_said_once(tmp_path: Path) -> None:
    aliases = "m: &m0 [x, x, x, x, x, x, x, x]\n" + "".join(
        f"m{level}: &m{level} [{', '.join([f'*m{level - 1}'] * 8)}]\n" for level in range(1, 6)
    )
    uses = "".join(f"  R{index}: {{Type: 'Custom::R', Properties: {{P: *m5}}}}\n" for index in range(40))
    (tmp_path / "bad.yaml").write_text(HEAD + aliases + "Resources:\n" + uses)
    check(tmp_path, "bad.yaml", None, "make more than")


def test_ten_thousand_resources_are_reviewed_in_a_moment(tmp_path: Path) -> None:
    body = "{Type: AWS::Lambda::Function, Properties: {Role: r, Code: {ZipFile: x}, Timeout: 5}}"
    (tmp_path / "many.yaml").write_text(
        "Resources:\n" + "".join(f"  Fn{index}: {body}\n" for index in range(10_000))
    )
    started = time.process_time()
    found = review(tmp_path, Settings(root=str(tmp_path), rules=("tracing-off",)))
    assert time.process_time() - started < 20
    assert len(found.findings) == 10_000
    assert found.findings[9_999].line == 10_001


def test_bombs_of_every_kind_at_once_leave_the_good_template_reviewed(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + BOMB + "Resources:\n" + ONE)
    (tmp_path / "b.yaml").write_text(HEAD + "Resources: " + "[" * 50_000)
    (tmp_path / "c.json").write_text(JSON_HEAD + '"Resources": ' + "[" * 50_000)
    (tmp_path / "d.yaml").write_bytes(b"\0" * 100)
    (tmp_path / "e.yaml").symlink_to("e.yaml")
    (tmp_path / "good.yaml").write_text(GOOD)
    found, _ = reviewed(tmp_path)
    assert sorted(item.file for item in all_diagnostics(found)) == [
        "a.yaml",
        "b.yaml",
        "c.json",
        "d.yaml",
        "e.yaml",
    ]
    assert "good.yaml" in [stack.path for stack in found.stacks]


@pytest.mark.parametrize(
    "odd",
    [
        "components: text",
        "components: {securitySchemes: [a]}",
        "components: {securitySchemes: {key: text}}",
        "securityDefinitions: {key: [a]}",
        "securityDefinitions: 7",
    ],
)
def test_odd_security_schemes_of_an_api_do_not_keep_it_from_being_read(tmp_path: Path, odd: str) -> None:
    body = f"{{{odd}, paths: {{/a: {{get: {{security: [{{key: []}}]}}}}}}}}"
    (tmp_path / "t.yaml").write_text(
        f"Resources:\n  Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{Body: {body}}}}}\n"
    )
    found, _ = reviewed(tmp_path)
    assert "Api" in {resource.address for stack in found.stacks for resource in stack.resources}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.yaml", "Resources:\n" + ONE + "A: '" + "Location:x" * 400_000 + "'\n"),
        ("t.yaml", "Resources:\n" + ONE + "A: '" + "TemplateURL: " * 300_000 + "'\n"),
        ("t.yaml", "Resources:\n  A: {Type: 'Custom::A', Properties: {B: '" + "{{resolve:ssm:" * 250_000 + "'}}\n"),
        ("t.yaml", "Resources:\n  A: {Type: 'Custom::A', Properties: {B: !Sub '" + "${A" * 900_000 + "'}}\n"),
        ("t.yaml", "Resources:\n  A: {Type: 'Custom::A', Properties: {B: !Sub '" + "${A}" * 400_000 + "'}}\n"),
        ("t.yaml", "Resources:\n" + ONE + "# stackworthy: ignore[" * 200_000 + "\n"),
        ("t.json", '{"Resources": {"A": {"Type": "Custom::A", "Properties": {"B": "' + '\\"' * 2_000_000 + '"}}}}'),
        ("t.json", '{"Resources": {"A": {"Type": "Custom::A"}}' + " " * 4_000_000 + "}"),
        ("samconfig.toml", "".join(f"[a{index}]\n" for index in range(200_000))),
        ("samconfig.toml", "[default.deploy.parameters]\nparameter_overrides = '" + "A=b " * 1_000_000 + "'\n"),
        ("samconfig.toml", "a" + ".a" * 100_000 + " = 1\n"),
    ],
    ids=range(11),
)  # fmt: skip
def test_text_that_takes_long_to_search_ends_soon(tmp_path: Path, name: str, content: str) -> None:
    if name == "samconfig.toml":
        (tmp_path / "t.yaml").write_text(
            "Parameters: {A: {Type: String}}\nResources:\n  X: {Type: 'Custom::X', Properties: {A: !Ref A}}\n"
        )
    (tmp_path / name).write_text(content)
    found, _ = reviewed(tmp_path)
    assert len(found.stacks) == 1


def test_a_parameters_name_made_of_what_is_not_known_does_not_keep_relations_from_being_found(
    tmp_path: Path,
) -> None:
    (tmp_path / "t.yaml").write_text(
        """\
Resources:
  Setting: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: x}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn, Code: {ZipFile: x}}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: ssm:GetParameter
                Resource: !Sub "arn:aws:ssm:us-east-1:123456789012:parameter${Nowhere}${Setting}"
"""
    )
    found, _ = reviewed(tmp_path)
    assert len(found.stacks[0].resources) == 3
