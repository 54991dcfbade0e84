"""Terragrunt's inputs as values of variables."""

from __future__ import annotations

from tests.sources.terraform.roots import block, messages, root

from stackworthy.core.value import Unknown

APP = """
variable "memory" { type = number }
variable "vpc" {}
variable "tags" {}
variable "region" {}
variable "key" {}
variable "secret" {}
provider "aws" {
  region = var.region
}
resource "aws_lambda_function" "f" {
  memory_size = var.memory
  vpc         = var.vpc
  tags        = var.tags
  key         = var.key
  secret      = var.secret
  path        = path.module
}
"""
FILES = {
    "modules/app/main.tf": APP,
    "root.hcl": """
locals {
  region = "eu-west-1"
}
inputs = {
  region = local.region
  memory = 128
  key    = "${path_relative_to_include()}/state"
  tags   = { a = 1, deep = { x = 1 } }
}
""",
    "live/env.hcl": "locals {\n  memory = 256\n}\n",
    "live/app/terragrunt.hcl": """
include "root" {
  path           = find_in_parent_folders("root.hcl")
  expose         = true
  merge_strategy = "deep"
}
locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl"))
}
terraform {
  source = "../../modules//app"
}
dependency "vpc" {
  config_path  = "../vpc"
  mock_outputs = { id = "mock" }
}
inputs = {
  memory = local.env.locals.memory
  vpc    = dependency.vpc.outputs.id
  tags   = { b = include.root.locals.region, deep = { y = 2 } }
  secret = get_env("SECRET", "fallback")
}
""",
}


def test_inputs_includes_and_read_files_give_the_variables_their_values():
    found = root(FILES, "live/app")
    f = block(found, "aws_lambda_function.f")
    attributes = f.attributes
    assert attributes["memory_size"] == 256
    assert attributes["tags"] == {"a": 1, "deep": {"x": 1, "y": 2}, "b": "eu-west-1"}
    assert attributes["key"] == "live/app/state"
    assert attributes["path"] == "."
    assert f.region == "eu-west-1"
    assert messages(found) == []


def test_what_only_terragrunt_could_tell_is_unknown_and_never_a_mock_or_a_fallback():
    attributes = block(root(FILES, "live/app"), "aws_lambda_function.f").attributes
    assert isinstance(attributes["vpc"], Unknown)
    assert isinstance(attributes["secret"], Unknown)


def test_a_trail_leads_to_the_line_of_the_input():
    found = root(FILES, "live/app")
    (step,) = found.trail(block(found, "aws_lambda_function.f"), ("memory_size",))
    assert (step.what, step.origin.file, found.span(step.origin).line) == (
        "var.memory",
        "live/app/terragrunt.hcl",
        18,
    )


def test_a_later_include_or_the_file_itself_wins_and_a_shallow_merge_replaces():
    files = {
        "terragrunt.hcl": "inputs = {\n  a = { x = 1 }\n  b = 1\n}\n",
        "s/terragrunt.hcl": "include {\n  path = find_in_parent_folders()\n}\ninputs = {\n  a = { y = 2 }\n}\n",
        "s/main.tf": 'variable "a" {}\nvariable "b" {}\noutput "o" {\n  value = [var.a, var.b]\n}\n',
    }
    assert root(files, "s").outputs["o"] == [{"y": 2}, 1]


def test_variable_files_weigh_more_than_inputs():
    files = {
        "terragrunt.hcl": "inputs = {\n  a = 1\n}\n",
        "main.tf": 'variable "a" {}\noutput "o" {\n  value = var.a\n}\n',
        "terraform.tfvars": "a = 2\n",
    }
    assert root(files).outputs["o"] == 2


def test_paths_are_those_of_terragrunts_functions():
    names = "get_terragrunt_dir get_original_terragrunt_dir get_parent_terragrunt_dir get_repo_root path_relative_from_include"
    inputs = "".join(f"  {name} = {name}()\n" for name in names.split())
    files = {
        "root.hcl": "",
        "a/b/terragrunt.hcl": f'include "r" {{\n  path = find_in_parent_folders("root.hcl")\n}}\ninputs = {{\n  all = {{\n{inputs}  }}\n}}\n',
        "a/b/main.tf": 'variable "all" {}\noutput "o" {\n  value = var.all\n}\n',
    }
    assert root(files, "a/b").outputs["o"] == {
        "get_terragrunt_dir": ".",
        "get_original_terragrunt_dir": ".",
        "get_parent_terragrunt_dir": "../..",
        "get_repo_root": "../..",
        "path_relative_from_include": "../..",
    }


def test_files_beside_are_read_and_decoded():
    files = {
        "common.yaml": "size: 3\n",
        "s/terragrunt.hcl": 'locals {\n  c = yamldecode(file(find_in_parent_folders("common.yaml")))\n}\ninputs = {\n  a = local.c.size\n}\n',
        "s/main.tf": 'variable "a" {}\noutput "o" {\n  value = var.a\n}\n',
    }
    assert root(files, "s").outputs["o"] == 3


def test_files_that_read_each_other_in_circles_end():
    files = {
        "terragrunt.hcl": 'locals {\n  o = read_terragrunt_config("o.hcl")\n}\ninputs = {\n  a = local.o.inputs.a\n}\n',
        "o.hcl": 'locals {\n  t = read_terragrunt_config("terragrunt.hcl")\n}\ninputs = {\n  a = local.t.inputs.a\n  b = local.t\n}\n',
        "main.tf": 'variable "a" {}\noutput "o" {\n  value = var.a\n}\n',
    }
    assert isinstance(root(files).outputs["o"], Unknown)


def test_an_include_or_module_that_is_not_here_is_said():
    files = {
        "s/terragrunt.hcl": 'include {\n  path = "../../../x.hcl"\n}\nterraform {\n  source = "git::https://x/y.git"\n}\ninputs = 3\n'
    }
    found = root(files, "s")
    said = messages(found)
    assert any("../../../x.hcl" in message for message in said)
    assert any("git::https://x/y.git" in message for message in said)
    assert found.blocks == []


def test_a_broken_file_is_said():
    assert len(messages(root({"terragrunt.hcl": "inputs = {\n", "main.tf": ""}))) == 1


def test_a_generated_provider_gives_its_region():
    files = {
        "root.hcl": 'locals {\n  region = "eu-west-1"\n}\ngenerate "provider" {\n  path = "provider.tf"\n  if_exists = "overwrite"\n'
        '  contents = <<EOF\nprovider "aws" {\n  region = "${local.region}"\n  default_tags {\n    tags = { a = "b" }\n  }\n}\nEOF\n}\n',
        "s/terragrunt.hcl": 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n',
        "s/main.tf": 'resource "aws_x" "y" {}\n',
    }
    y = block(root(files, "s"), "aws_x.y")
    assert (y.region, y.provider.default_tags) == ("eu-west-1", {"a": "b"})


def test_a_provider_that_is_written_weighs_more_than_one_that_would_be_generated():
    files = {
        "s/terragrunt.hcl": 'generate "p" {\n  path = "p.tf"\n  contents = "provider \\"aws\\" {\\n region = \\"a\\"\\n}"\n}\n',
        "s/main.tf": 'provider "aws" {\n  region = "b"\n}\nresource "aws_x" "y" {}\n',
    }
    assert block(root(files, "s"), "aws_x.y").region == "b"
