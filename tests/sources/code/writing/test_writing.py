"""Whatever a file holds beside what is edited stays as it is, byte for byte."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sources.code.writing.editing import Mended

from stackworthy.config import Options, load, merge
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite
from stackworthy.judge.harness import findings
from stackworthy.remedy import Remedy, Wanted, remedy
from stackworthy.sources.code import writing

QUEUE = """
    Jobs: {Type: AWS::SQS::Queue}
    Pull:
      Type: AWS::Lambda::EventSourceMapping
      Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Jobs.Arn}
"""
URL = "Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: NONE}}"
CASES = (
    ("client-per-invocation", "{i}s3 = boto3.client('s3')\n", ""),
    ("client-per-invocation", "{i}value = boto3.client('s3').list_buckets()\n", ""),
    ("aws-client-outlives-function", "{i}s3 = boto3.client('s3')\n", ""),
    ("http-call-outlives-function", "{i}value = requests.get('https://a.example')\n", ""),
    ("event-logged", "{i}print('got', event)\n", URL),
    ("partial-batch-failures-off", "{i}for record in event['Records']:\n{i}{i}print(record)\n", QUEUE),
)
TOPS = (
    "# a comment\n",
    "\n",
    "NAME = '''a\n  b'''\n",
    "def other(x):\n{i}return x  # é\n",
    "@wraps\ndef more(x):\n{i}return x\n",
)
INNER = (
    "{i}# inner\n",
    "\n",
    "{i}text = '''a\n b'''\n",
    "{i}if event:\n{i}{i}pass  # yes\n",
    "{i}total = 1 ; other(2)\n",
)


def kept(before: bytes, after: bytes, splices: list[tuple[int, int]]) -> bool:
    """Whether the pieces of the text between the edits stand in the new text, in their order."""
    position = place = 0
    for start, end in sorted(splices):
        found = after.find(before[position:start], place)
        if found < 0:
            return False
        place, position = found + start - position, max(position, end)
    return after.endswith(before[position:])


@settings(max_examples=150, deadline=None)
@given(
    case=st.sampled_from(CASES),
    tops=st.lists(st.sampled_from(TOPS), max_size=4),
    first=st.lists(st.sampled_from(INNER), max_size=3),
    last=st.lists(st.sampled_from(INNER), max_size=3),
    step=st.sampled_from(("    ", "\t", "  ")),
    newline=st.sampled_from(("\n", "\r\n")),
    mark=st.sampled_from((b"", b"\xef\xbb\xbf")),
)
def test_everything_outside_the_edits_is_the_same(
    case: tuple[str, str, str],
    tops: list[str],
    first: list[str],
    last: list[str],
    step: str,
    newline: str,
    mark: bytes,
) -> None:
    rule, body, stack = case
    text = (
        "import boto3\nimport requests\n" + "".join(tops) + "@logged  # ours\ndef handler(event, context):\n"
    )
    text += "".join((*first, body, *last)) + "{i}other(3)\n"
    code = mark + text.replace("{i}", step).replace("\n", newline).encode()
    mended = Mended(rule, code, stack=stack)
    own = [splice for splice in mended.splices if splice.file == mended.file]
    assert own
    assert kept(code, mended.after, [(splice.start, splice.end) for splice in own])
    ast.parse(mended.after)
    assert mended.after.startswith(mark)
    if newline == "\r\n":
        assert mended.after.replace(b"\r\n", b"").count(b"\n") == 0
    if rule != "partial-batch-failures-off":
        assert not mended.still_found()
    clash = sorted((splice.start, splice.end) for splice in own)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(clash))


def test_every_edit_is_a_function_of_its_module() -> None:
    from importlib import import_module

    for edits in (writing.PYTHON, writing.JAVASCRIPT):
        for name, module in edits.items():
            found = import_module(f"stackworthy.sources.code.writing.{module}")
            assert callable(getattr(found, name.replace("-", "_")))


def test_code_inside_of_a_template_and_unknown_edits_are_refused() -> None:
    mended = Mended(
        "client-per-invocation",
        "import boto3\n\ndef handler(event, context):\n    return boto3.client('s3').list_buckets()\n",
    )
    finding = findings(mended.rule, mended.graph)[0]
    assert finding.code is not None
    assert mended.graph.workspace is not None
    with pytest.raises(CannotWrite, match="no way to paint"):
        writing.patch(mended.graph.workspace, Rewrite(finding.resource, finding.code, "paint"))


def test_a_file_that_changed_meanwhile_is_left_alone() -> None:
    from stackworthy.judge.example_stacks import Files

    mended = Mended(
        "client-per-invocation",
        "import boto3\n\ndef handler(event, context):\n    return boto3.client('s3').list_buckets()\n",
    )
    finding = findings(mended.rule, mended.graph)[0]
    assert finding.code is not None
    with pytest.raises(CannotWrite, match="not as it was read"):
        writing.patch(Files({"src/app.py": b"import os\n"}), Rewrite(finding.resource, finding.code, "hoist"))


def test_a_file_that_a_build_makes_is_left_alone() -> None:
    code = "exports.handler = async (event) => fetch(event.url);\n"
    with pytest.raises(CannotWrite, match="made by a build"):
        Mended("http-call-outlives-function", code, file="src/dist/app.js")


TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  One: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: app.one, CodeUri: src, Timeout: 20}}
  Two: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: app.two, CodeUri: src, Timeout: 10}}
"""
TWO = """\
import boto3


def one(event, context):
    s3 = boto3.client("s3")
    print("one")
    return s3.list_buckets()


def two(event, context):
    sqs = boto3.client("sqs")
    return [sqs.list_queues(), boto3.client("bedrock-runtime").converse(modelId="m")]
"""
RULES = ("client-per-invocation", "aws-client-outlives-function", "log-lines-without-fields")


def lay(folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "src" / "app.py").write_text(TWO)


def mended_folder(folder: Path, *, unsafe: bool) -> Remedy:
    settings = merge(load(str(folder), root=None), Options(profile="strict"))
    return remedy(folder, settings, Wanted(rules=frozenset(RULES), unsafe=unsafe))


def test_only_clients_move_without_asking(tmp_path: Path) -> None:
    lay(tmp_path)
    found = mended_folder(tmp_path, unsafe=False)
    assert {item.safety for item in found.proposals} == {"safe"}
    text = found.edits["src/app.py"].decode()
    assert (
        'import boto3\n\ns3 = boto3.client("s3")\nsqs = boto3.client("sqs")\n'
        'bedrock_runtime = boto3.client("bedrock-runtime")\n\n\ndef one'
    ) in text


def test_the_fixes_of_a_file_build_on_each_other_and_come_to_an_end(tmp_path: Path) -> None:
    lay(tmp_path)
    found = mended_folder(tmp_path, unsafe=True)
    assert not [item for stack in found.stacks for item in stack.refused]
    text = found.edits["src/app.py"].decode()
    assert text.count("from botocore.config import Config") == 1
    assert 's3 = boto3.client("s3", config=CLIENT_CONFIG)' in text
    assert 'bedrock_runtime = boto3.client("bedrock-runtime", config=SLOW_CLIENT_CONFIG)' in text
    assert text.index("CLIENT_CONFIG = Config(") < text.index("s3 = boto3")
    assert 'logger.info("one")' in text
    for name, content in found.edits.items():
        (tmp_path / name).write_bytes(content)
    assert mended_folder(tmp_path, unsafe=True).edits == {}
