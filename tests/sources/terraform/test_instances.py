"""`count` and `for_each`: addresses, keys, what is not there, and what references to the instances give."""

from __future__ import annotations

from tests.sources.terraform.roots import addresses, block, root

from stackworthy.core.value import OpenMap, Reference, Unknown, same


def test_count_makes_numbered_instances():
    found = root(
        'resource "aws_x" "y" {\n  count = 2\n  name = "n${count.index}"\n}\noutput "o" {\n  value = aws_x.y[*].name\n}\n'
    )
    assert [(b.address, b.key, b.attributes["name"]) for b in found.blocks] == [
        ("aws_x.y[0]", 0, "n0"),
        ("aws_x.y[1]", 1, "n1"),
    ]
    assert found.outputs["o"] == ["n0", "n1"]


def test_for_each_makes_instances_in_the_order_of_their_keys():
    found = root(
        'resource "aws_x" "y" {\n  for_each = { b = 1, a = 2 }\n  k = each.key\n  v = each.value\n}\n'
        'output "o" {\n  value = { for k, x in aws_x.y : k => x.v }\n}\n'
    )
    assert [(b.address, b.attributes) for b in found.blocks] == [
        ('aws_x.y["a"]', {"k": "a", "v": 2}),
        ('aws_x.y["b"]', {"k": "b", "v": 1}),
    ]
    assert found.outputs["o"] == {"a": 2, "b": 1}


def test_for_each_over_a_set_gives_the_element_as_key_and_value():
    found = root('resource "aws_x" "y" {\n  for_each = toset(["b", "a", "b"])\n  v = each.value\n}\n')
    assert addresses(found) == ['aws_x.y["a"]', 'aws_x.y["b"]']
    assert [b.attributes["v"] for b in found.blocks] == ["a", "b"]


def test_keys_are_quoted_in_addresses_as_terraform_does():
    found = root('resource "aws_x" "y" {\n  for_each = toset(["a\\"b", "c.d/e", "$${x}"])\n}\n')
    assert addresses(found) == ['aws_x.y["$${x}"]', 'aws_x.y["a\\"b"]', 'aws_x.y["c.d/e"]']


def test_what_is_not_there_stays_as_one_block_that_says_why():
    found = root(
        'variable "on" {\n  default = false\n}\nresource "aws_x" "y" {\n  count = var.on ? 1 : 0\n  name = "n"\n}\n'
        'resource "aws_x" "z" {\n  for_each = {}\n  name = each.key\n}\n'
        'output "o" {\n  value = [aws_x.y, aws_x.y[*].arn, one(aws_x.y[*].arn) == null, aws_x.z]\n}\n'
    )
    y, z = block(found, "aws_x.y"), block(found, "aws_x.z")
    assert (y.present, y.key, y.when.expression, y.when.why) == (False, None, "var.on ? 1 : 0", "count is 0")
    assert (z.present, z.when.why) == (False, "for_each is empty")
    assert y.attributes == {"name": "n"}
    assert isinstance(z.attributes["name"], Unknown)
    assert found.outputs["o"] == [[], [], True, {}]


def test_an_unknown_count_leaves_a_representative_to_which_every_index_refers():
    found = root(
        'variable "on" {}\nresource "aws_x" "y" {\n  count = var.on ? 1 : 0\n  name = "n"\n}\n'
        'resource "aws_z" "z" {\n  a = aws_x.y[0].arn\n  b = aws_x.y[0].name\n  c = join("", aws_x.y[*].arn)\n  d = length(aws_x.y)\n}\n'
    )
    y = block(found, "aws_x.y[*]")
    assert (y.present, y.when.holds) == (None, None)
    assert y.when.why == "var.on has no value (give it with --var on=…)"
    z = block(found, "aws_z.z").attributes
    assert z["a"] == Reference("aws_x.y[*]", "arn")
    assert z["b"] == "n"
    assert isinstance(z["c"], Unknown)
    assert isinstance(z["d"], Unknown)


def test_known_keys_beside_unknown_ones_are_instances_of_their_own():
    found = root(
        'variable "more" {}\nresource "aws_x" "y" {\n  for_each = { for k in ["a", var.more] : k => k }\n  v = each.value\n}\n'
    )
    a, rest = found.blocks
    assert (a.address, a.present, a.attributes["v"]) == ('aws_x.y["a"]', True, "a")
    assert (rest.address, rest.present) == ("aws_x.y[*]", None)


def test_a_condition_around_a_module_is_that_of_everything_inside():
    files = {
        "main.tf": 'module "off" {\n  source = "./m"\n  count = 0\n}\nvariable "x" {}\n'
        'module "maybe" {\n  source = "./m"\n  for_each = var.x\n  v = each.value\n}\n',
        "m/main.tf": 'variable "v" {\n  default = 1\n}\nresource "aws_x" "y" {\n  v = var.v\n}\nresource "aws_x" "z" {\n  count = 0\n}\n',
    }
    found = root(files)
    off = block(found, "module.off.aws_x.y")
    assert (off.present, off.when.expression, off.when.why) == (False, "0", "count is 0")
    maybe = block(found, "module.maybe[*].aws_x.y")
    assert (maybe.present, maybe.module) == (None, "module.maybe[*]")
    assert isinstance(maybe.attributes["v"], Unknown)
    assert block(found, "module.maybe[*].aws_x.z").present is False


def test_a_resource_with_instances_can_be_iterated_over_and_measured():
    found = root(
        'resource "aws_x" "y" {\n  for_each = toset(["a", "b"])\n}\nresource "aws_z" "z" {\n  for_each = aws_x.y\n'
        '  id = each.value.id\n}\noutput "n" {\n  value = [length(aws_x.y), keys(aws_x.y), values(aws_x.y)[*].arn]\n}\n'
    )
    assert block(found, 'aws_z.z["a"]').attributes["id"] == Reference('aws_x.y["a"]', "id")
    arns = [Reference('aws_x.y["a"]', "arn"), Reference('aws_x.y["b"]', "arn")]
    assert found.outputs["n"] == [2, ["a", "b"], arns]


def test_numbers_as_strings_count():
    assert addresses(root('resource "aws_x" "y" {\n  count = "2"\n}\n')) == ["aws_x.y[0]", "aws_x.y[1]"]


def test_unknown_values_of_a_representative_are_the_same_only_for_the_same_collection():
    found = root(
        'variable "a" {}\nvariable "b" {}\nresource "aws_x" "p" {\n  for_each = var.a\n  v = each.value\n}\n'
        'resource "aws_x" "q" {\n  for_each = var.a\n  v = each.value\n}\nresource "aws_x" "r" {\n  for_each = var.b\n  v = each.value\n}\n'
    )
    p, q, r = (b.attributes["v"] for b in found.blocks)
    assert same(p, q)
    assert not same(p, r)


def test_a_whole_resource_as_a_value_is_an_open_map_of_what_is_stated():
    found = root(
        'resource "aws_x" "y" {\n  a = 1\n  b {\n    c = 2\n  }\n}\noutput "o" {\n  value = aws_x.y\n}\n'
    )
    value = found.outputs["o"]
    assert isinstance(value, OpenMap)
    assert value.known == {"a": 1, "b": [{"c": 2}]}
