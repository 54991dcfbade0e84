"""Modules: arguments in, outputs out, to any depth; references from one to the other."""

from __future__ import annotations

import json

from tests.sources.terraform.roots import addresses, block, messages, root

from stackworthy.core.value import Reference, Unknown

DEEP = {
    "main.tf": """
locals {
  size = 256
}
module "api" {
  for_each = toset(["x", "y"])
  source   = "./modules/api"
  name     = each.key
  size     = local.size
}
output "arns" {
  value = [for m in module.api : m.arn]
}
output "x" {
  value = module.api["x"].sizes
}
""",
    "modules/api/main.tf": """
variable "name" {}
variable "size" {}
module "fn" {
  source = "../fn"
  count  = 2
  name   = "${var.name}-${count.index}"
  size   = var.size * (count.index + 1)
}
output "arn" {
  value = module.fn[0].arn
}
output "sizes" {
  value = module.fn[*].size
}
""",
    "modules/fn/main.tf": """
variable "name" {}
variable "size" {}
resource "aws_lambda_function" "this" {
  count       = 1
  name        = var.name
  memory_size = var.size
}
output "arn" {
  value = aws_lambda_function.this[0].arn
}
output "size" {
  value = one(aws_lambda_function.this).memory_size
}
""",
}


def test_instances_of_nested_modules_have_full_addresses_and_their_own_arguments():
    found = root(DEEP)
    assert addresses(found) == [
        f'module.api["{name}"].module.fn[{number}].aws_lambda_function.this[0]'
        for name in "xy"
        for number in (0, 1)
    ]
    last = block(found, 'module.api["y"].module.fn[1].aws_lambda_function.this[0]')
    assert last.attributes == {"name": "y-1", "memory_size": 512}
    assert last.module == 'module.api["y"].module.fn[1]'


def test_outputs_come_back_through_every_level():
    outputs = root(DEEP).outputs
    assert outputs["x"] == [256, 512]
    assert outputs["arns"] == [
        Reference(f'module.api["{name}"].module.fn[0].aws_lambda_function.this[0]', "arn") for name in "xy"
    ]


def test_an_argument_that_is_not_given_takes_the_default_and_one_without_is_unknown():
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n}\n',
        "m/main.tf": 'variable "a" {\n  default = 1\n}\nvariable "b" {}\nresource "aws_x" "y" {\n  a = var.a\n  b = var.b\n}\n',
    }
    attributes = block(root(files), "module.m.aws_x.y").attributes
    assert attributes["a"] == 1
    assert attributes["b"].expression == "module.m.var.b"


def test_an_undeclared_name_is_unknown_and_says_so():
    found = root(
        'output "o" {\n  value = [local.a, var.b, aws_x.y.z, module.m.o, data.a.b.c, nothing, each.key]\n}\n'
    )
    assert all(isinstance(value, Unknown) for value in found.outputs["o"])
    assert found.outputs["o"][0].reason == "local.a is not declared"


def test_paths_are_relative_to_the_root_module():
    files = {
        "stack/main.tf": 'module "m" {\n  source = "../m"\n}\noutput "o" {\n  value = [path.module, path.root, module.m.p, module.m.text]\n}\n',
        "m/main.tf": 'output "p" {\n  value = path.module\n}\noutput "text" {\n  value = file("${path.module}/a.txt")\n}\n',
        "m/a.txt": "hello",
    }
    assert root(files, "stack").outputs["o"] == [".", ".", "../m", "hello"]


def test_installed_modules_are_read_and_belong_to_nobody_here():
    manifest = {"Modules": [{"Key": "f", "Source": "registry.terraform.io/x/y/aws", "Dir": ".terraform/modules/f"},
                            {"Key": "f.inner", "Source": "./inner", "Dir": ".terraform/modules/f/inner"}]}  # fmt: skip
    files = {
        "s/main.tf": 'variable "m" {\n  default = 128\n}\nmodule "f" {\n  source  = "x/y/aws"\n  version = "1.0"\n  memory = var.m\n}\n',
        "s/.terraform/modules/modules.json": json.dumps(manifest),
        "s/.terraform/modules/f/main.tf": 'variable "memory" {}\nlocals {\n  m = var.memory\n}\nmodule "inner" {\n  source = "./inner"\n'
        "  memory = local.m\n}\n",
        "s/.terraform/modules/f/inner/main.tf": 'variable "memory" {}\nresource "aws_lambda_function" "this" {\n  memory_size = var.memory\n'
        "  timeout = 3\n}\n",
    }
    found = root(files, "s")
    this = block(found, "module.f.module.inner.aws_lambda_function.this")
    assert this.attributes == {"memory_size": 128, "timeout": 3}
    assert not this.owned
    assert messages(found) == []
    origin = found.origin(this, ("memory_size",))
    assert (origin.file, origin.route) == ("s/main.tf", ("module", "f", "memory"))
    assert [step.what for step in found.trail(this, ("memory_size",))] == ["var.m"]
    assert found.origin(this, ("timeout",)) == ("s/main.tf", ("module", "f"), "resource")
    assert found.trail(this, ("timeout",)) == ()


def test_a_list_of_installed_modules_that_is_none_is_said():
    files = {"main.tf": 'module "f" {\n  source = "x/y/aws"\n}\n', ".terraform/modules/modules.json": "[3"}
    assert any("is no list of modules" in message for message in messages(root(files)))


def test_terraforms_own_blocks_that_declare_nothing_are_passed_over():
    found = root(
        'terraform {\n  required_version = ">= 1"\n}\nmoved {\n  from = a.b\n  to = a.c\n}\nimport {\n  to = a.b\n  id = "x"\n}\n'
        'removed {\n  from = a.b\n}\ncheck "c" {\n  assert {\n    condition = false\n    error_message = ""\n  }\n}\n'
    )
    assert found.blocks == []
    assert messages(found) == []


def test_references_may_go_round_between_modules_as_long_as_values_do_not():
    files = {
        "main.tf": 'module "a" {\n  source = "./a"\n  in = module.b.out\n}\nmodule "b" {\n  source = "./b"\n  in = module.a.fixed\n}\n'
        'output "o" {\n  value = module.a.out\n}\n',
        "a/main.tf": 'variable "in" {}\noutput "fixed" {\n  value = "f"\n}\noutput "out" {\n  value = "${var.in}!"\n}\n',
        "b/main.tf": 'variable "in" {}\noutput "out" {\n  value = upper(var.in)\n}\n',
    }
    assert root(files).outputs["o"] == "F!"


def test_what_an_operation_on_something_unknown_comes_to_says_what_is_missing():
    found = root(
        'variable "x" {}\noutput "o" {\n  value = [var.x + 1, upper(var.x), var.x ? 1 : 2, var.x.a, var.x[0], "a-${var.x}"]\n}\n'
    )
    values = found.outputs["o"]
    assert [value.expression for value in values[:5]] == [
        "var.x + 1", "upper(var.x)", "var.x ? 1 : 2", "var.x.a", "var.x[0]",
    ]  # fmt: skip
    assert {value.reason for value in values[:5]} == {"var.x has no value (give it with --var x=…)"}
    assert values[5].prefix == "a-"
