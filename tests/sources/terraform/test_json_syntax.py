"""Configuration in JSON syntax comes to the same as in HCL."""

from __future__ import annotations

import json

import pytest
from tests.sources.terraform.roots import addresses, block, messages, root

from stackworthy.core.value import Reference, Unknown
from stackworthy.sources.terraform.json_syntax import locate


def tf(content, **files):
    return root({"main.tf.json": content if isinstance(content, str) else json.dumps(content), **files})


STACK = {
    "//": "a comment",
    "variable": {"size": {"type": "number", "default": 128}, "text": {"default": "${not.a.template}"}},
    "locals": {"double": "${var.size * 2}", "list": [1, "${var.size}"]},
    "provider": {"aws": [{"region": "eu-west-1"}, {"alias": "u", "region": "us-east-1"}]},
    "data": {"aws_caller_identity": {"me": {}}},
    "resource": {
        "aws_lambda_function": {
            "f": {
                "count": 2,
                "provider": "aws.u",
                "memory_size": "${local.double}",
                "function_name": "f-${count.index}",
                "role": "${aws_iam_role.r.arn}",
                "environment": {"variables": {"A": "%{ if true }x%{ endif }", "B": "$${x}"}},
                "dynamic": {
                    "vpc_config": {"for_each": [1, 2], "content": {"subnet_ids": ["${vpc_config.value}"]}}
                },
                "depends_on": ["aws_iam_role.r"],
                "lifecycle": {"prevent_destroy": True},
                "tags": None,
            }
        },
        "aws_iam_role": {"r": [{"name": "r"}]},
    },
    "module": {"m": {"source": "./m", "x": "${local.list}"}},
    "output": {"o": {"value": "${var.text}"}, "m": {"value": "${module.m.x}"}},
}
MODULE = {"variable": {"x": {}}, "output": {"x": {"value": "${var.x}"}}}


def test_a_stack_in_json_is_evaluated_like_one_in_hcl():
    found = tf(STACK, **{"m/main.tf.json": json.dumps(MODULE)})
    assert set(addresses(found)) == {
        "aws_lambda_function.f[0]", "aws_lambda_function.f[1]", "aws_iam_role.r", "data.aws_caller_identity.me",
    }  # fmt: skip
    f = block(found, "aws_lambda_function.f[1]")
    assert f.attributes == {
        "memory_size": 256,
        "function_name": "f-1",
        "role": Reference("aws_iam_role.r", "arn"),
        "environment": {"variables": {"A": "x", "B": "${x}"}},
        "vpc_config": [{"subnet_ids": [1]}, {"subnet_ids": [2]}],
    }
    assert f.region == "us-east-1"
    assert f.meta == {"lifecycle": {"prevent_destroy": True}, "depends_on": ["aws_iam_role.r"]}
    assert found.outputs == {"o": "${not.a.template}", "m": [1, 128]}
    assert messages(found) == []


def test_places_in_json_are_found():
    text = json.dumps(STACK, indent=2)
    found = tf(text)
    f = block(found, "aws_lambda_function.f[0]")
    span = found.span(found.origin(f, ("environment", "variables", "A")))
    assert text.encode()[span.start_byte : span.end_byte] == b'"%{ if true }x%{ endif }"'
    assert text.split("\n")[span.line - 1].strip().startswith('"A"')
    assert [step.what for step in found.trail(f, ("memory_size",))] == ["local.double"]
    key = found.span(found.origin(f, ("memory_size",))._replace(role="key"))
    assert text.encode()[key.start_byte : key.end_byte] == b'"memory_size"'


def test_variable_files_in_json_are_read_with_their_places():
    files = {
        "main.tf": 'variable "m" {}\nresource "aws_x" "y" {\n  m = var.m.a\n}\n',
        "x.auto.tfvars.json": '{\n "m": {\n  "a": "${x}"\n }\n}',
    }
    found = root(files)
    y = block(found, "aws_x.y")
    assert y.attributes["m"] == "${x}"
    assert found.span(found.trail(y, ("m",))[-1].origin).line == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[",
        "3",
        '"x"',
        "null",
        "{}}",
        '{"a": NaN}',
        "[" * 100_000,
        '{"a": ' * 5_000,
        '{"resource": 1e999999}',
        "\xff",
    ],
    ids=lambda text: text[:10],
)
def test_text_that_is_no_json_object_is_said_once(text):
    found = tf(text, **{"b.tf": 'resource "aws_x" "y" {}\n'})
    assert addresses(found) == ["aws_x.y"]
    assert len(messages(found)) <= 1


@pytest.mark.parametrize(
    "content",
    [
        {"resource": 5},
        {"resource": {"aws_x": 5, "aws_y": {"a": 5, "b": [5], "c": []}}},
        {"resource": {"aws_x": {"y": {"count": {}, "dynamic": 3, "lifecycle": [], "provider": 3}}}},
        {"resource": {"aws_x": {"y": {"dynamic": {"z": {"for_each": "x"}, "w": 3}}}}},
        {"variable": "x", "output": [], "locals": 3, "module": {"m": {"source": {}}}, "provider": {"aws": 3}},
        {"locals": {"a": "${", "b": "${local.a}", "${x}": 1}, "output": {"o": {"value": "${local.a}"}}},
        [{"resource": {"aws_x": {"y": {}}}}, {"output": {"o": {"value": "${aws_x.y.id}"}}}],
        [3],
    ],
)
def test_objects_of_the_wrong_shape_are_no_crash(content):
    found = tf(content)
    for item in found.blocks:
        assert item.attributes is not None
        assert item.meta is not None
        assert item.provider is not None
    assert found.outputs is not None


def test_a_broken_template_in_json_is_unknown():
    found = tf({"output": {"o": {"value": "${1 +}"}}})
    assert isinstance(found.outputs["o"], Unknown)


def test_a_route_into_a_text_that_encodes_json_ends_at_the_text():
    text = json.dumps({"a": json.dumps([{"b": 1}])})
    assert text[slice(*locate(text, ("a", 0, "b"))[1:])] == json.dumps(json.dumps([{"b": 1}]))


def test_a_route_is_located_as_far_as_it_goes():
    text = '{ "a" : [1, {"b\\u00e9": "x"}] , "c": 2 }'
    assert text[slice(*locate(text, ("a", 1, "bé"))[1:])] == '"x"'
    assert text[slice(*locate(text, ("a", 1, "nosuch"))[1:])] == '{"b\\u00e9": "x"}'
    assert text[slice(*locate(text, ("c",))[1:])] == "2"
