"""The files of a folder: which are read, and how override files change what the others declare."""

from __future__ import annotations

from tests.sources.terraform.roots import addresses, block, root


def test_an_override_replaces_arguments_one_by_one_and_nested_blocks_type_by_type():
    found = root(
        {
            "main.tf": 'resource "aws_x" "y" {\n  a = 1\n  b = 1\n  rule {\n    id = 1\n  }\n  rule {\n    id = 2\n  }\n  other {\n    id = 3\n  }\n}\n',
            "main_override.tf": 'resource "aws_x" "y" {\n  b = 2\n  c = 2\n  rule {\n    id = 9\n  }\n}\n',
        }
    )
    y = block(found, "aws_x.y")
    assert y.attributes == {"a": 1, "b": 2, "c": 2, "rule": [{"id": 9}], "other": [{"id": 3}]}
    assert found.origin(y, ("b",)).file == "main_override.tf"
    assert found.origin(y, ("a",)).file == "main.tf"
    assert found.span(found.origin(y, ("rule", 0, "id"))).file == "main_override.tf"


def test_overrides_change_locals_variables_outputs_and_providers_too():
    found = root(
        {
            "main.tf": 'locals {\n  a = 1\n}\nvariable "v" {\n  default = 1\n}\noutput "o" {\n  value = [local.a, var.v]\n}\n'
            'provider "aws" {\n  region = "a"\n}\nresource "aws_x" "y" {}\n',
            "override.tf": 'locals {\n  a = 2\n}\nvariable "v" {\n  default = 2\n}\nprovider "aws" {\n  region = "b"\n}\n',
        }
    )
    assert found.outputs["o"] == [2, 2]
    assert block(found, "aws_x.y").region == "b"


def test_later_override_files_win():
    found = root(
        {
            "main.tf": 'resource "aws_x" "y" {\n  a = 1\n}\n',
            "a_override.tf": 'resource "aws_x" "y" {\n  a = 2\n}\n',
            "b_override.tf.json": '{"resource": {"aws_x": {"y": {"a": 3}}}}',
        }
    )
    assert block(found, "aws_x.y").attributes == {"a": 3}


def test_other_files_and_those_of_editors_are_not_read():
    text = 'resource "aws_x" "%s" {}\n'
    names = ("a.tf", "b.tf~", ".c.tf", "d.tf.bak", "e.hcl", "#f.tf#", "g.tftest.hcl", "sub/h.tf")
    found = root({name: text % name[:1].strip(".#") or "x" for name in names})
    assert addresses(found) == ["aws_x.a"]


def test_the_files_that_were_read_are_listed():
    found = root({"a.tf": "", "b.tf": "", "terraform.tfvars": "", "c.txt": ""})
    assert sorted(found.files) == ["a.tf", "b.tf", "terraform.tfvars"]


def test_an_empty_folder_is_a_root_without_anything():
    found = root({"other/a.tf": ""}, "nowhere")
    assert (found.blocks, found.outputs, found.diagnostics) == ([], {}, [])
