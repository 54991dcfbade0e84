"""Values of variables: where they come from, which wins, and how they take their type."""

from __future__ import annotations

import pytest
from tests.sources.terraform.roots import block, messages, root

from stackworthy.core.origin import Origin
from stackworthy.core.value import Unknown
from stackworthy.sources.terraform.model import Settings

DECLARED = 'variable "m" {\n  default = "default"\n}\nresource "aws_x" "y" {\n  m = var.m\n}\n'


def m(files, **settings):
    found = root({"main.tf": DECLARED, **files}, **settings)
    y = block(found, "aws_x.y")
    trail = found.trail(y, ("m",))
    return y.attributes["m"], trail[-1].origin


def test_the_default_stands_when_nothing_is_given():
    assert m({}) == ("default", Origin("main.tf", ("variable", "m", "default")))


def test_files_are_taken_in_terraforms_order_and_the_last_wins():
    files = {
        "terraform.tfvars": 'm = "1"\n',
        "terraform.tfvars.json": '{"m": "2"}',
        "b.auto.tfvars": 'm = "4"\n',
        "a.auto.tfvars": 'm = "3"\n',
        "other.tfvars": 'm = "5"\n',
    }
    assert m({"terraform.tfvars": files["terraform.tfvars"]}) == ("1", Origin("terraform.tfvars", ("m",)))
    assert m(files) == ("4", Origin("b.auto.tfvars", ("m",)))
    assert m(files, var_files=("other.tfvars",)) == ("5", Origin("other.tfvars", ("m",)))
    assert m(files, var_files=("other.tfvars",), variables={"m": "6"}) == ("6", Origin("--var", ("m",)))


def test_the_trail_leads_to_the_entry_of_a_map_in_a_variable_file():
    found = root(
        {
            "main.tf": 'variable "m" {}\nresource "aws_x" "y" {\n  m = var.m.a[1]\n}\n',
            "terraform.tfvars": "m = {\n  a = [1,\n   2]\n}\n",
        }
    )
    y = block(found, "aws_x.y")
    assert y.attributes["m"] == 2
    (step,) = found.trail(y, ("m",))
    assert (step.what, step.origin.route, found.span(step.origin).line) == ("var.m", ("m", "a", 1), 3)


def test_a_variable_without_a_value_is_unknown_and_says_how_to_give_one():
    found = root('variable "x" {}\noutput "x" {\n  value = var.x\n}\n')
    value = found.outputs["x"]
    assert isinstance(value, Unknown)
    assert value.reason == "var.x has no value (give it with --var x=…)"
    assert value.expression == "var.x"


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("string", "5", "5"),
        ("number", "5", 5),
        ("bool", "true", True),
        ("list(number)", '["1", 2]', [1, 2]),
        ("map(string)", "{ a = 1 }", {"a": "1"}),
        ('object({ a = number, b = optional(string, "d") })', '{ a = "1", c = 3 }', {"a": 1, "b": "d"}),
        ("tuple([string, number])", '[1, "2"]', ["1", 2]),
        ("set(string)", '["b", "a", "b"]', ["a", "b"]),
        ("any", "{ a = 1 }", {"a": 1}),
        ("any", "text", "text"),
        ('"string"', "5", "5"),
    ],
)
def test_a_text_from_the_command_line_takes_the_declared_type(type_, text, expected):
    found = root(
        f'variable "x" {{\n  type = {type_}\n}}\noutput "x" {{\n  value = var.x\n}}\n', variables={"x": text}
    )
    assert found.outputs["x"] == expected


def test_a_text_that_is_no_expression_is_said():
    found = root(
        'variable "x" {\n  type = list(string)\n}\noutput "x" {\n  value = var.x\n}\n', variables={"x": "[1,"}
    )
    assert isinstance(found.outputs["x"], Unknown)
    assert messages(found) == ["--var:0 the value of x is no expression"]


def test_optional_attributes_get_their_defaults_deep_inside():
    found = root(
        """
variable "f" {
  type = map(object({
    memory = optional(number, 128)
    env    = optional(map(string), {})
    deep   = optional(object({ a = optional(bool, true) }), {})
    none   = optional(string)
  }))
  default = { x = { memory = null }, y = { env = { A = 1 }, deep = { a = false } } }
}
output "f" {
  value = var.f
}
"""
    )
    assert found.outputs["f"] == {
        "x": {"memory": 128, "env": {}, "deep": {"a": True}},
        "y": {"memory": 128, "env": {"A": "1"}, "deep": {"a": False}},
    }


def test_null_gives_the_default_only_where_null_is_refused():
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  a = null\n  b = null\n}\noutput "m" {\n  value = [module.m.a, module.m.b]\n}\n',
        "m/main.tf": 'variable "a" {\n  default = 1\n}\nvariable "b" {\n  default = 2\n  nullable = false\n}\n'
        'output "a" {\n  value = var.a == null\n}\noutput "b" {\n  value = var.b\n}\n',
    }
    assert root(files).outputs["m"] == [True, 2]


def test_a_sensitive_variable_makes_what_comes_from_it_sensitive():
    found = root(
        'variable "s" {\n  sensitive = true\n  default = "x"\n}\nlocals {\n  s = var.s\n}\n'
        'resource "aws_x" "y" {\n  a = local.s\n  b = "x"\n}\n'
    )
    y = block(found, "aws_x.y")
    assert found.is_sensitive(y, ("a",))
    assert not found.is_sensitive(y, ("b",))


def test_a_default_may_not_refer_to_anything():
    found = root(
        'locals {\n  a = 1\n}\nvariable "x" {\n  default = local.a\n}\noutput "x" {\n  value = var.x\n}\n'
    )
    assert isinstance(found.outputs["x"], Unknown)


def test_settings_choose_the_workspace():
    text = 'output "w" {\n  value = terraform.workspace\n}\n'
    assert root(text).outputs["w"] == "default"
    assert root(text, workspace="prod").outputs["w"] == "prod"
    assert Settings().workspace == "default"


def test_a_broken_variable_file_is_said_and_what_is_whole_in_it_counts():
    found = root({"main.tf": DECLARED, "terraform.tfvars": 'a = = 1\nm = "given"\n'})
    assert block(found, "aws_x.y").attributes["m"] == "given"
    assert [message.split(" ")[0] for message in messages(found)] == ["terraform.tfvars:1"]
