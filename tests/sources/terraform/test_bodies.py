"""Arguments and nested blocks of resources, and the blocks that `dynamic` generates."""

from __future__ import annotations

import pytest
from tests.sources.terraform.roots import block, root

from stackworthy.core.value import ABSENT, NotKnown, OpenList, Reference, Unknown


def attributes(body, more=""):
    return block(root(f'resource "aws_x" "y" {{\n{body}\n}}\n{more}'), "aws_x.y").attributes


def test_nested_blocks_are_lists_of_maps_in_order():
    assert attributes(
        "a = 1\nrule {\n  id = 1\n}\nother {}\nrule {\n  id = 2\n  inner {\n    x = 1\n  }\n}"
    ) == {
        "a": 1,
        "rule": [{"id": 1}, {"id": 2, "inner": [{"x": 1}]}],
        "other": [{}],
    }


def test_null_is_absent_at_every_depth():
    found = attributes("a = null\nb = { c = null, d = [1, null] }\ne {\n  f = null\n}")
    assert found == {"b": {"d": [1, ABSENT]}, "e": [{}]}
    assert found["a"] is ABSENT


def test_meta_arguments_are_no_attributes():
    found = root(
        'resource "aws_x" "y" {\n  count = 1\n  depends_on = [aws_x.z]\n  provider = aws.b\n  lifecycle {\n    prevent_destroy = true\n'
        '    ignore_changes = [tags, a[0].b]\n  }\n  provisioner "local-exec" {\n    command = "x"\n  }\n  connection {}\n  a = 1\n}\n'
    )
    y = block(found, "aws_x.y[0]")
    assert y.attributes == {"a": 1}
    assert y.meta == {
        "lifecycle": {"prevent_destroy": True, "ignore_changes": ["tags", "a[0].b"]},
        "depends_on": ["aws_x.z"],
    }


@pytest.mark.parametrize(
    ("collection", "expected"),
    [
        ('["a", "b"]', [{"k": 0, "v": "a"}, {"k": 1, "v": "b"}]),
        ("{ b = 1, a = 2 }", [{"k": "a", "v": 2}, {"k": "b", "v": 1}]),
        ('toset(["b", "a"])', [{"k": "a", "v": "a"}, {"k": "b", "v": "b"}]),
        ("[]", []),
    ],
)
def test_dynamic_blocks_are_generated_from_every_kind_of_collection(collection, expected):
    found = attributes(
        f'dynamic "set" {{\n  for_each = {collection}\n  content {{\n    k = set.key\n    v = set.value\n  }}\n}}'
    )
    assert found == ({"set": expected} if expected else {})


def test_dynamic_blocks_nest_with_iterators_of_their_own_names():
    found = attributes(
        """
dynamic "outer" {
  for_each = { a = [1, 2], b = [] }
  iterator = o
  content {
    name = o.key
    dynamic "inner" {
      for_each = o.value
      content {
        v = "${o.key}${inner.value}"
      }
    }
  }
}
"""
    )
    assert found == {"outer": [{"name": "a", "inner": [{"v": "a1"}, {"v": "a2"}]}, {"name": "b"}]}


def test_static_and_generated_blocks_keep_their_order():
    found = attributes(
        's {\n  v = 1\n}\ndynamic "s" {\n  for_each = [2, 3]\n  content {\n    v = s.value\n  }\n}\ns {\n  v = 4\n}'
    )
    assert [item["v"] for item in found["s"]] == [1, 2, 3, 4]


def test_a_dynamic_block_over_something_unknown_leaves_the_list_open():
    found = attributes(
        's {\n  v = 1\n}\ndynamic "s" {\n  for_each = var.x\n  content {\n    v = s.value\n  }\n}',
        'variable "x" {}\n',
    )["s"]
    assert isinstance(found, OpenList)
    assert found[0] == {"v": 1}
    with pytest.raises(NotKnown, match=r"var\.x has no value"):
        len(found)


def test_elements_with_unknown_values_are_generated_all_the_same():
    found = attributes(
        'dynamic "s" {\n  for_each = [aws_z.z.arn]\n  content {\n    v = s.value\n  }\n}',
        'resource "aws_z" "z" {}\n',
    )
    assert found["s"] == [{"v": Reference("aws_z.z", "arn")}]


def test_stated_attributes_of_others_are_their_values_and_computed_ones_references():
    found = attributes(
        "a = aws_z.z.name\nb = aws_z.z.arn\nc = aws_z.z.list[1]\nd = aws_z.z.rule[0].id\ne = aws_z.z.rule[0].computed\n"
        "f = aws_z.z.nothing\ng = aws_z.z.rule[*].id\nh = aws_z.z.rule[*].computed\ni = aws_z.z.rule[1].id\nj = aws_z.z.endpoint[0].address",
        'resource "aws_z" "z" {\n  name = "n"\n  list = [1, 2]\n  nothing = null\n  rule {\n    id = 7\n  }\n}\n',
    )
    assert found == {
        "a": "n",
        "b": Reference("aws_z.z", "arn"),
        "c": 2,
        "d": 7,
        "e": Reference("aws_z.z", "rule[0].computed"),
        "f": Reference("aws_z.z", "nothing"),
        "g": [7],
        "h": [Reference("aws_z.z", "rule[0].computed")],
        "i": Reference("aws_z.z", "rule[1].id"),
        "j": Reference("aws_z.z", "endpoint[0].address"),
    }


def test_a_computed_attribute_that_is_a_collection_is_unknown_and_not_one_value():
    value = attributes("a = aws_z.z.availability_zones", 'resource "aws_z" "z" {}\n')["a"]
    assert isinstance(value, Unknown)
    assert value.expression == "aws_z.z.availability_zones"


def test_resources_that_hold_each_other_whole_end():
    found = root(
        'resource "aws_x" "a" {\n  o = [aws_x.b, aws_x.b]\n}\nresource "aws_x" "b" {\n  o = { a = aws_x.a }\n}\n'
        'output "o" {\n  value = [aws_x.a, jsonencode(aws_x.b)]\n}\n'
    )
    whole = block(found, "aws_x.a").attributes["o"][0]
    assert isinstance(whole, Unknown)
    assert whole.expression == "aws_x.b"
    assert list(found.outputs["o"][0].known) == ["o"]
