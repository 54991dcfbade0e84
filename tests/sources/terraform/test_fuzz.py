"""Roots made at random: whatever they say, they come to something, and every value has a place."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sources.terraform.roots import root

from stackworthy.core.value import OpenList, OpenMap, Value


def filled(pattern, *parts):
    return st.tuples(*parts).map(lambda found: pattern.format(*found))


NAMES = st.sampled_from(["a", "b", "name", "for_each", "count", "x-y", "null", "each"])
ROOTS = st.sampled_from(
    [
        "var.a",
        "var.b",
        "local.a",
        "local.b",
        "aws_x.a",
        "aws_x.a.id",
        "aws_x.b[0]",
        "module.m",
        "module.m.a",
        "each.value",
        "each.key",
        "count.index",
        "data.aws_region.a.name",
        "path.module",
        "terraform.workspace",
        "self.a",
        "a",
        "var",
        "nothing.at.all",
    ]
)
CONSTANTS = st.sampled_from(
    [
        '"s"',
        '""',
        "1",
        "-1",
        "0.5",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        '"1"',
        '"true"',
        "[null]",
        "<<EOT\nx\nEOT\n",
    ]
)
FUNCTIONS = st.sampled_from(
    [
        "length",
        "upper",
        "jsonencode",
        "jsondecode",
        "toset",
        "tolist",
        "tomap",
        "keys",
        "values",
        "merge",
        "concat",
        "flatten",
        "try",
        "can",
        "lookup",
        "element",
        "format",
        "join",
        "split",
        "coalesce",
        "one",
        "range",
        "zipmap",
        "setproduct",
        "contains",
        "nosuch",
        "file",
        "templatefile",
    ]
)
OPERATORS = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"])


def larger(inner):
    return st.one_of(
        filled("({} {} {})", inner, OPERATORS, inner),
        filled("{}({}, {})", FUNCTIONS, inner, inner),
        filled("{}({})", FUNCTIONS, inner),
        filled("{}({}...)", FUNCTIONS, inner),
        filled("({} ? {} : {})", inner, inner, inner),
        filled("[{}, {}]", inner, inner),
        filled("{{ {} = {}, ({}) = {} }}", NAMES, inner, inner, inner),
        filled("[for v in {} : {}]", inner, inner),
        filled("[for a, b in {} : {} if {}]", inner, inner, inner),
        filled("{{ for k, v in {} : {} => {} }}", inner, inner, inner),
        filled("{{ for k, v in {} : {} => {}... }}", inner, inner, inner),
        filled('"x${{{}}}y%{{ if {} }}z%{{ endif }}"', inner, inner),
        filled('"%{{ for v in {} ~}} ${{{}}} %{{~ endfor }}"', inner, inner),
        filled("({})[{}]", inner, inner),
        filled("({}).{}", inner, NAMES),
        filled("({})[*].{}", inner, NAMES),
        filled("({}).*.{}", inner, NAMES),
        filled("!({})", inner),
        filled("-({})", inner),
    )


EXPRESSIONS = st.recursive(st.one_of(ROOTS, CONSTANTS), larger, max_leaves=8)
BODIES = st.lists(
    st.one_of(
        filled("{} = {}\n", NAMES, EXPRESSIONS),
        filled("blk {{\n a = {}\n}}\n", EXPRESSIONS),
        filled(
            'dynamic "blk" {{\n for_each = {}\n content {{\n a = {}\n b = blk.value\n }}\n}}\n',
            EXPRESSIONS,
            EXPRESSIONS,
        ),
    ),
    max_size=4,
).map("".join)
BLOCKS = st.one_of(
    filled('resource "aws_x" "{}" {{\n{}}}\n', NAMES, BODIES),
    filled(
        'data "aws_iam_policy_document" "{}" {{\n statement {{\n actions = {}\n }}\n{}}}\n',
        NAMES,
        EXPRESSIONS,
        BODIES,
    ),
    filled("locals {{\n{} = {}\n}}\n", NAMES, EXPRESSIONS),
    filled('variable "{}" {{\n default = {}\n}}\n', NAMES, EXPRESSIONS),
    filled('output "{}" {{\n value = {}\n}}\n', NAMES, EXPRESSIONS),
    filled('module "m" {{\n source = "./m"\n a = {}\n count = {}\n}}\n', EXPRESSIONS, EXPRESSIONS),
    filled('provider "aws" {{\n region = {}\n}}\n', EXPRESSIONS),
    st.text(alphabet='{}[]()"$%~<>-=.:?,*\n \\#/ab1', max_size=12),
)
MODULE = (
    'variable "a" {}\nresource "aws_x" "a" {\n  a = var.a\n}\noutput "a" {\n  value = [var.a, aws_x.a]\n}\n'
)


def routes(value: Value, route=()):
    yield route
    if len(route) > 5:
        return
    if isinstance(value, dict):
        known = value.known if isinstance(value, OpenMap) else value
        for key, item in list(known.items())[:4]:
            yield from routes(item, (*route, key))
    elif isinstance(value, list):
        known = value.known if isinstance(value, OpenList) else value
        for position, item in enumerate(list.__iter__(known)):
            if position < 3:
                yield from routes(item, (*route, position))


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(BLOCKS, min_size=1, max_size=6).map("".join))
def test_every_root_comes_to_something_and_every_value_has_a_place(text):
    found = root({"main.tf": text, "m/main.tf": MODULE})
    for block in found.blocks[:10]:
        assert block.provider is not None
        for route in list(routes(block.attributes))[:25]:
            origin = found.origin(block, route)
            assert found.span(origin).line >= 1
            for step in found.trail(block, route):
                assert step.users >= 1
                assert found.span(step.origin).line >= 1
            found.refers_to(block, route)
    assert found.outputs is not None
    assert all(diagnostic.message for diagnostic in found.diagnostics)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200), st.integers(0, 400))
def test_bytes_thrown_into_a_root_are_no_crash(noise, position):
    text = f'locals {{\n  a = [for x in [1, 2] : "${{x}}"]\n}}\nresource "aws_x" "y" {{\n  a = local.a\n}}\n{MODULE}'.encode()
    found = root(
        {"main.tf": text[:position] + noise + text[position:], "terraform.tfvars": noise, "x.tf.json": noise}
    )
    for block in found.blocks:
        assert block.attributes is not None
    assert found.outputs is not None
