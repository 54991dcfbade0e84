"""Where values stand: origins, spans, trails with their users, and what a value refers to."""

from __future__ import annotations

import pytest
from tests.sources.terraform.roots import block, root

from stackworthy.core.origin import Origin
from stackworthy.core.value import Reference

FILES = {
    "main.tf": """locals {
  mem  = var.memory
  tags = {
    a = "x"
    b = local.mem
  }
  on = true
}

resource "aws_lambda_function" "f" {
  memory_size = local.on ? local.mem : 256
  timeout     = 3
  tags        = merge({ c = "1" }, local.tags)
  environment {
    variables = { BUCKET = aws_s3_bucket.b.bucket, OUT = module.m.sizes["two"] }
  }
  policy = jsonencode({
    Statement = [{ Action = "s3:*", Resource = local.tags.a }]
  })
  list = concat(["p"], [local.mem, "q"])
  try  = try(local.tags.nosuch, local.mem)
  look = lookup(local.tags, "b", 1)
}

resource "aws_s3_bucket" "b" {
  bucket = "name"
}

module "m" {
  source = "./m"
  memory = local.mem
  fns    = { one = { size = 1, nets = ["n"] }, two = { size = local.mem, nets = [] } }
}
""",
    "variables.tf": 'variable "memory" {\n  default = 128\n}\n',
    "m/main.tf": """variable "memory" {}
variable "fns" {}
resource "aws_lambda_function" "this" {
  for_each    = var.fns
  memory_size = each.value.size
  timeout     = var.memory
  dynamic "vpc_config" {
    for_each = each.value.nets
    content {
      net = vpc_config.value
    }
  }
}
output "sizes" {
  value = { for k, v in aws_lambda_function.this : k => v.memory_size }
}
""",
}
FOUND = root(FILES)
F = block(FOUND, "aws_lambda_function.f")
TWO = block(FOUND, 'module.m.aws_lambda_function.this["two"]')


def text(origin):
    span = FOUND.span(origin)
    return FILES[span.file].encode()[span.start_byte : span.end_byte].decode()


@pytest.mark.parametrize(
    ("route", "written"),
    [
        (("timeout",), "3"),
        (("memory_size",), "local.mem"),
        (("tags", "c"), '"1"'),
        (("tags", "a"), "local.tags"),
        (("environment", 0, "variables", "BUCKET"), "aws_s3_bucket.b.bucket"),
        (("policy", "Statement", 0, "Action"), '"s3:*"'),
        (("policy", "Statement", 0, "Resource"), "local.tags.a"),
        (("list", 0), '"p"'),
        (("list", 1), "local.mem"),
        (("list", 2), '"q"'),
        (("environment", 0), "environment"),
        ((), 'resource "aws_lambda_function" "f"'),
        (("nosuch",), 'resource "aws_lambda_function" "f"'),
        (("environment", 0, "nosuch"), "environment"),
    ],
)
def test_an_origin_leads_to_what_was_written_at_the_use(route, written):
    assert text(FOUND.origin(F, route)) == written


def test_the_role_key_shows_the_name():
    origin = FOUND.origin(F, ("timeout",))
    assert text(origin._replace(role="key")) == "timeout"
    assert text(FOUND.origin(F, ("tags", "c"))._replace(role="key")) == "c"


def test_spans_count_lines_and_columns_from_one():
    span = FOUND.span(FOUND.origin(F, ("timeout",)))
    assert (span.line, span.column, span.end_line, span.end_column) == (12, 17, 12, 18)


def test_columns_count_characters_and_bytes_count_bytes():
    found = root('resource "aws_x" "y" {\n  a = { "é" = "x" }\n}\n')
    span = found.span(found.origin(found.blocks[0], ("a", "é")))
    assert (span.column, span.start_byte) == (15, 38)


def steps(where, route):
    return [
        (step.what, step.origin.file, FOUND.span(step.origin).line, step.users)
        for step in FOUND.trail(where, route)
    ]


MEM = [("local.mem", "main.tf", 2, 6), ("var.memory", "variables.tf", 2, 1)]


def test_a_trail_leads_from_the_use_to_the_literal_with_the_number_of_users():
    assert steps(F, ("timeout",)) == []
    assert steps(F, ("memory_size",)) == MEM
    assert steps(F, ("tags", "a")) == [("local.tags", "main.tf", 4, 4)]
    assert steps(F, ("tags", "b")) == [("local.tags", "main.tf", 5, 4), *MEM]
    assert steps(F, ("list", 1)) == MEM
    assert steps(F, ("try",)) == MEM
    assert steps(F, ("look",)) == [("local.tags", "main.tf", 5, 4), *MEM]
    assert steps(F, ("environment", 0, "variables", "BUCKET")) == [
        ("aws_s3_bucket.b.bucket", "main.tf", 26, 1)
    ]


