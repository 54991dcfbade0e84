"""What strangers may send: each fault is said once, in bounded time and memory, and the rest is read."""

from __future__ import annotations

import os
import time

import pytest
from tests.sources.terraform.roots import addresses, block, local, messages, root

from stackworthy.core.value import OpenMap, Unknown
from stackworthy.core.workspace import Disk
from stackworthy.sources.terraform import engine, syntax, trees
from stackworthy.sources.terraform.root import load

GOOD = 'resource "aws_sqs_queue" "good" {\n  name = "good"\n}\n'


@pytest.fixture(autouse=True)
def _in_time(monkeypatch):
    monkeypatch.setattr(engine, "MAX_SECONDS", 2)
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < 20


def good_is_read(found):
    assert block(found, "aws_sqs_queue.good").attributes == {"name": "good"}


def test_a_syntax_error_is_said_with_its_line_and_the_other_blocks_are_read():
    found = root(
        {"a.tf": 'resource "aws_sqs_queue" "bad" {\n  name = \n}\n' + GOOD, "b.tf": GOOD.replace("good", "b")}
    )
    good_is_read(found)
    assert [(d.file, d.line, d.level) for d in found.diagnostics] == [("a.tf", 2, "error")]
    assert found.diagnostics[0].hint
    assert addresses(found) == ["aws_sqs_queue.bad", "aws_sqs_queue.good", "aws_sqs_queue.b"]


def test_a_block_with_a_syntax_error_may_state_more_than_was_read():
    found = root('resource "aws_sqs_queue" "bad" {\n  name = "x"\n  delay_seconds = = 3\n}\n')
    attributes = block(found, "aws_sqs_queue.bad").attributes
    assert isinstance(attributes, OpenMap)
    assert attributes["name"] == "x"
    assert isinstance(attributes["fifo_queue"], Unknown)


def test_a_missing_brace_is_one_error_and_what_follows_is_still_found():
    found = root('resource "aws_sqs_queue" "bad" {\n  name = "x"\n\n' + GOOD)
    good_is_read(found)
    assert len(messages(found)) == 1


def test_a_name_that_may_stand_in_a_broken_file_is_unknown_and_not_undeclared():
    found = root({"a.tf": "locals {\n  a = = 1\n", "b.tf": 'output "x" {\n  value = can(local.b)\n}\n'})
    assert isinstance(found.outputs["x"], Unknown)


def test_a_local_that_refers_to_itself_is_said_once():
    found = root(
        "locals {\n  a = local.b\n  b = local.c\n  c = [local.a]\n}\n"
        + GOOD
        + 'output "x" {\n  value = local.a\n}\n'
    )
    assert [m for m in messages(found) if "refers to itself" in m] == ["main.tf:2 local.a refers to itself"]
    good_is_read(found)


def test_cycles_through_resources_modules_and_counts_end():
    found = root(
        {
            "main.tf": """
resource "aws_a" "x" {
  count = length(aws_a.x)
  name  = aws_a.y.name
}
resource "aws_a" "y" {
  name = aws_a.z.name
}
resource "aws_a" "z" {
  name = aws_a.y.name
}
module "m" {
  source = "./m"
  a      = module.m.b
}
module "n" {
  source   = "./m"
  for_each = module.n
  a        = 1
}
""",
            "m/main.tf": 'variable "a" {}\noutput "b" {\n  value = var.a\n}\n' + GOOD,
        }
    )
    said = " ".join(messages(found))
    assert "module.m.a" in said or "refers to itself" in said
    assert isinstance(block(found, "aws_a.y").attributes["name"], Unknown)


def test_a_module_that_calls_itself_is_said_and_not_entered():
    files = {
        "main.tf": 'module "a" {\n  source = "./a"\n}\n' + GOOD,
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
    }
    found = root(files)
    good_is_read(found)
    assert messages(found) == ["b/main.tf:1 module.a.module.b.module.a calls a module that it is part of"]


def test_modules_that_multiply_with_depth_are_stopped():
    files = {"main.tf": 'module "a" {\n  source = "./m0"\n}\n' + GOOD}
    for level in range(20):
        calls = "".join(f'module "{name}" {{\n  source = "../m{level + 1}"\n}}\n' for name in "ab")
        files[f"m{level}/main.tf"] = calls + 'resource "aws_x" "y" {}\n'
    found = root(files)
    good_is_read(found)
    assert len(found.blocks) < 2_000
    assert any("module instances" in message for message in messages(found))


