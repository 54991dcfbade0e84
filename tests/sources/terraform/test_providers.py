"""Which provider configuration a resource is made with, its region and its default tags."""

from __future__ import annotations

from tests.sources.terraform.roots import block, root

from stackworthy.core.value import Unknown

PROVIDERS = """
provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { team = "a" }
  }
}
provider "aws" {
  alias  = "us"
  region = var.region
}
variable "region" {
  default = "us-east-1"
}
"""


def test_a_resource_takes_the_default_provider_or_the_one_it_names():
    found = root(
        PROVIDERS
        + 'resource "aws_x" "a" {}\nresource "aws_x" "b" {\n  provider = aws.us\n}\nresource "aws_x" "c" {\n  provider = "aws.us"\n}\n'
        'resource "aws_x" "d" {\n  region = "ap-south-1"\n}\nresource "aws_x" "e" {\n  provider = aws.nosuch\n}\n'
    )
    a, b, c, d, e = found.blocks
    assert (a.region, b.region, c.region, d.region) == ("eu-west-1", "us-east-1", "us-east-1", "ap-south-1")
    assert (a.provider.alias, b.provider.alias) == (None, "us")
    assert (a.provider.default_tags, b.provider.default_tags) == ({"team": "a"}, {})
    assert isinstance(e.region, Unknown)


def test_without_a_stated_region_it_is_that_of_whoever_deploys():
    region = root('resource "aws_x" "a" {}\n').blocks[0].region
    assert isinstance(region, Unknown)
    assert region.expression == "AWS::Region"


def test_an_unknown_region_says_which_variable_it_hangs_on():
    region = (
        root('variable "r" {}\nprovider "aws" {\n  region = var.r\n}\nresource "aws_x" "a" {}\n')
        .blocks[0]
        .region
    )
    assert region.expression == "var.r"


def test_modules_inherit_the_default_provider_and_take_the_ones_they_are_given():
    files = {
        "main.tf": PROVIDERS
        + 'module "plain" {\n  source = "./m"\n}\nmodule "swapped" {\n  source = "./m"\n  providers = {\n    aws = aws.us\n    aws.other = aws\n  }\n}\n',
        "m/main.tf": "terraform {\n  required_providers {\n    aws = {\n      configuration_aliases = [aws.other]\n    }\n  }\n}\n"
        'resource "aws_x" "a" {}\nresource "aws_x" "b" {\n  provider = aws.other\n}\nmodule "inner" {\n  source = "../inner"\n}\n',
        "inner/main.tf": 'resource "aws_x" "a" {}\n',
    }
    found = root(files)
    assert block(found, "module.plain.aws_x.a").region == "eu-west-1"
    assert block(found, "module.plain.module.inner.aws_x.a").region == "eu-west-1"
    assert block(found, "module.swapped.aws_x.a").region == "us-east-1"
    assert block(found, "module.swapped.aws_x.b").region == "eu-west-1"
    assert block(found, "module.swapped.module.inner.aws_x.a").region == "us-east-1"


def test_an_empty_provider_block_in_a_module_only_declares_what_is_passed_in():
    files = {
        "main.tf": PROVIDERS
        + 'module "m" {\n  source = "./m"\n  providers = {\n    aws.x = aws.us\n  }\n}\n',
        "m/main.tf": 'provider "aws" {\n  alias = "x"\n}\nresource "aws_x" "a" {\n  provider = aws.x\n}\n',
    }
    assert block(root(files), "module.m.aws_x.a").region == "us-east-1"


def test_default_tags_may_come_from_a_dynamic_block_or_be_unknown():
    found = root(
        'variable "t" {}\nprovider "aws" {\n  dynamic "default_tags" {\n    for_each = [1]\n    content {\n      tags = { a = "b" }\n    }\n  }\n}\n'
        'provider "aws" {\n  alias = "v"\n  default_tags {\n    tags = var.t\n  }\n}\n'
        'resource "aws_x" "a" {}\nresource "aws_x" "b" {\n  provider = aws.v\n}\n'
    )
    a, b = found.blocks
    assert a.provider.default_tags == {"a": "b"}
    assert isinstance(b.provider.default_tags, Unknown)


def test_a_provider_that_assumes_a_role_says_so():
    found = root('provider "aws" {\n  assume_role {\n    role_arn = "x"\n  }\n}\nresource "aws_x" "a" {}\n')
    assert found.blocks[0].provider.assume_role