def test_a_trail_goes_through_modules_instances_and_dynamic_blocks():
    assert steps(TWO, ("timeout",)) == [("module.m.memory", "main.tf", 31, 1), *MEM]
    assert steps(TWO, ("memory_size",)) == [("module.m.fns", "main.tf", 32, 1), *MEM]
    one = block(FOUND, 'module.m.aws_lambda_function.this["one"]')
    assert steps(one, ("vpc_config", 0, "net")) == [("module.m.fns", "main.tf", 32, 1)]
    (step,) = FOUND.trail(one, ("vpc_config", 0, "net"))
    assert text(step.origin) == '"n"'


def test_a_trail_goes_back_out_through_an_output():
    found = steps(F, ("environment", 0, "variables", "OUT"))
    assert [what for what, *_ in found] == [
        "module.m.sizes",
        'module.m.aws_lambda_function.this["two"].memory_size',
        "module.m.fns",
        "local.mem",
        "var.memory",
    ]


def test_users_are_multiplied_by_the_instances_of_their_module():
    files = {
        "main.tf": 'module "m" {\n  count = 3\n  source = "./m"\n}\nmodule "n" {\n  source = "./m"\n}\n',
        "m/main.tf": 'locals {\n  t = 3\n}\nresource "aws_x" "y" {\n  a = local.t\n  b = local.t\n}\n',
    }
    found = root(files)
    (step,) = found.trail(block(found, "module.m[1].aws_x.y"), ("a",))
    assert step.users == 2 * 4


def test_a_value_refers_to_the_attribute_that_it_is_stated_there_or_not():
    found = root(
        'resource "aws_x" "x" {\n  name = "n"\n}\nresource "aws_x" "many" {\n  count = 2\n}\nlocals {\n  n = aws_x.x.name\n}\n'
        'resource "aws_y" "y" {\n  a = local.n\n  b = aws_x.x.arn\n  c = "x-${aws_x.x.arn}"\n  d = [aws_x.many[1].id, "l"]\n  e = aws_x.many[*].id\n'
        "  f = one([aws_x.x.arn])\n}\n"
    )
    y = block(found, "aws_y.y")
    assert found.refers_to(y, ("a",)) == Reference("aws_x.x", "name")
    assert found.refers_to(y, ("b",)) == Reference("aws_x.x", "arn")
    assert found.refers_to(y, ("c",)) is None
    assert found.refers_to(y, ("d", 0)) == Reference("aws_x.many[1]", "id")
    assert found.refers_to(y, ("d", 1)) is None
    assert found.refers_to(y, ("e", 1)) == Reference("aws_x.many[1]", "id")
    assert found.refers_to(y, ("f",)) == Reference("aws_x.x", "arn")


def test_a_policy_leads_into_the_statements_of_its_document():
    found = root(
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["a:b"]\n  }\n  statement {\n    effect = "Deny"\n    actions = ["c:d"]\n  }\n}\n'
        'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    )
    (step,) = found.trail(block(found, "aws_iam_policy.p"), ("policy", "Statement", 1, "Action"))
    assert (step.what, found.span(step.origin).line) == ("data.aws_iam_policy_document.d.json", 7)


def test_places_are_found_again_after_the_trees_were_let_go():
    found = root(FILES)
    f = block(found, "aws_lambda_function.f")
    before = found.span(found.origin(f, ("policy", "Statement", 0, "Action")))
    found.release()
    assert found.span(found.origin(f, ("policy", "Statement", 0, "Action"))) == before
    assert found.span(Origin("main.tf", ("resource", "aws_s3_bucket", "b", "bucket"))).line == 26
    assert block(found, 'module.m.aws_lambda_function.this["one"]').attributes["memory_size"] == 1


def test_a_repeated_provider_block_is_told_from_the_first():
    found = root('provider "aws" {\n  region = "a"\n}\nprovider "aws" {\n  alias = "b"\n  region = "b"\n}\n')
    assert found.span(Origin("main.tf", ("provider", "aws", "region"))).line == 2
    assert found.span(Origin("main.tf", ("provider", "aws", 1, "region"))).line == 6


def test_a_place_in_a_file_that_is_gone_is_its_start():
    assert FOUND.span(Origin("nosuch.tf", ("a",))).line == 1
    assert FOUND.span(Origin("main.tf", ("nosuch",))).line == 1
    assert FOUND.span(Origin("--var", ("x",))).line == 0


def test_comments_are_found_with_their_lines():
    found = root('# one\nresource "aws_x" "y" {\n  a = 1 // two\n  /* three\n four */\n  b = "# none"\n}\n')
    assert list(found.comments("main.tf")) == [(1, "# one"), (3, "// two"), (4, "/* three\n four */")]