def test_a_missing_registry_module_is_named_with_what_to_do_and_its_outputs_are_unknown():
    found = root(
        'module "f" {\n  source = "terraform-aws-modules/lambda/aws"\n}\noutput "x" {\n  value = module.f.arn\n}\n'
        + GOOD
    )
    good_is_read(found)
    value = found.outputs["x"]
    assert isinstance(value, Unknown)
    assert value.expression == "module.f.arn"
    assert [d.level for d in found.diagnostics] == ["warning"]
    assert "terraform init -backend=false" in found.diagnostics[0].hint


@pytest.mark.parametrize(
    "source",
    ["", "source = 3", 'source = "./nowhere"', 'source = "../../../etc"', 'source = "./${path.module}"'],
)
def test_a_module_without_a_usable_source_is_said(source):
    found = root(f'module "m" {{\n  {source}\n}}\n' + GOOD)
    good_is_read(found)
    assert len(messages(found)) == 1


@pytest.mark.parametrize("count", ["1000000000", "999999999999999999999", "-1", "1.5", '"x"', "null", "[]"])
def test_a_count_that_cannot_be_followed_leaves_one_representative(count):
    found = root(f'resource "aws_x" "y" {{\n  count = {count}\n  name  = "n"\n}}\n' + GOOD)
    good_is_read(found)
    representative = block(found, "aws_x.y[*]")
    assert representative.present is None
    assert isinstance(representative.key, Unknown)
    assert representative.attributes == {"name": "n"}


@pytest.mark.parametrize(
    "keys", ["var.x", '["a"]', "null", "1", "toset([aws_sqs_queue.good.arn])", "toset([1])"]
)
def test_a_for_each_that_cannot_be_followed_leaves_one_representative(keys):
    found = root(
        f'variable "x" {{}}\nresource "aws_x" "y" {{\n  for_each = {keys}\n  name = each.key\n}}\n' + GOOD
    )
    good_is_read(found)
    representative = block(found, "aws_x.y[*]")
    assert representative.present is None
    assert isinstance(representative.attributes["name"], Unknown)


def test_instances_of_all_blocks_together_are_limited():
    blocks = "".join(f'resource "aws_x" "r{number}" {{\n  count = 2000\n}}\n' for number in range(30))
    found = root(blocks + GOOD)
    good_is_read(found)
    assert len(found.blocks) < 25_000


def chain(first: str, step: str, length: int) -> str:
    lines = [f"  l0 = {first}"] + [
        f"  l{n} = {step.replace('@', f'local.l{n - 1}')}" for n in range(1, length)
    ]
    return (
        "locals {\n"
        + "\n".join(lines)
        + "\n}\n"
        + f'output "x" {{\n  value = local.l{length - 1}\n}}\n'
        + GOOD
    )


@pytest.mark.parametrize(
    "step",
    [
        '"${@}${@}"',
        "[@, @]",
        "{a = @, b = @}",
        "concat([@], [@])",
        'join("", [@, @])',
        'format("%s%s", @, @)',
        "merge({x = @}, {y = @})",
        "[for x in [1, 2] : @]",
        "jsonencode([@, @])",
        'replace(@, "x", "xxxxxxxxxx")',
        "setproduct([@], [@])",
        "flatten([[@], [@]])",
        '"%{ for x in [1, 2, 3] }${@}%{ endfor }"',
    ],
)
def test_locals_that_grow_exponentially_are_stopped(step):
    found = root(chain('"x"', step, 60))
    good_is_read(found)
    assert found.outputs is not None


@pytest.mark.parametrize(
    "expression",
    [
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]",
        "sum([for a in range(1000) : sum([for b in range(1000) : sum(range(1000))])])",
        '"%{ for a in range(1000) }%{ for b in range(1000) }%{ for c in range(1000) }x%{ endfor }%{ endfor }%{ endfor }"',
        'join("", [for a in range(1000) : join("", [for b in range(1000) : "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"])])',
        "{for a in range(1000) : a => {for b in range(1000) : b => {for c in range(100) : c => a}}}",
        "setproduct(range(1000), range(1000), range(1000))",
        'regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")',
        "range(1000000000)",
        "pow(10, 1000000)",
        'strrev(join("x", [for i in range(1024) : join("y", [for j in range(1024) : "zzzzzzzz"])]))',
    ],
)
def test_expressions_that_explode_are_stopped(expression):
    assert isinstance(local(expression, GOOD), (Unknown, str, list, dict, int, float))


