"""A change of a CDK app names the line of its code, and what to write there."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackworthy.config import Options, load, merge
from stackworthy.core.workspace import Disk
from stackworthy.remedy import Wanted, mend
from stackworthy.remedy.engine import Refused
from stackworthy.sources.cloudformation.cdk_names import named
from stackworthy.sources.cloudformation.cdk_source import locate
from stackworthy.sources.find import find

EXAMPLE = Path(__file__).parents[3] / "examples" / "timesheets" / "infrastructure"
TEMPLATE = "cdk.out/Shop.template.json"


def line_of(file: str, text: str) -> int:
    lines = (EXAMPLE / file).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.fixture(scope="module")
def refused() -> dict[tuple[str, str], Refused]:
    settings = merge(load(str(EXAMPLE), root=None), Options())
    workspace = Disk(EXAMPLE)
    stacks = [stack for stack in find(workspace, "", settings).stacks if "Warehouse" not in stack.path]
    found = mend(workspace, stacks, settings, Wanted(unsafe=True))
    assert not found.edits
    return {(item.record.rule, item.record.address): item for stack in found.stacks for item in stack.refused}


def test_a_prop_of_the_construct_is_named_with_its_line(refused: dict[tuple[str, str], Refused]) -> None:
    item = refused["recovery-off", "Timesheets-prod/Data/TimeEntries/Resource"]
    line = line_of("lib/data.ts", "this.timeEntries = new dynamodb.Table(")
    assert item.reason == f"the CDK's code makes it, at lib/data.ts:{line}"
    assert (
        item.instead
        == "pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true } in the props of Table"
    )


def test_a_construct_of_the_app_itself_is_changed_by_an_override(
    refused: dict[tuple[str, str], Refused],
) -> None:
    item = refused["timeout-longer-than-rest-api", "Timesheets-prod/Functions/EntriesBulk/Resource"]
    line = line_of("lib/functions.ts", "this.entriesBulk =")
    assert item.reason == f"the CDK's code makes it, at lib/functions.ts:{line}"
    assert item.instead.startswith("(this.entriesBulk.node.defaultChild as CfnFunction).addPropertyOverride(")


def test_what_a_construct_makes_itself_is_reached_through_it(refused: dict[tuple[str, str], Refused]) -> None:
    item = refused[
        "rest-stage-without-throttling", "Timesheets-prod/Api/RestApi/DeploymentStage.prod/Resource"
    ]
    assert 'this.api.node.findChild("DeploymentStage.prod").node.defaultChild as CfnStage' in item.instead


def test_bundled_code_is_never_patched_in_the_assembly(refused: dict[tuple[str, str], Refused]) -> None:
    item = refused["client-per-invocation", "Timesheets-prod/Functions/EntriesCreate/Resource"]
    assert item.instead.startswith("change the code that the construct packs")


def lay(folder: Path, **files: str) -> Disk:
    (folder / "cdk.json").write_text("{}")
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return Disk(folder)


def test_an_app_in_python_is_found_by_the_same_ids(tmp_path: Path) -> None:
    text = "from aws_cdk import aws_sqs as sqs\n\nclass Shop(Stack):\n    def __init__(self, scope, id):\n        jobs = sqs.Queue(self, 'Jobs')\n"
    found = locate(lay(tmp_path, stack__py=text), TEMPLATE, "Shop/Jobs/Resource")
    assert found is not None
    assert (found.file, found.line, found.kind, found.variable) == ("stack.py", 5, "Queue", "jobs")


def test_an_id_that_two_classes_use_is_told_by_the_construct_around_it(tmp_path: Path) -> None:
    text = """import { Construct } from "constructs";
class A extends Construct { constructor(s: Construct, id: string) { super(s, id); new Queue(this, "Jobs"); } }
class B extends Construct { constructor(s: Construct, id: string) { super(s, id);
  new Queue(this, "Jobs"); } }
class Shop extends Stack { constructor(s: Construct, id: string) { super(s, id); new A(this, "First"); new B(this, "Second"); } }
"""
    workspace = lay(tmp_path, stack__ts=text)
    first, second = (
        locate(workspace, TEMPLATE, f"Shop/{name}/Jobs/Resource") for name in ("First", "Second")
    )
    assert first is not None
    assert second is not None
    assert (first.line, second.line) == (2, 4)


def test_nothing_is_said_of_an_app_whose_code_is_not_there(tmp_path: Path) -> None:
    assert locate(lay(tmp_path), TEMPLATE, "Shop/Jobs/Resource") is None
    (tmp_path / "cdk.json").unlink()
    assert locate(Disk(tmp_path), TEMPLATE, "Shop/Jobs/Resource") is None


@pytest.mark.parametrize(
    ("kind", "made_by", "path", "value", "python", "text"),
    [
        ("AWS::Lambda::Function", "Function", "MemorySize", 512, False, "memorySize: 512"),
        ("AWS::Lambda::Function", "Function", "Timeout", 9, True, "timeout=Duration.seconds(9)"),
        (
            "AWS::Lambda::Function",
            "NodejsFunction",
            "Runtime",
            "nodejs22.x",
            False,
            "runtime: lambda.Runtime.NODEJS_22_X",
        ),
        (
            "AWS::Logs::LogGroup",
            "LogGroup",
            "RetentionInDays",
            30,
            False,
            "retention: logs.RetentionDays.ONE_MONTH",
        ),
        ("AWS::Logs::LogGroup", "LogGroup", "RetentionInDays", 31, False, ""),
        ("AWS::S3::Bucket", "Bucket", "VersioningConfiguration.Status", "Enabled", True, "versioned=True"),
        ("AWS::KMS::Key", "Key", "EnableKeyRotation", True, True, "enable_key_rotation=True"),
        ("AWS::Lambda::Function", "ApiFunction", "MemorySize", 512, False, ""),
    ],
)
def test_constructs_call_properties_by_names_of_their_own(
    kind: str, made_by: str, path: str, value: object, python: bool, text: str
) -> None:
    assert named(kind, made_by, path, value, python=python) == text  # type: ignore[arg-type]
