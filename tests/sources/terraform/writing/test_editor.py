"""Edits of HCL touch what they are meant to touch, and stand as `terraform fmt` would lay them out."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackworthy.core.patch import Splice, spliced
from stackworthy.core.value import Reference
from stackworthy.sources.terraform.trees import parse
from stackworthy.sources.terraform.writing.editor import Editor
from stackworthy.sources.terraform.writing.hcl_text import block_lines, expression, quoted
from stackworthy.sources.terraform.writing.spelling import Nested

FILE = """\
# the queue
resource "aws_sqs_queue" "jobs" {
  name                       = "jobs" # its name
  visibility_timeout_seconds = 30

  redrive_policy = jsonencode({
    maxReceiveCount = 3
  })

  tags = { team = "a" }
}

resource "aws_sns_topic" "empty" {}

resource "aws_lambda_function" "api" {
  function_name = "api"

  environment {
    variables = { A = "1" }
  }
}
"""


def refer(reference: Reference) -> str:
    return f"{reference.address}.{reference.attribute}"


def editor(text: str = FILE) -> Editor:
    return Editor("main.tf", text.encode())


def start(header: str, text: str = FILE) -> int:
    return text.encode().index(header.encode())


def edited(splices: list[Splice], text: str = FILE) -> str:
    return spliced(text.encode(), splices).decode()


def inserted(header: str, native: dict[str, Any], text: str = FILE) -> str:
    found = editor(text)
    return edited(found.insert(found.block_at(start(header, text)), native, refer), text)


@pytest.fixture(scope="module")
def formatted() -> Any:
    """What `terraform fmt` makes of a text."""
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("terraform is not installed")

    def run(text: str) -> str:
        done = subprocess.run([program, "fmt", "-"], input=text, capture_output=True, text=True, check=True)
        return done.stdout

    return run


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a short argument": ('resource "aws_sqs_queue"', {"fifo_queue": True}),
    "an argument longer than its neighbours": (
        'resource "aws_sqs_queue"',
        {"kms_data_key_reuse_period_seconds": 300},
    ),
    "an argument in an empty block": (
        'resource "aws_sns_topic"',
        {"name": "x", "kms_master_key_id": Reference("aws_kms_key.a", "arn")},
    ),
    "a nested block": ('resource "aws_lambda_function"', {"tracing_config": Nested(mode="Active")}),
    "nested blocks with arguments": (
        'resource "aws_lambda_function"',
        {
            "timeout": 3,
            "file_system_config": [
                Nested(arn="a", local_mount_path="/mnt"),
                Nested(arn="b", local_mount_path="/b"),
            ],
        },
    ),
    "an object": ('resource "aws_lambda_function"', {"tags": {"a-b": 1, "c": [1, "x"]}}),
    "a list of objects": ('resource "aws_sqs_queue"', {"things": [{"a": 1}, {"bcd": 2, "e": {}}]}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_inserted_stands_as_terraform_would_lay_it_out(case: str, formatted: Any) -> None:
    header, native = CASES[case]
    after = inserted(header, native)
    assert after != FILE
    assert formatted(after) == after


@pytest.mark.parametrize("case", CASES)
def test_every_line_that_was_there_is_still_there(case: str) -> None:
    header, native = CASES[case]
    lines = inserted(header, native).split("\n")
    gone = [line for line in FILE.split("\n") if line not in lines]
    assert gone in ([], ['resource "aws_sns_topic" "empty" {}'])


def test_a_value_gives_way_and_its_comment_stays() -> None:
    found = editor()
    at = start('"jobs" # its')
    assert '= "other" # its name\n' in edited(found.replace(at, at + 6, '"other"'))


def test_a_list_takes_another_element_in_its_own_form() -> None:
    text = 'a = [\n  "x",\n  "y",\n]\nb = ["x"]\nc = []\n'
    found = editor(text)
    after = edited(
        [
            *found.append(text.index("["), text.index("]") + 1, '"z"'),
            *found.append(text.index('["x"]'), text.index('["x"]') + 5, '"z"'),
            *found.append(text.index("[]"), text.index("[]") + 2, '"z"'),
        ],
        text,
    )
    assert after == 'a = [\n  "x",\n  "y",\n  "z",\n]\nb = ["x", "z"]\nc = ["z"]\n'


def test_an_object_takes_another_key_in_its_own_form() -> None:
    text = "a = {\n  x = 1\n}\nb = { x = 1 }\n"
    found = editor(text)
    first, second = text.index("{"), text.rindex("{")
    after = edited(
        [*found.put(first, text.index("}") + 1, "y", "2"), *found.put(second, len(text) - 1, "y", "2")], text
    )
    assert after == "a = {\n  x = 1\n  y = 2\n}\nb = { x = 1, y = 2 }\n"


def test_an_argument_goes_with_its_line_and_the_space_that_it_asked_for() -> None:
    after = edited(editor().remove(start("visibility_timeout")))
    kept = FILE.replace("  visibility_timeout_seconds = 30\n", "")
    assert after == kept.replace("name                       =", "name =")


def test_a_block_goes_with_the_comment_above_it() -> None:
    text = "a {\n  x = 1\n\n  # about b\n  b {\n  }\n\n  c {\n  }\n}\n"
    found = editor(text)
    assert edited(found.remove(text.index("b {\n  }")), text) == "a {\n  x = 1\n\n  c {\n  }\n}\n"


def test_a_dynamic_block_is_not_mistaken_for_a_plain_one() -> None:
    text = 'resource "a" "b" {\n  dynamic "rule" {\n    for_each = var.x\n    content {}\n  }\n}\n'
    found = editor(text)
    assert not found.has_block(found.block_at(0), "rule")
    assert found.has_dynamic(found.block_at(0), "rule")


def test_a_file_that_is_indented_further_keeps_its_own_indentation() -> None:
    text = 'resource "a" "b" {\n    x = 1\n}\n'
    assert inserted("resource", {"y": 2}, text) == 'resource "a" "b" {\n    x = 1\n    y = 2\n}\n'


def test_line_ends_and_a_byte_order_mark_are_kept() -> None:
    text = "\ufeff" + FILE.replace("\n", "\r\n")
    found = Editor("main.tf", text.encode())
    after = spliced(
        text.encode(),
        found.insert(
            found.block_at(start('resource "aws_l', FILE.replace("\n", "\r\n"))), {"timeout": 3}, refer
        ),
    )
    assert after.startswith("\ufeff".encode())
    assert b"\n" not in after.replace(b"\r\n", b"")


texts = st.text(alphabet='ab $%{}"\\\n\té~', max_size=12)
values = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text("abc-", min_size=1, max_size=4), inner, max_size=3),
    ),
    max_leaves=6,
)


@given(values)
def test_every_value_becomes_an_expression_that_parses(value: Any) -> None:
    text = f"a = {expression(value, refer, '')}\n"
    assert not parse(text.encode()).root_node.has_error


@given(texts)
def test_a_text_holds_no_interpolation_that_was_not_there(text: str) -> None:
    made = quoted(text)
    node = parse(f"a = {made}\n".encode()).root_node
    assert not node.has_error
    assert "template_interpolation" not in str(node)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text("abcdefgh_", min_size=1, max_size=9).filter(lambda name: name[0] != "_"),
        values,
        min_size=1,
        max_size=4,
    )
)
def test_an_insertion_leaves_every_other_byte_alone(native: dict[str, Any]) -> None:
    found = editor()
    splices = found.insert(found.block_at(start('resource "aws_sqs_queue"')), native, refer)
    after = spliced(FILE.encode(), splices)
    assert not parse(after).root_node.has_error
    assert len(splices) == 1
    assert splices[0].start == splices[0].end
    assert after == FILE.encode()[: splices[0].start] + splices[0].text + FILE.encode()[splices[0].end :]


def test_a_block_is_written_with_its_arguments_aligned() -> None:
    assert block_lines('resource "a" "b"', {"x": 1, "long": "y", "n": Nested()}, refer, "") == [
        'resource "a" "b" {',
        "  x    = 1",
        '  long = "y"',
        "",
        "  n {}",
        "}",
    ]
