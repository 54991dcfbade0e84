"""What a module makes is changed by the arguments of its call, not by an edit of the module."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

from stackworthy.config import Options, load, merge
from stackworthy.remedy import Remedy, Wanted, remedy

MODULE = """\
resource "aws_sfn_state_machine" "this" {
  name       = var.name
  role_arn   = "arn:aws:iam::111122223333:role/a"
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })

  dynamic "tracing_configuration" {
    for_each = var.tracing ? [true] : []
    content {
      enabled = true
    }
  }
}

resource "aws_dynamodb_table" "this" {
  name                        = var.name
  hash_key                    = "id"
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = var.protected

  dynamic "point_in_time_recovery" {
    for_each = var.recovery.enabled == null ? [] : [1]
    content {
      enabled = var.recovery.enabled
    }
  }

  attribute {
    name = "id"
    type = "S"
  }
}

variable "name" {}
variable "tracing" {
  default = false
}
variable "protected" {
  type    = bool
  default = null
}
variable "recovery" {
  type    = object({ enabled = bool, days = number })
  default = { enabled = null, days = 7 }
}
"""

CALL = """\
module "jobs" {
  source = "./made"
  name   = "jobs"
}
"""


def lay(folder: Path, root: str, module: str = MODULE, *, foreign: bool = False) -> Path:
    inner = folder / (".terraform/modules/jobs" if foreign else "made")
    inner.mkdir(parents=True)
    (inner / "main.tf").write_text(module)
    (folder / "main.tf").write_text(dedent(root))
    if foreign:
        entry = {"Key": "jobs", "Source": "registry/x/y", "Dir": ".terraform/modules/jobs"}
        (folder / ".terraform/modules/modules.json").write_text(json.dumps({"Modules": [entry]}))
    return folder


def mended(folder: Path, *rules: str) -> Remedy:
    settings = merge(load(str(folder), root=None), Options())
    return remedy(folder, settings, Wanted(rules=frozenset(rules), unsafe=True))


def lines(found: Remedy, file: str = "main.tf") -> list[str]:
    before = (found.originals[file] or b"").decode().split("\n")
    return [line for line in found.edits[file].decode().split("\n") if line not in before]


def reasons(found: Remedy) -> list[str]:
    return [item.reason for stack in found.stacks for item in stack.refused]


def test_what_a_variable_decides_is_set_at_the_call_of_a_module_from_elsewhere(tmp_path: Path) -> None:
    root = CALL.replace("./made", "registry/x/y")
    found = mended(lay(tmp_path, root, foreign=True), "deletion-protection-off")
    assert list(found.edits) == ["main.tf"]
    assert lines(found) == ["  protected = true"]


def test_a_dynamic_block_that_a_variable_switches_on_is_switched_on(tmp_path: Path) -> None:
    module = MODULE.replace("enabled = true", "enabled = var.tracing")
    found = mended(lay(tmp_path, CALL, module), "workflow-tracing-off")
    assert list(found.edits) == ["main.tf"]
    assert lines(found) == ["  tracing = true"]


def test_an_attribute_of_an_object_is_set_with_what_its_default_says_beside(tmp_path: Path) -> None:
    found = mended(lay(tmp_path, CALL), "recovery-off")
    assert lines(found) == ["  recovery = {", "    enabled = true", "    days    = 7", "  }"]


def test_an_argument_that_is_handed_on_is_set_where_it_begins(tmp_path: Path) -> None:
    outer = 'module "jobs" {\n  source    = "../made"\n  name      = "jobs"\n  protected = var.keep\n}\n'
    outer += 'variable "keep" {\n  default = null\n}\n'
    lay(tmp_path, 'module "outer" {\n  source = "./outer"\n  keep   = false\n}\n')
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer/main.tf").write_text(outer)
    found = mended(tmp_path, "deletion-protection-off")
    assert lines(found) == ["  keep   = true"]


def test_one_of_two_calls_is_changed_without_the_other(tmp_path: Path) -> None:
    other = CALL.replace('"jobs"', '"other"')
    root = CALL.replace("}", "  protected = false\n}") + other.replace("}", "  protected = true\n}")
    found = mended(lay(tmp_path, root), "deletion-protection-off")
    assert found.edits["main.tf"].decode().count("protected = true") == 2
    assert list(found.edits) == ["main.tf"]


def test_what_no_argument_sets_is_left_with_the_reason(tmp_path: Path) -> None:
    module = MODULE.replace("for_each = var.tracing ? [true] : []", "for_each = toset([])")
    found = mended(lay(tmp_path, CALL, module), "workflow-tracing-off")
    assert not found.edits
    assert reasons(found) == ["the module takes no argument for enabled"]


def test_a_call_in_json_is_left_with_the_reason(tmp_path: Path) -> None:
    lay(tmp_path, "")
    (tmp_path / "main.tf").unlink()
    call = {"module": {"jobs": {"source": "./made", "name": "jobs"}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(call))
    found = mended(tmp_path, "recovery-off")
    assert not found.edits
    assert reasons(found) == ["the value stands in main.tf.json"]


def test_an_argument_that_several_resources_need_is_stated_once(tmp_path: Path) -> None:
    module = MODULE.replace('"aws_dynamodb_table" "this" {\n', '"aws_dynamodb_table" "this" {\n  count = 3\n')
    root = CALL.replace("./made", "registry/x/y")
    found = mended(lay(tmp_path, root, module, foreign=True), "deletion-protection-off")
    assert lines(found) == ["  protected = true"]
    assert found.edits["main.tf"].count(b"protected") == 1