def test_the_work_of_a_whole_root_is_limited():
    bomb = "[for a in range(1000) : [for b in range(1000) : b]]"
    found = root("".join(f'output "o{n}" {{\n  value = {bomb}\n}}\n' for n in range(200)) + GOOD)
    good_is_read(found)
    assert isinstance(found.outputs["o199"], Unknown)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "[" * 5000 + "]" * 5000,
        "{a=" * 3000 + "1" + "}" * 3000,
        '"${' * 3000 + "1" + '}"' * 3000,
        "!" * 5000 + "true",
        "-" * 5001 + "1",
        "1" + "+1" * 5000,
        "true ? 1 : " * 3000 + "2",
        "upper(" * 3000 + '"x"' + ")" * 3000,
        "[for x in " * 2000 + "[1]" + " : x]" * 2000,
        '"' + "%{ if true }" * 2000 + "%{ endif }" * 2000 + '"',
        "a" + ".b" * 5000,
        "a" + "[0]" * 5000,
        "a" + "[*]" * 2000,
        "9" * 10000,
        "9" * 300 + "." + "9" * 300,
    ],
    ids=lambda text: text[:12],
)
def test_deep_or_long_expressions_are_no_crash(text):
    found = root(f'output "x" {{\n  value = {text}\n}}\n' + GOOD)
    good_is_read(found)
    assert found.outputs is not None


def test_a_long_chain_of_locals_is_said_and_no_crash():
    found = root(chain("1", "@ + 1", 2000))
    good_is_read(found)
    assert isinstance(found.outputs["x"], Unknown)
    assert any("hangs on more than" in message for message in messages(found))


def test_a_chain_of_locals_as_people_write_them_is_followed():
    assert root(chain("1", "@ + 1", 50)).outputs["x"] == 50


def test_blocks_nested_thousands_deep_are_no_crash():
    depth = 3000
    found = root('resource "aws_x" "y" {\n' + "a {\n" * depth + "}\n" * depth + "}\n" + GOOD)
    good_is_read(found)
    assert block(found, "aws_x.y").attributes is not None


def test_values_nested_by_locals_are_no_crash_when_compared_encoded_or_shown():
    text = chain("[]", "[@]", 75).replace(
        "value = local.l74", "value = jsonencode(local.l74) == jsonencode([local.l74])"
    )
    assert root(text).outputs["x"] is False


@pytest.mark.parametrize(
    "path", ["../../../etc/passwd", "/etc/passwd", "~/.aws/credentials", "a/../../../etc/passwd", "\\u0000"]
)
def test_files_outside_of_the_root_are_not_read(path, tmp_path):
    (tmp_path / "main.tf").write_text(f'output "x" {{\n  value = file("{path}")\n}}\n')
    value = load(Disk(tmp_path), "").outputs["x"]
    assert isinstance(value, Unknown)


def test_links_that_lead_out_or_in_circles_are_not_followed(tmp_path):
    os.symlink("/etc", tmp_path / "etc")
    os.symlink(".", tmp_path / "loop")
    os.symlink("self", tmp_path / "self")
    os.symlink("main.tf", tmp_path / "other.tf")
    (tmp_path / "main.tf").write_text(
        'module "loop" {\n  source = "./loop"\n}\nmodule "etc" {\n  source = "./etc"\n}\n'
        'output "x" {\n  value = file("etc/passwd")\n}\noutput "y" {\n  value = file("self")\n}\n' + GOOD
    )
    found = load(Disk(tmp_path), "")
    good_is_read(found)
    assert isinstance(found.outputs["x"], Unknown)
    assert isinstance(found.outputs["y"], Unknown)
    assert len(found.blocks) < 200


