"""Data sources: what is known without asking AWS, and what stands for the rest."""

from __future__ import annotations

from tests.sources.terraform.roots import block, root

from stackworthy.core.value import Partial, Reference, Unknown, same


def output(value, more):
    return root(f'output "o" {{\n  value = {value}\n}}\n{more}').outputs["o"]


def test_the_account_region_and_partition_equal_cloudformations_pseudo_parameters():
    found = output(
        '["${data.aws_caller_identity.a.account_id}", data.aws_region.r.name, data.aws_region.r.id, data.aws_partition.p.partition, '
        "data.aws_partition.p.dns_suffix, data.aws_caller_identity.a.arn]",
        'data "aws_caller_identity" "a" {}\ndata "aws_region" "r" {}\ndata "aws_partition" "p" {}\n',
    )
    assert [value.expression for value in found] == [
        "AWS::AccountId", "AWS::Region", "AWS::Region", "AWS::Partition", "AWS::URLSuffix",
        "data.aws_caller_identity.a.arn",
    ]  # fmt: skip
    assert same(found[1], Unknown("whatever", "AWS::Region"))


def test_the_region_is_known_when_the_provider_or_the_block_states_it():
    more = 'provider "aws" {\n  region = "eu-west-1"\n}\nprovider "aws" {\n  alias = "u"\n  region = "us-east-1"\n}\n'
    more += 'data "aws_region" "a" {}\ndata "aws_region" "b" {\n  provider = aws.u\n}\ndata "aws_region" "c" {\n  region = "ap-south-1"\n}\n'
    found = output("[data.aws_region.a.name, data.aws_region.b.id, data.aws_region.c.region]", more)
    assert found == ["eu-west-1", "us-east-1", "ap-south-1"]


def test_the_account_behind_an_assumed_role_is_another():
    more = 'provider "aws" {\n  alias = "o"\n  assume_role {\n    role_arn = var.r\n  }\n}\nvariable "r" {}\n'
    more += 'data "aws_caller_identity" "a" {}\ndata "aws_caller_identity" "b" {\n  provider = aws.o\n}\n'
    one, other = output(
        "[data.aws_caller_identity.a.account_id, data.aws_caller_identity.b.account_id]", more
    )
    assert not same(one, other)


def test_an_archive_is_a_link_to_its_code():
    found = root(
        'data "archive_file" "code" {\n  type = "zip"\n  source_dir = "${path.module}/src"\n  output_path = "${path.module}/out.zip"\n}\n'
        'resource "aws_lambda_function" "f" {\n  filename = data.archive_file.code.output_path\n'
        "  source_code_hash = data.archive_file.code.output_base64sha256\n}\n"
    )
    f = block(found, "aws_lambda_function.f")
    assert f.attributes["filename"] == "./out.zip"
    assert f.attributes["source_code_hash"] == Reference("data.archive_file.code", "output_base64sha256")
    assert found.refers_to(f, ("filename",)) == Reference("data.archive_file.code", "output_path")
    assert block(found, "data.archive_file.code").attributes["source_dir"] == "./src"


def test_what_aws_would_have_to_tell_is_unknown_and_the_arguments_are_not():
    value = output("data.aws_ssm_parameter.p.value", 'data "aws_ssm_parameter" "p" {\n  name = "/a"\n}\n')
    assert isinstance(value, Unknown)
    assert value.expression == "data.aws_ssm_parameter.p.value"
    assert (
        output("data.aws_ssm_parameter.p.name", 'data "aws_ssm_parameter" "p" {\n  name = "/a"\n}\n') == "/a"
    )


def test_old_template_files_are_rendered():
    more = 'data "template_file" "t" {\n  template = "a-$${x}"\n  vars = {\n    x = 1\n  }\n}\n'
    assert output("data.template_file.t.rendered", more) == "a-1"


def test_local_files_are_read():
    found = root(
        {
            "main.tf": 'data "local_file" "f" {\n  filename = "a.txt"\n}\noutput "o" {\n  value = data.local_file.f.content\n}\n',
            "a.txt": "hi",
        }
    )
    assert found.outputs["o"] == "hi"


def test_terraform_data_gives_back_its_input():
    assert output("terraform_data.d.output", 'resource "terraform_data" "d" {\n  input = [1]\n}\n') == [1]


def test_all_tags_are_the_default_ones_with_the_resources_own_over_them():
    more = 'provider "aws" {\n  default_tags {\n    tags = { a = "1", b = "1" }\n  }\n}\nresource "aws_x" "y" {\n  tags = { b = "2" }\n}\n'
    assert output("aws_x.y.tags_all", more) == {"a": "1", "b": "2"}


def test_a_data_source_with_count_zero_is_an_empty_list():
    more = 'data "aws_region" "r" {\n  count = 0\n}\n'
    assert output('try(data.aws_region.r[0].name, "none")', more) == "none"


def test_parts_of_names_that_hang_on_the_account_stay_partial():
    value = output('"b-${data.aws_caller_identity.a.account_id}-x"', 'data "aws_caller_identity" "a" {}\n')
    assert isinstance(value, Partial)
    assert (value.prefix, value.suffix) == ("b-", "-x")