def test_huge_files_are_named_and_not_read(tmp_path):
    with open(tmp_path / "huge.tf", "wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    (tmp_path / "large.tf").write_bytes(b"# x\n" * (syntax.MAX_BYTES // 4 + 1))
    (tmp_path / "main.tf").write_text(GOOD)
    found = load(Disk(tmp_path), "")
    good_is_read(found)
    assert [(d.file, "more than" in d.message) for d in found.diagnostics] == [
        ("huge.tf", True),
        ("large.tf", True),
    ]


def test_a_binary_file_is_named_and_not_read():
    found = root({"a.tf": b"\x7fELF\x00\x00", "b.tf": GOOD})
    good_is_read(found)
    assert messages(found) == ["a.tf:1 is a binary file"]


def test_a_byte_order_mark_and_windows_lines_are_read_and_places_are_right():
    found = root({"main.tf": b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()})
    good_is_read(found)
    queue = block(found, "aws_sqs_queue.good")
    span = found.span(found.origin(queue, ("name",)))
    assert (span.line, span.column, span.end_column) == (2, 10, 16)
    assert found.diagnostics == []
    data = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert data[span.start_byte : span.end_byte] == b'"good"'


def test_text_that_is_not_utf_8_is_read_with_replacements():
    found = root({"main.tf": b'resource "aws_x" "y" {\n  a = "\xff\xfe"\n  b = "ok"\n}\n' + GOOD.encode()})
    good_is_read(found)
    assert block(found, "aws_x.y").attributes["b"] == "ok"


def test_text_that_takes_the_parser_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(trees, "MAX_SECONDS", 0.2)
    found = root({"a.tf": "a = " * 20000, "b.tf": GOOD})
    good_is_read(found)
    assert any("to parse" in message for message in messages(found))


@pytest.mark.parametrize(
    "text",
    [
        'resource "aws_x" {\n}\n',
        'resource {\n}\nresource "a" "b" "c" {\n}\n',
        'variable {\n}\nvariable "a" "b" {\n}\n',
        'output "x" {\n}\n',
        'module "m" "n" {\n}\nmodule {\n}\n',
        'locals "x" {\n  a = 1\n}\n',
        'provider {\n}\nprovider "aws" {\n  alias = 3\n  region = []\n}\n',
        "a = 1\n",
        'resource "aws_x" "y" {\n  dynamic "a" "b" {\n  }\n  dynamic {\n  }\n  dynamic "c" {\n  }\n}\n',
        'resource "aws_x" "y" {\n  dynamic "c" {\n    for_each = [1]\n  }\n}\n',
        'resource "aws_x" "y" {\n  provider = 3\n  lifecycle {\n    ignore_changes = 1\n  }\n  depends_on = 7\n}\n',
        'terraform {\n  backend "s3" {\n  }\n}\nmoved {\n}\nimport {\n}\ncheck "x" {\n}\nremoved {\n}\n',
        'variable "x" {\n  type = nosuch(string)\n  default = 1\n}\nvariable "y" {\n  type = object({a = optional()})\n  default = {}\n}\n',
        'data "aws_iam_policy_document" "x" {\n  statement {\n    actions = 3\n    principals {\n    }\n    condition {\n    }\n  }\n}\n',
        'data "aws_iam_policy_document" "x" {\n  source_policy_documents = ["[]", "{", 3]\n}\noutput "p" {\n  value = data.aws_iam_policy_document.x.json\n}\n',
        'data "template_file" "x" {\n  template = "${"$"}{a}"\n  vars = 3\n}\noutput "p" {\n  value = data.template_file.x.rendered\n}\n',
    ],
)
def test_blocks_of_the_wrong_shape_are_no_crash(text):
    found = root(text + GOOD)
    good_is_read(found)
    for item in found.blocks:
        assert item.attributes is not None
        assert item.provider is not None
        assert item.meta is not None
        assert found.origin(item, ("a", 0, "b")) is not None
        assert found.trail(item, ("a", 0, "b")) == ()
    assert found.outputs is not None


def test_a_declaration_that_is_there_twice_is_said():
    found = root(GOOD + GOOD)
    assert len(found.blocks) == 1
    assert messages(found) == ["main.tf:4 resource aws_sqs_queue good is declared twice; the first counts"]


def test_a_value_that_does_not_fit_its_variable_is_said_with_its_place():
    found = root(
        {
            "main.tf": 'variable "n" {\n  type = number\n}\nresource "aws_x" "y" {\n  n = var.n\n}\n' + GOOD,
            "terraform.tfvars": 'n = "many"\n',
        }
    )
    good_is_read(found)
    assert isinstance(block(found, "aws_x.y").attributes["n"], Unknown)
    assert [(d.file, d.line) for d in found.diagnostics] == [("terraform.tfvars", 1)]
